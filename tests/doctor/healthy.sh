#!/bin/bash
# The set-up of every recipe is healthy.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

# Each recipe is a space of its own.
if [[ -z ${RECIPE:-} ]]; then
    for path in "$proof"/../../docs/recipes/*.sh; do
        name=$(basename "$path" .sh)
        # The directors of etcd need its programs; their set-up is that of direct routing.
        [[ $name == lib || $name == etcd ]] || RECIPE_SPACE='' RECIPE=$name bash "$0" "$@" || complain "$name is not healthy"
    done
    proved
    exit
fi

recipe "$RECIPE"
directors=0
for machine in director master backup; do
    [[ -n ${keyboard[$machine]:-} ]] || continue
    # Before and after there were clients.
    healthy "$machine"
    directors=$((directors + 1))
done
((directors > 0)) || complain 'no director was looked at'
[[ $RECIPE != ipv6 ]] || url='http://[fd00:1::100]/'
works
for machine in director master backup; do
    [[ -z ${keyboard[$machine]:-} ]] || healthy "$machine"
done
proved
