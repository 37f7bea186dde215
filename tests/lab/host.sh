# shellcheck shell=bash disable=SC2034,SC2154 # shares its variables with tests/lab/run
# The lab where the machine's own kernel has IPVS: a private space of users, network, mounts and processes in it. Files are the
# machine's own, so here only what a command mounts is gone afterwards.

host_needs=(unshare=util-linux hostname)
host_space=(unshare --user --map-root-user --net --mount --uts --ipc)

# Whether this kernel has IPVS and lets a private space use it.
host_works() {
    [[ -e /proc/net/ip_vs ]] || as_root modprobe -q ip_vs 2> /dev/null
    "${host_space[@]}" test -e /proc/net/ip_vs 2> /dev/null
}

host_hand_over() { :; }

# A shell starts background commands deaf to Ctrl-C; the command shall not inherit that.
host_boot() {
    exec env --default-signal=INT,QUIT \
        "${host_space[@]}" --pid --fork --kill-child bash "$lab/space" "$share" "$lab/inside"
}

host_command() {
    host_boot <&0 & kernel=$!
    await
}

host_shell() { host_command; }

# The first process of the space dies with unshare, and all others with that one.
host_stop() { kill -KILL "$kernel"; }

host_failed() { fail 'the private space could not be made'; }
