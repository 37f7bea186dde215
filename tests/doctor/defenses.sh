#!/bin/bash
# Faults of the settings by which IPVS defends itself when memory is short.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe nat
need_settings
works
healthy director

# Clients that wait for an answer: the director remembers each for a minute.
knock() {
    ip -n client address add "10.1.0.$1/24" dev outside
    type_on client "curl -sZ --parallel-immediate --parallel-max 200 -m 0.5 --interface 10.1.0.$1 'http://10.1.0.100/?[1-200]'"
    knocked=$(waiting "$1")
    ((knocked >= 100)) || complain "only $knocked connections wait"
}
waiting() { at director ipvsadm -Lnc | grep -c "SYN_RECV *10\.1\.0\.$1:"; }
# Five seconds of the minute have passed on the director.
aged() { ! at director ipvsadm -Lnc | grep -q "\(01:00\|00:5[6-9]\) *SYN_RECV *10\.1\.0\.$1:"; }
stay() {
    knock "$1"
    wait_for aged "$1"
    [[ $(waiting "$1") == "$knocked" ]] || complain "of $knocked connections, $(waiting "$1") are left"
}

for server in red blue; do ip -n "$server" route add blackhole 10.1.0.0/24; done
stay 3
healthy director
tune director net.ipv4.vs.drop_entry=3
knock 4
fewer() { (($(waiting 4) < knocked)); }
wait_for fewer || complain 'no connection was forgotten'
finds director warning drop-entry
mend director
stay 5
healthy director
for server in red blue; do ip -n "$server" route delete blackhole 10.1.0.0/24; done
works
healthy director

# A connection that was opened, and whose client says nothing yet.
open_one() { type_on client 'exec 3>&-; exec 3<> /dev/tcp/10.1.0.100/80'; }
lives() {
    open_one
    at director ipvsadm -Lnc | grep -q "TCP $1:[0-5][0-9]  $2 "
}
wait_for lives 14 ESTABLISHED || complain 'a connection does not live for a quarter of an hour'
tune director net.ipv4.vs.secure_tcp=3
wait_for lives 01 SYNACK || complain 'no connection is forgotten early'
hints director secure-tcp
mend director
wait_for lives 14 ESTABLISHED || complain 'connections are forgotten early'
examine director --verbose
[[ $output != *'hint secure-tcp: '* ]] || complain "$output"
proved
