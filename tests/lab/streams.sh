# shellcheck shell=bash disable=SC2154 # shares its variables with tests/lab/run
# The machine's side of every throw-away kernel: what it is handed as files, and the streams of its command.

# hand_over_files MODULES: everything the kernel needs goes through files of $share, so no byte of a path or a word can be misread on
# the way. MODULES is what shall be its /lib/modules.
hand_over_files() {
    cp "$lab/init" "$share/"
    sed "s|^SHARE/|$share/|" "$lab/fstab" > "$share/fstab"
    mkdir "$share/lib" "$share/dev"
    ln -s "$1" "$share/lib/modules"
    ln -s /proc/self/fd "$share/dev/fd"
    ln -s /proc/self/fd/0 "$share/dev/stdin"
    ln -s /proc/self/fd/1 "$share/dev/stdout"
    ln -s /proc/self/fd/2 "$share/dev/stderr"
    ln -s pts/ptmx "$share/dev/ptmx"
    # Of a link, the kernel would follow the old root's side.
    readlink -f "$target" > "$share/target"
    printf '%s' "$lab/inside" > "$share/inside"
}

# run_streamed BOOT… boots for a command. It has its standard input, output and error as files of the machine: a console would change
# bytes and mix the two.
run_streamed() {
    local merged='' followers
    [[ /dev/fd/1 -ef /dev/fd/2 ]] && merged=1
    : > "$share/out"
    [[ -n $merged ]] || : > "$share/err"
    mkfifo "$share/console.in"
    "$@" < "$share/console.in" > "$share/console.log" 2>&1 & kernel=$!
    exec {alive}> "$share/console.in"
    follow "$share/out" {alive}>&- & helpers+=($!)
    [[ -n $merged ]] || { follow "$share/err" >&2 {alive}>&- & helpers+=($!); }
    followers=("${helpers[@]}")
    if [[ ! /dev/fd/0 -ef /dev/null ]]; then
        : > "$share/feed"
        feed <&0 {alive}>&- & helpers+=($!)
    fi
    await "${followers[@]}"
    wait "${followers[@]}"
}

follow() {
    exec tail -c +1 -f -s 0.05 --pid="$kernel" "$1" 2> /dev/null
}

# Cuts standard input into files as it comes. The kernel removes what was read: a fast writer waits for a slow reader.
feed() {
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

kernel_failed() {
    [[ ! -s $share/console.log ]] || cat "$share/console.log" >&2
    fail 'the kernel ended before the command did'
}
