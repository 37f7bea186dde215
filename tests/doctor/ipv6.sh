#!/bin/bash
# Faults with IPv6.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe ipv6
url='http://[fd00:1::100]/'
works
healthy director
healthy red '--real-server fd00:1::100 --director fd00:2::1'

tune director net.ipv6.conf.all.forwarding=0
proves director error forwarding-off

type_on director 'ip address delete fd00:1::100/64 dev outside; ip address add fd00:1::1/64 dev outside nodad'
proves director error vip-not-local

# While the kernel searches for duplicates, nothing is wrong yet.
renew='ip address delete fd00:1::100/64 dev outside; ip address add fd00:1::100/64 dev outside'
tune director net.ipv6.conf.outside.dad_transmits=600
type_on director "$renew"
examine director
[[ $status -eq 0 && $output == 'not looked at: the addresses: fd00:1::100 is tentative'* ]] || complain "$output"
tune director net.ipv6.conf.outside.dad_transmits=1

# Another machine has the address.
namespace stranger
join stranger outside fd00:1::100/64
type_on director "$renew"
refused() { [[ $(ip -n director -6 address show dadfailed) == *fd00:1::100/* ]]; }
wait_for refused
fails
finds director error vip-duplicate
ip -n stranger address delete fd00:1::100/64 dev outside
ip -n client -6 neighbour flush dev outside
mend director
works
heals director

type_on red 'ip -6 route delete default'
fails
finds red error answers-elsewhere '--real-server fd00:1::100 --director fd00:2::1'
mend red
works

ip -n red link set inside down
type_on director 'ip -6 neighbour flush dev inside'
fails
failed() { [[ $(ip -n director -6 neighbour show fd00:2::11) == *FAILED* ]]; }
wait_for failed
proves director error server-silent
proved
