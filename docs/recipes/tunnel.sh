#!/bin/bash
# Runs tunnel.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client outside 10.1.0.2/24
director outside 10.1.0.1/24
router outside 10.1.0.254/24
router inside 10.2.0.254/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
green inside 10.2.0.13/24
END_OF_NETWORK
tune router net.ipv4.ip_forward=1
ip -n director route add default via 10.1.0.254
for server in red blue green; do
    ip -n $server route add default via 10.2.0.254
    serve $server $server
done

follow 'Set up'
follow 'See it work'

trouble 'Nothing arrives from the tunnel'
tune red net.ipv4.conf.all.rp_filter=1
trouble 'Reverse path filter'
trouble 'MTU'
finish
