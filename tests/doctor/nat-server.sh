#!/bin/bash
# Faults of real servers behind a director that masquerades.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe nat
works
here='--real-server 10.1.0.100 --director 10.2.0.1'
healthy red "$here"
healthy blue "$here"

type_on red 'ip route delete default'
fails
finds red error answers-elsewhere "$here"
mend red
works
healthy red "$here"

type_on red 'ip route replace default via 10.2.0.12'
fails
finds red error answers-elsewhere "$here"
mend red
works
healthy red "$here"

# The director's other address is on no network of the server.
finds red error answers-elsewhere '--real-server 10.1.0.100 --director 10.1.0.100'
[[ -z $remedy ]] || complain "a command: $remedy"
proved
