#!/bin/bash
# A director with two ways out: clients come in by one, and the default route is the other.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client far 10.9.0.2/24
router far 10.9.0.254/24
router outside 10.1.0.254/24
router other 10.8.0.254/24
director outside 10.1.0.100/24
director other 10.8.0.1/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
END_OF_NETWORK
serve red red
tune router net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
for name in far outside other; do tune router net.ipv4.conf.$name.rp_filter=0; done
ip -n client route add default via 10.9.0.254
ip -n director route add default via 10.8.0.254
ip -n red route add default via 10.2.0.1
tune director net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.outside.rp_filter=0
type_on director 'ipvsadm -A -t 10.1.0.100:80 -s rr; ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11 -m'
works
healthy director

tune director net.ipv4.conf.outside.rp_filter=1
proves director warning rp-filter
tune director net.ipv4.conf.outside.rp_filter=0 net.ipv4.conf.all.rp_filter=1
proves director warning rp-filter
proved
