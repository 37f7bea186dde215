#!/bin/bash
# Faults that show when the other director takes over.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe sync
works
for machine in master backup; do
    type_on $machine 'ipvsadm -E -t 10.1.0.100:80 -s rr -p 300'
    healthy $machine
done

# half: the client opens a connection and sends half of a message. rest: it sends the other half, and shows the answer.
half() { type_on client 'exec 3<> /dev/tcp/10.1.0.100/80 && printf "POST /cgi-bin/echo HTTP/1.0\r\nContent-Length: 12\r\n\r\nbefore" >&3'; }
rest() { type_on client 'printf " after" >&3; timeout 10 tail -n 1 <&3'; }

# moves FROM TO: the address goes to the other director.
moves() {
    type_on "$1" 'ip address delete 10.1.0.100/24 dev lan'
    type_on "$2" 'ip address add 10.1.0.100/24 dev lan && busybox arping -q -U -c 1 -I lan 10.1.0.100'
    ((status == 0)) || complain "$output"
}

# The directors tell each other which server a client has, and no connections.
for machine in master backup; do tune $machine net.ipv4.vs.sync_persist_mode=1; done
learns() {
    half
    at backup ipvsadm -Lnc | grep -q ' 10\.1\.0\.2:0 '
}
wait_for learns || complain 'the backup does not learn which server the client has'
moves master backup
rest
[[ $output == *'Connection reset'* ]] || complain "the connection was not reset: $output"
for machine in master backup; do
    finds $machine warning failover-resets
    mend $machine
    healthy $machine
done
moves backup master
works
half
moves master backup
rest
[[ $output == *': before after' ]] || complain "the connection does not go on: $output"
proved
