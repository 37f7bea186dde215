#!/bin/bash
# Full packets do not fit into tunnels.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

need_settings
recipe tunnel
works
healthy director
for server in red blue green; do serve_echo $server $server 8080; done
type_on director "ipvsadm -Sn | sed 's/:80 /:8080 /g' | ipvsadm -R"
((status == 0)) || complain "$output"
url=http://10.1.0.100:8080/cgi-bin/echo
head -c 20000 /dev/zero | tr '\0' x > "$work/upload"

# upload SECONDS sends several full packets to each server; each must answer all of it.
upload() {
    local turn
    for turn in 1 2 3; do
        type_on client "curl -sS -m $1 --data-binary @$work/upload $url | wc -c"
        ((output > 20000)) || return
    done
}
uploads() { upload 5; }

# hangs: no server gets it.
hangs() {
    local turn
    for turn in 1 2 3; do
        type_on client "curl -sS -m 1 --data-binary @$work/upload $url"
        [[ $status -eq 28 ]] || complain "status $status: ${output:0:200}"
    done
}

# no_hint: the doctor has nothing to say of the tunnels.
no_hint() {
    examine director --verbose
    [[ $status -eq 0 && $output != *tunnel-mtu* ]] || complain "status $status: $output"
}

# A client that hears IPVS sends smaller packets.
uploads || complain "the upload fails: $output"
type_on client 'ip route flush cache; iptables-legacy -A INPUT -p icmp -j DROP'
hangs
hints director tunnel-mtu
[[ $output == *'of 1500 bytes, and the tunnel to 10.2.0.12 has room for 1468: '* ]] || complain "$output"
mend director
wait_for uploads || complain "the upload fails: $output"
no_hint

# A network of the servers with room for the outer packets.
tune director net.ipv4.vs.pmtu_disc=1
hangs
join director inside 10.2.0.1/24
for machine in director red blue green; do ip -n $machine link set inside mtu 1600; done
for plug in $(ip -brief link show master inside | cut -d@ -f1); do ip link set "$plug" mtu 1600; done
wait_for uploads || complain "the upload fails: $output"
no_hint
proved
