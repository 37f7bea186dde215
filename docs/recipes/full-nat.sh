#!/bin/bash
# Runs full-nat.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

need_settings
build << 'END_OF_NETWORK'
client outside 10.1.0.2/24
director outside 10.1.0.100/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
serve red red
serve blue blue

follow 'Set up'
follow 'See it work'

tune director net.ipv4.vs.conntrack=0
trouble 'conntrack is 0'
trouble 'The tracking table is full'
trouble 'Too few ports'
finish
