#!/bin/bash
# Runs nat.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client outside 10.1.0.2/24
director outside 10.1.0.100/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
serve red red 8080
serve blue blue 8080

follow 'Set up'
follow 'See it work'

ip -n red route delete default
ip -n blue route delete default
trouble 'No return route'
ip -n red route add default via 10.2.0.1
ip -n blue route add default via 10.2.0.1
tune director net.ipv4.ip_forward=0
trouble "The director doesn't forward"
tune director net.ipv4.ip_forward=1
trouble "A client in the servers' own network"
finish
