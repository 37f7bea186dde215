# shellcheck shell=bash disable=SC2034,SC2154 # shares its variables with tests/lab/run
# The machine's side of the throw-away kernel: User-Mode Linux, a whole kernel as an ordinary process. It needs no rights.

uml_needs=(linux.uml=user-mode-linux cc=gcc /usr/include/stdlib.h=libc6-dev)

# Everything the kernel needs goes through files of $share, so no byte of a path or a word can be misread on the way.
uml_hand_over() {
    cp "$lab/init" "$lab/fstab" "$share/"
    mkdir "$share/lib" "$share/dev"
    ln -s /usr/lib/uml/modules "$share/lib/modules"
    ln -s /proc/self/fd "$share/dev/fd"
    ln -s /proc/self/fd/0 "$share/dev/stdin"
    ln -s /proc/self/fd/1 "$share/dev/stdout"
    ln -s /proc/self/fd/2 "$share/dev/stderr"
    ln -s pts/ptmx "$share/dev/ptmx"
    # Of a link, the kernel would follow the old root's side.
    readlink -f "$target" > "$share/target"
    printf '%s' "$lab/inside" > "$share/inside"
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
    stty size > "$share/console"
    uml_boot console=ttyS0 ssl0=null <&0 & kernel=$!
    await
    stty "$terminal"
}

# A command has its standard input, output and error as files of the machine: a console would change bytes and mix the two.
uml_command() {
    local merged='' followers
    [[ /dev/fd/1 -ef /dev/fd/2 ]] && merged=1
    : > "$share/out"
    [[ -n $merged ]] || : > "$share/err"
    mkfifo "$share/console.in"
    uml_boot < "$share/console.in" > "$share/console.log" 2>&1 & kernel=$!
    exec {alive}> "$share/console.in"
    uml_follow "$share/out" {alive}>&- & helpers+=($!)
    [[ -n $merged ]] || { uml_follow "$share/err" >&2 {alive}>&- & helpers+=($!); }
    followers=("${helpers[@]}")
    if [[ ! /dev/fd/0 -ef /dev/null ]]; then
        : > "$share/feed"
        uml_feed <&0 {alive}>&- & helpers+=($!)
    fi
    await "${followers[@]}"
    wait "${followers[@]}"
}

uml_follow() {
    exec tail -c +1 -f -s 0.05 --pid="$kernel" "$1" 2> /dev/null
}

# Cuts standard input into files as it comes. The kernel removes what was read: a fast writer waits for a slow reader.
uml_feed() {
    local next=0 piece
    trap 'kill "$piece" 2> /dev/null; exit' TERM
    while :; do
        dd bs=1M count=1 of="$share/in.part" status=none <&0 2> /dev/null & piece=$!
        wait "$piece"
        [[ -s $share/in.part ]] || break
        mv "$share/in.part" "$share/in.$next"
        next=$((next + 1))
        while [[ -e $share/in.$((next - 64)) ]]; do sleep 0.05; done
    done
    : > "$share/in.$next"
}

uml_failed() {
    [[ ! -s $share/console.log ]] || cat "$share/console.log" >&2
    fail 'the kernel ended before the command did'
}
