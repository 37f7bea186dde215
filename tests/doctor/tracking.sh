#!/bin/bash
# The connection tracking is full. Its maximum is the whole kernel's, and can be set in the first network namespace alone: here that is
# the director, in a kernel that no other test uses.

[[ -n ${LAB_NO_IPVS:-} ]] || { echo 'run this in a kernel of its own: LAB_NO_IPVS=1 tests/lab/run'; exit 1; }
if [[ -z ${RECIPE_SPACE:-} ]]; then
    RECIPE_SPACE=1 exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

page=$proof/../../docs/recipes/nat.md
build << 'END_OF_NETWORK'
client outside 10.1.0.2/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
serve red red 8080
serve blue blue 8080
# Of a bridge, too, a machine has an end.
ip netns attach director $$
console director
ip address add 10.1.0.100/24 dev outside
ip address add 10.2.0.1/24 dev inside
modprobe ip_vs
follow 'Set up' > /dev/null
works
healthy director

# A rule makes the tracking work. Only connections that both ends hold stay where there is no room for others.
iptables-legacy -A INPUT -m conntrack --ctstate NEW
works
healthy director
counted() { cat /proc/sys/net/netfilter/nf_conntrack_count; }
all_held() { (($(counted) >= 30)); }
serve director page 81
type_on client 'for number in {1..30}; do exec {held}<> /dev/tcp/10.1.0.100/81; done'
wait_for all_held || complain "$(counted) connections"
before=$(< /proc/sys/net/netfilter/nf_conntrack_max) most=$(($(counted) - 2))
tune director net.netfilter.nf_conntrack_max=$most
proves director warning tracking-full
[[ $remedy == "sysctl -w net.netfilter.nf_conntrack_max=$((most * 2))" ]] || complain "another command: $remedy"

# Elsewhere the maximum can't be set, and there is no command.
tune director net.netfilter.nf_conntrack_max=1
at client ipvsadm -A -t 10.1.0.2:80 -s rr
at client iptables-legacy -A OUTPUT -m conntrack --ctstate NEW
type_on client 'echo > /dev/udp/10.1.0.100/9; ipvsadm --doctor'
[[ $output == *'warning tracking-full: '* && $output != *nf_conntrack_max=* ]] || complain "$output"
tune director net.netfilter.nf_conntrack_max="$before"

# The first namespace stays, and other tests of this kernel begin without the module.
ipvsadm -C
at client ipvsadm -C
iptables-legacy -F
ip link delete outside
ip link delete inside
modprobe -r ip_vs_rr ip_vs
proved
