#!/bin/bash
# Faults of the sync daemons, which talk by a network of their own.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe sync
works
network talk
join master talk 10.5.0.8/24
join backup talk 10.5.0.9/24
for machine in master backup; do
    for role in master backup; do
        type_on $machine "ipvsadm --stop-daemon $role; ipvsadm --start-daemon $role --mcast-interface talk --syncid 7"
        ((status == 0)) || complain "$output"
    done
    healthy $machine
done

# learns: the backup hears of a connection.
open_one() { type_on client 'exec 3<> /dev/tcp/10.1.0.100/80 && printf "POST /cgi-bin/echo HTTP/1.0\r\nContent-Length: 12\r\n\r\nbefore" >&3'; }
heard() { at backup ipvsadm -Lnc | grep -q ESTABLISHED; }
learns() {
    open_one
    heard
}

ip -n master link set talk down
open_one
sent() { at master ipvsadm -Lnc | grep -q ESTABLISHED; }
wait_for sent
finds master error sync-interface
! heard || complain 'the backup heard of it by a dead interface'
mend master
wait_for learns || complain 'the backup hears nothing'
healthy master

# A firewall on the backup, which drops what is not for the service.
type_on backup 'iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -p tcp --dport 80 -j ACCEPT'
finds backup error firewall-sync
count() { at backup iptables-legacy -vnxL INPUT | awk '/policy/ { print $5 }'; }
dropped=$(count)
more() { learns; (($(count) > dropped)); }
wait_for more || complain 'no message was dropped'
mend backup
arrives() { learns; (($(at backup iptables-legacy -vnxL INPUT | awk '/8848/ { print $1 }') > 0)); }
wait_for arrives || complain 'no message arrives'
healthy backup
proved
