#!/bin/bash
# Runs fwmark.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client outside 10.1.0.2/24 10.1.0.3/24
director outside 10.1.0.100/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
for server in red blue; do
    serve $server $server 80
    serve $server $server 443
done

follow 'Set up'
follow 'See it work'
trouble 'The mark is missing'
finish
