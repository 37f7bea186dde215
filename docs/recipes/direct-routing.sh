#!/bin/bash
# Runs direct-routing.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client lan 10.1.0.2/24
director lan 10.1.0.1/24
red lan 10.1.0.11/24
blue lan 10.1.0.12/24
END_OF_NETWORK
serve red red
serve blue blue

follow 'Set up'
follow 'See it work'

tune red net.ipv4.conf.all.arp_ignore=0
tune blue net.ipv4.conf.all.arp_ignore=0
trouble 'ARP: a server answers for the address'
ip -n red address delete 10.1.0.100/32 dev lo
trouble 'The address is missing on a server'
trouble 'The server listens elsewhere'
trouble 'Reverse path filter and return route'
finish
