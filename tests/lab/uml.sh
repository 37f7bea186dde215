# shellcheck shell=bash disable=SC2034,SC2154 # shares its variables with tests/lab/run
# The machine's side of the throw-away kernel: User-Mode Linux, a whole kernel as an ordinary process. It needs no rights.

uml_needs=(linux.uml=user-mode-linux cc=gcc /usr/include/stdlib.h=libc6-dev)

uml_hand_over() {
    hand_over_files /usr/lib/uml/modules
    uml_library || fail "can't build tests/lab/xstate.c"
}

# What User-Mode Linux lacks on new processors is in a library that is loaded into it alone. In $share its path has no blank, at which
# LD_PRELOAD would be cut.
uml_library() {
    local built=$target/lab/xstate.so
    if [[ ! $built -nt $lab/xstate.c ]]; then
        mkdir -p "$target/lab" && cc -O2 -shared -fPIC -o "$built.$$" "$lab/xstate.c" && mv "$built.$$" "$built" || return
    fi
    cp "$built" "$share/xstate.so"
}

uml_boot() {
    local memory=${LAB_MEM:-1G}
    TMPDIR=$(uml_memory_folder "$memory") LD_PRELOAD=$share/xstate.so exec linux.uml mem="$memory" rootfstype=hostfs rootflags=/ ro \
        con=null con0=fd:0,fd:1 quiet loglevel=1 noreboot panic=1 uml_dir="$share/" umid=uml init="$share/init" "$@"
}

# Its memory is a file. /dev/shm is fastest, but containers have little of it, and the kernel would break when that is full.
uml_memory_folder() {
    local free block
    read -r free block < <(stat -f -c '%a %S' /dev/shm)
    if ((free * block > $(numfmt --from=iec "$1"))); then echo /dev/shm; else echo /tmp; fi
} 2> /dev/null

# It makes itself the leader of a group, early on.
uml_stop() { kill -KILL -- "-$kernel" || kill -KILL "$kernel"; }

# A shell of one's own has the console, which is this terminal. The kernel's own messages go elsewhere.
uml_shell() {
    terminal=$(stty -g)
    printf '%s\n' /dev/tty0 "$(stty size)" > "$share/console"
    uml_boot console=ttyS0 ssl0=null <&0 & kernel=$!
    await
    stty "$terminal"
}

uml_command() { run_streamed uml_boot; }

uml_failed() { kernel_failed; }
