#!/bin/bash
# Faults of full NAT.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe full-nat
works
healthy director
tune director net.ipv4.vs.conntrack=0
proves director error full-nat-untracked
proved
