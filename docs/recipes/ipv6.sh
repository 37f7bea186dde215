#!/bin/bash
# Runs ipv6.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client outside fd00:1::2/64
director outside fd00:1::100/64
director inside fd00:2::1/64
red inside fd00:2::11/64
blue inside fd00:2::12/64
END_OF_NETWORK
serve red red 8080
serve blue blue 8080

follow 'Set up'
follow 'See it work'

trouble 'No return route'
trouble 'An address that is still tentative'
tune director net.ipv6.conf.all.forwarding=0
trouble "The director doesn't forward"
finish
