#!/bin/bash
# Faults of persistent services.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe persistence
works
healthy director

# A client's server is taken out, and the client stays.
type_on client 'curl -sS -m 5 http://10.1.0.100/'
server=$output
declare -A address=([red]=10.2.0.11 [blue]=10.2.0.12)
type_on director "ipvsadm -e -t 10.1.0.100:80 -r ${address[$server]} -m -w 0"
type_on client 'curl -sS -m 5 http://10.1.0.100/'
[[ $output == "$server" ]] || complain "the client did not stay: $output"
finds director warning held-by-persistence
mend director
type_on client 'curl -sS -m 5 http://10.1.0.100/'
[[ $status -eq 0 && $output != "$server" ]] || complain "the client stays: $output"
healthy director
proved
