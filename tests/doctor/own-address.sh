#!/bin/bash
# A real server's own address is named by mistake: no command may take it away.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe direct-routing

# no_command ADDRESS: it is found, and left to who knows better.
no_command() {
    finds red error vip-on-the-network "--real-server $1"
    [[ -z $remedy ]] || complain "a command: $remedy"
}

# The only address of the interface, and the only one of its network.
no_command 10.1.0.11
type_on red 'ip address add 192.168.5.1/24 dev lan'
no_command 10.1.0.11
type_on red 'ip address delete 192.168.5.1/24 dev lan'
# The first one of its network takes the others with it.
type_on red 'ip address add 10.1.0.13/24 dev lan'
no_command 10.1.0.11
# One that came later takes none.
finds red error vip-on-the-network '--real-server 10.1.0.13'
mend red
type_on red 'ip -o -4 address show dev lan'
[[ $output == *' 10.1.0.11/24 '* && $output != *10.1.0.13* ]] || complain "$output"
works
healthy red '--real-server 127.0.0.1'
proved
