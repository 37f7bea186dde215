#!/bin/bash
# What may be meant so.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe nat
works

# All clients behind one address: one server gets them all.
type_on director 'ipvsadm -E -t 10.1.0.100:80 -s sh'
asked=12
works
[[ $(sort -u <<< "$output") != *$'\n'* ]] || complain "several servers: $output"
hints director one-client
mend director
several() { request 5 && [[ $(sort -u <<< "$output") == *$'\n'* ]]; }
wait_for several || complain "one server: $output"
examine director --verbose
[[ $output != *'hint one-client: '* ]] || complain "$output"

# A connection that says nothing for longer than IPVS remembers it.
type_on director 'ipvsadm --set 2 0 0'
open_one() { type_on client 'exec 3<> /dev/tcp/10.1.0.100/80 && printf "GET / HTTP/1.0\r\n" >&3'; }
known() { at director grep -q ESTABLISHED /proc/net/ip_vs_conn; }
forgotten() { ! known; }
end_it() { type_on client 'printf "\r\n" >&3; timeout 2 tail -n 1 <&3'; }
wait_for forgotten
open_one
wait_for known
wait_for forgotten
end_it
[[ $output != red && $output != blue ]] || complain "an answer: $output"
hints director idle-timeout
mend director
open_one
wait_for known
[[ $(at director ipvsadm -Lnc | grep ESTABLISHED) =~ TCP\ 12[01]:[0-5][0-9]\  ]] || complain 'the connection will be forgotten'
end_it
[[ $output == red || $output == blue ]] || complain "no answer: $output"
examine director --verbose
[[ $output != *'hint idle-timeout: '* ]] || complain "$output"

# The director as a server.
type_on director 'ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.1 -g -w 1'
healthy director
examine director --verbose
[[ $output == *'hint server-local: the server 10.2.0.1 is this machine itself'* ]] || complain "$output"
proved
