#!/bin/bash
# Faults of direct routing.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe direct-routing
works
healthy director

# A server in another network: the router sends its packets back.
namespace router
join router lan 10.1.0.254/24
type_on director 'ip route add 10.4.0.0/16 via 10.1.0.254; ipvsadm -a -t 10.1.0.100:80 -r 10.4.0.11 -g'
proves director error server-not-attached
type_on director 'ipvsadm -d -t 10.1.0.100:80 -r 10.4.0.11'

# A standby has no address, and is healthy.
type_on director 'ip address delete 10.1.0.100/24 dev lan'
cp "$(command -v sleep)" "$work/keepalived"
"$work/keepalived" 600 & standby=$!
has_its_name() { [[ $(< "/proc/$standby/comm") == keepalived ]]; }
wait_for has_its_name
hints director vip-not-local
kill "$standby"
wait "$standby" || true
proves director error vip-not-local
proved
