#!/bin/bash
# Far more connections than buckets. The table is the module's: this loads and unloads it, in a kernel that no other test uses.

[[ -n ${LAB_NO_IPVS:-} ]] || { echo 'run this in a kernel of its own: LAB_NO_IPVS=1 tests/lab/run'; exit 1; }

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

# The smallest table that the module makes fills soonest.
! grep -q '^ip_vs ' /proc/modules || modprobe -r ip_vs
modprobe ip_vs conn_tab_bits=8
recipe nat
type_on director 'ipvsadm -A -u 10.1.0.100:9 -s rr; ipvsadm -a -u 10.1.0.100:9 -r 10.2.0.11:9 -m'
works
healthy director

# Every packet is a connection, but for those from a port that had one.
fill() {
    # shellcheck disable=SC2016 # for the client's shell
    type_on client 'for ((turn = 0; turn < 5500; turn++)); do echo > /dev/udp/10.1.0.100/9; done'
    wait_for is_filled || complain "$(known) connections"
}
known() { at director cat /proc/net/ip_vs_conn | wc -l; }
is_filled() { (($(known) > 4200)); }

buckets() { [[ $(at director ipvsadm -L) == *"(size=$1)"* ]] || complain "$(at director ipvsadm -L)"; }

# silent: nothing is said of the table.
silent() {
    examine director --verbose
    [[ $status -eq 0 && $output != *connection-table-small* ]] || complain "status $status: $output"
}

fill
if [[ -e /proc/sys/net/ipv4/vs/conn_lfactor ]]; then
    # Here the table grows by itself.
    silent
else
    buckets 256
    hints director connection-table-small
    mend director
    rules=$(at director ipvsadm -Sn)
    at director ipvsadm -C
    modprobe -r ip_vs_rr ip_vs
    modprobe ip_vs
    at director ipvsadm -R <<< "$rules"
    fill
    buckets 8192
    silent
    works
    rm /etc/modprobe.d/ip_vs-conn_tab_bits.conf
fi
# Other tests of this kernel begin without the module.
at director ipvsadm -C
modprobe -r ip_vs_rr ip_vs
proved
