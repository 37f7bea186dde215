# shellcheck shell=bash disable=SC2034,SC2154 # shares its variables with tests/lab/run
# The lab where the machine's own kernel has IPVS: a private space of network, mounts and processes in it. Files are the machine's
# own, so here only what a command mounts is gone afterwards.

host_needs=(unshare=util-linux setpriv=util-linux hostname)
host_space=(unshare --net --mount --uts --ipc)
# Root stays root: kernels refuse IPVS to the root of a user namespace, at least up to Linux 6.12.
[[ $EUID -eq 0 ]] || host_space+=(--user --map-root-user)

# Whether this kernel has IPVS and lets the private space use it.
host_works() {
    [[ -e /proc/net/ip_vs ]] || as_root modprobe -q ip_vs 2> /dev/null
    if [[ $EUID -eq 0 ]]; then
        "${host_space[@]}" test -e /proc/net/ip_vs
    else
        "${host_space[@]}" "$(our_ipvsadm)" -Ln
    fi
} > /dev/null 2>&1

host_hand_over() { :; }

# A shell starts background commands deaf to Ctrl-C; the command shall not inherit that. And the space shall not outlive the script.
host_boot() {
    exec setpriv --pdeathsig KILL env --default-signal=INT,QUIT "${host_space[@]}" "$@" bash "$lab/space" "$share" "$lab/inside"
}

host_command() {
    host_boot --pid --fork --kill-child <&0 & kernel=$!
    await
}

# Processes of its own would cost a shell its control of jobs.
host_shell() {
    terminal=$(stty -g)
    host_boot <&0 & kernel=$!
    await
}

# The first process of the space dies with unshare, and all others with that one.
host_stop() { kill -KILL "$kernel"; }

host_failed() { fail 'the private space could not be made'; }
