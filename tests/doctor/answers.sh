#!/bin/bash
# Answers that do not come back.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe nat

# A server that answers by another router, and never answered by this one.
ip -n red route replace default via 10.2.0.12
fails
waits_for director answers-missing
finds director error answers-missing
mend red
works
heals director

# A client in the servers' own network. The program of the table that is there is the one that is named.
type_on director 'iptables-legacy -t nat -L > /dev/null'
type_on blue "curl -sS -m 1 'http://10.1.0.100/' 'http://10.1.0.100/'"
((status != 0)) || complain 'a client beside the servers was answered'
waits_for director client-beside-server
finds director warning client-beside-server
mend director
type_on blue "curl -sS -m 5 -H 'Connection: close' 'http://10.1.0.100/' 'http://10.1.0.100/'"
((status == 0)) || complain "a client beside the servers is not answered: $output"
# What waited is forgotten after a minute.
forgotten() { ! at director grep -q SYN_RECV /proc/net/ip_vs_conn; }
for ((turn = 0; turn < 10; turn++)); do ! wait_for forgotten 2> /dev/null || break; done
forgotten || complain 'connections wait for ever'
heals director
works
proved
