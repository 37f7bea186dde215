#!/bin/bash
# Faults of real servers.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe direct-routing
works
here='--real-server 10.1.0.100'
for server in red blue; do
    healthy $server "$here"
    healthy $server "$here:80"
done

# How many machines answer for the address, and whether a server's requests go out in its name.
answers() { at client busybox arping -b -c 2 -I lan 10.1.0.100 | grep -o '\[.*\]' | sort -u | wc -l; }
[[ $(answers) == 1 ]] || complain 'not the director alone answers'
tune red net.ipv4.conf.all.arp_ignore=0
[[ $(answers) == 2 ]] || complain 'the server does not answer'
finds red error arp-answers "$here"
mend red
[[ $(answers) == 1 ]] || complain 'not the director alone answers'
healthy red "$here"

# The client believes whose request it heard last, at once.
tune client net.ipv4.neigh.lan.locktime=0
tune red net.ipv4.conf.all.arp_announce=0
ip -n client neighbour flush dev lan
works
known() { ip -n client neighbour show 10.1.0.100 | grep -o 'lladdr [^ ]*'; }
director=$(known)
ask_as_service() {
    ip -n red neighbour flush dev lan
    # Nobody listens there.
    type_on red 'curl -sS -m 1 --interface 10.1.0.100 http://10.1.0.2:9/'
}
ask_as_service
[[ $(known) != "$director" ]] || complain 'the request was not in the name of the service'
finds red warning arp-announces "$here"
mend red
works
ip -n client neighbour flush dev lan
works
ask_as_service
[[ $(known) == "$director" ]] || complain 'the request was in the name of the service'
healthy red "$here"

type_on red 'ip address delete 10.1.0.100/32 dev lo'
fails
finds red error server-lacks-vip "$here"
mend red
works
healthy red "$here"

# The address with its network: the client seems to be this machine itself.
type_on red 'ip address delete 10.1.0.100/32 dev lo; ip address add 10.1.0.100/24 dev lo'
fails
finds red error vip-with-network "$here"
mend red
works
healthy red "$here"

type_on red 'ip address delete 10.1.0.100/32 dev lo; ip address add 10.1.0.100/24 dev lan'
[[ $(answers) == 2 ]] || complain 'the server does not answer'
finds red error vip-on-the-network "$here"
mend red
[[ $(answers) == 1 ]] || complain 'not the director alone answers'
works
healthy red "$here"

# The web server ends, and comes back.
for process in $(ip netns pids red); do
    [[ $(< "/proc/$process/comm") != busybox ]] || kill "$process"
done
fails
finds red error nobody-listens "$here:80"
[[ -z $remedy ]] || complain "a command: $remedy"
serve red red
works
healthy red "$here:80"
proved
