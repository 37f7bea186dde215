#!/bin/bash
# Faults of NAT.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe nat
works
healthy director

tune director net.ipv4.ip_forward=0
proves director error forwarding-off
tune director net.ipv4.conf.inside.forwarding=0
proves director error forwarding-off

type_on director 'ip address delete 10.1.0.100/24 dev outside; ip address add 10.1.0.1/24 dev outside'
proves director error vip-not-local
[[ $remedy == *'10.1.0.100/24 dev outside' ]] || complain "not on its network: $remedy"

type_on director 'ip link set outside down'
proves director error vip-interface-down

type_on director 'ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.11:8080 -m -w 0; ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.12:8080 -m -w 0'
proves director error all-weight-0
type_on director 'ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.12:8080 -m'
healthy director

# A server that is switched off.
ip -n red link set inside down
type_on director 'ip neighbour flush dev inside'
failed() { [[ $(ip -n director neighbour show 10.2.0.11) == *FAILED* ]]; }
fails
wait_for failed
proves director error server-silent
# The kernel gives it up once more, after the doctor's question, and asks nobody when it is back.
wait_for failed
ip -n red link set inside up
ip -n red route replace default via 10.2.0.1
type_on director 'ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.11:8080 -m'
healthy director
works
healthy director

# The same with several services: one command for all.
ip -n red link set inside down
type_on director 'ip neighbour flush dev inside'
fails
wait_for failed
type_on director 'ipvsadm -A -t 10.1.0.100:81 -s rr; ipvsadm -a -t 10.1.0.100:81 -r 10.2.0.11:8080 -m; ipvsadm -a -t 10.1.0.100:81 -r 10.2.0.12:8080 -m'
proves director error server-silent
type_on director 'ipvsadm -D -t 10.1.0.100:81; ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.11:8080 -m'
ip -n red link set inside up
ip -n red route replace default via 10.2.0.1
works

# A server beyond a route that is missing, or says no.
type_on director 'ipvsadm -a -t 10.1.0.100:80 -r 10.3.0.11:8080 -m'
proves director error server-unreachable
for kind in unreachable prohibit blackhole; do
    type_on director "ip route replace $kind 10.3.0.0/16; ipvsadm -e -t 10.1.0.100:80 -r 10.3.0.11:8080 -m"
    proves director error server-unreachable
done
type_on director 'ipvsadm -d -t 10.1.0.100:80 -r 10.3.0.11:8080; ip route delete blackhole 10.3.0.0/16'

# A service without servers has no command.
type_on director 'ipvsadm -A -t 10.1.0.100:81 -s rr'
url=http://10.1.0.100:81/
fails
finds director error no-servers
[[ -z $remedy ]] || complain "a command: $remedy"
type_on director 'ipvsadm -D -t 10.1.0.100:81'
healthy director

# All servers are full while a client keeps its connection.
url=http://10.1.0.100/
type_on director 'ipvsadm -C; ipvsadm -A -t 10.1.0.100:80 -s rr; ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m -x 1'
type_on client 'exec 3<> /dev/tcp/10.1.0.100/80'
proves director error all-full
type_on client 'exec 3>&-'

# Rates that stand still. A kernel that has no such setting estimates.
setting=net.ipv4.vs.run_estimation
type_on director "sysctl -n $setting"
if ((status == 0)); then
    rate() { type_on director 'ipvsadm -Ln --rate -t 10.1.0.100:80'; }
    changes() {
        request 5
        rate
        [[ $output != "$before" ]]
    }
    type_on director "sysctl -w $setting=0"
    rate
    before=$output
    ! wait_for changes 2> /dev/null || complain "the rate does not stand still: $output"
    hints director no-estimation
    mend director
    wait_for changes || complain "the rate stands still: $output"
fi

# The engine reads UDP alone.
type_on director 'ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.11:8080 -m; ipvsadm -E -t 10.1.0.100:80 -s rr -p 300 --pe sip'
proves director error sip-not-udp

if [[ -e /proc/sys/net/ipv4/vs/drop_packet ]]; then
    tune director net.ipv4.vs.am_droprate=1 net.ipv4.vs.drop_packet=3
    type_on director 'sysctl -w net.ipv4.vs.drop_packet=3'
    proves director warning drop-packet
fi
proved
