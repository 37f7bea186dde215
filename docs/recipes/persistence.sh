#!/bin/bash
# Runs persistence.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

need_settings
build << 'END_OF_NETWORK'
client outside 10.1.0.2/24 10.1.0.3/24 10.1.7.2/24 10.1.7.3/24
director outside 10.1.0.100/24 10.1.7.1/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
serve red red
serve blue blue

follow 'Set up'
follow 'See it work'
trouble 'A server of weight 0 still gets connections'
follow_ours 'A server is to be taken out'
finish
