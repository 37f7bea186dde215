#!/bin/bash
# Runs sync.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

need_settings
build << 'END_OF_NETWORK'
client lan 10.1.0.2/24
master lan 10.1.0.8/24
backup lan 10.1.0.9/24
red lan 10.1.0.11/24
blue lan 10.1.0.12/24
END_OF_NETWORK
serve_echo red red
serve_echo blue blue

follow 'Set up'
follow 'See it work'
follow 'The switch'

# The backup carried the second half: it has counted packets, of a connection that it didn't open.
carried() {
    type_on backup 'ipvsadm -Ln --stats -t 10.1.0.100:80'
    [[ $output =~ TCP\ +10\.1\.0\.100:80\ +0\ +([0-9]+) ]] && ((BASH_REMATCH[1] > 0))
}
wait_for carried

trouble "The backup doesn't know the connections"
trouble 'Clients still send to the old director'
finish
