# shellcheck shell=bash
# Networks for the lab: clients, directors and real servers as network namespaces on bridges. For scripts that run inside tests/lab/run:
# demo and the recipes. Nothing here waits for a time, only for a condition.

# namespace NAME… makes machines, each with its loopback up.
namespace() {
    local name
    for name in "$@"; do
        ip netns add "$name" && ip -n "$name" link set lo up || return
    done
}

# network NAME… makes switches.
network() {
    local name
    for name in "$@"; do
        ip link add "$name" type bridge && ip link set "$name" up || return
    done
}

# join NAMESPACE NETWORK ADDRESS/BITS… plugs a machine into a switch. Its interface there has the network's name.
join() {
    local name=$1 network=$2 address port
    shift 2
    port=$network.$(ip -brief link show master "$network" | wc -l)
    ip link add "$port" master "$network" up type veth peer name "$network" netns "$name" &&
        ip -n "$name" link set "$network" up || return
    for address in "$@"; do
        # An IPv6 address is usable at once only without the search for duplicates.
        if [[ $address == *:* ]]; then set -- nodad; else set --; fi
        ip -n "$name" address add "$address" dev "$network" "$@" || return
    done
}

# at NAMESPACE COMMAND… runs a command on a machine.
at() { ip netns exec "$@"; }

# tune NAMESPACE KEY=VALUE… sets kernel settings of a machine, such as net.ipv4.ip_forward=1.
tune() {
    local name=$1 setting key
    for setting in "${@:2}"; do
        key=${setting%%=*}
        # shellcheck disable=SC2016 # for the inner shell
        at "$name" sh -c 'echo "$1" > "$2"' sh "${setting#*=}" "/proc/sys/${key//.//}" || return
    done
}

# serve NAMESPACE TEXT [PORT] starts a web server there whose page is TEXT. It listens when this returns.
serve() {
    local folder
    folder=$(mktemp -d) && printf '%s\n' "$2" > "$folder/index.html" &&
        at "$1" busybox httpd -p "${3:-80}" -h "$folder"
}

# ask NAMESPACE URL [CURL OPTION…] prints what a web server answers a machine.
ask() { at "$1" curl --silent --show-error --max-time 5 "${@:3}" "$2"; }

# ask_times COUNT NAMESPACE URL asks again and again, each time on a new connection.
ask_times() {
    local turn
    for ((turn = 0; turn < $1; turn++)); do ask "${@:2}" || return; done
}

# wait_for COMMAND… until it succeeds, ten seconds at most.
wait_for() {
    local end=$((SECONDS + 10))
    until "$@" > /dev/null 2>&1; do
        if ((SECONDS >= end)); then
            printf 'waited in vain for: %s\n' "$*" >&2
            return 1
        fi
        sleep 0.05
    done
}

# Shows a command as if typed on a machine, then runs it: type_at NAMESPACE COMMAND…
type_at() {
    printf '%s# %s\n' "$1" "${*:2}"
    at "$@"
}

# Removes all machines and switches, with the servers that run there. The plugs go first: a namespace is dismantled later, and would
# keep their names for a while.
clear_networks() {
    local name process
    for name in $(ip -brief link show type veth | cut -d@ -f1) $(ip -brief link show type bridge | cut -d' ' -f1); do
        ip link delete "$name"
    done
    for name in $(ip netns list | cut -d' ' -f1); do
        for process in $(ip netns pids "$name"); do kill -KILL "$process" || true; done
        ip netns delete "$name"
    done
}
