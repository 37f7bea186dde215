#!/bin/bash
# Faults of tunnels.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe tunnel
works
healthy director
here='--real-server 10.1.0.100:80'
for server in red blue green; do healthy $server "$here"; done

for server in red green; do
    tune $server net.ipv4.conf.all.rp_filter=1
    fails
    finds $server error tunnel-rp-filter "$here"
    mend $server
    works
    healthy $server "$here"
done

type_on blue 'ip link set ipvs down'
fails
finds blue error tunnel-down "$here"
mend blue
works
healthy blue "$here"
proved
