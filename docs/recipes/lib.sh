# shellcheck shell=bash
# What the recipes' scripts share. A recipe's commands stand on its page and nowhere else: a script builds the network, then follows
# the page, section by section. Every command of the page runs on the machine that its prompt names, and must print what the page
# shows below it (… stands for anything; nothing shown means: prints nothing and succeeds).
#
# NAME.sh [PROGRAM] runs with that program as `ipvsadm`, unless told with the one of the path. Run it with tests/lab/run.

# A recipe has its own space of networks, mounts and processes: several can run at once, and nothing is left.
if [[ -z ${RECIPE_SPACE:-} ]]; then
    RECIPE_SPACE=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

# shellcheck source=tests/lab/net.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../tests/lab/net.sh"

set -e
shopt -s extglob
trap 'exit 130' INT
trap 'exit 143' TERM
page=${0%.sh}.md
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
work=/run/netns/.work
mkdir "$work"
declare -A followed=() keyboard=() screen=()

PATH=$work:$PATH
[[ -z ${1:-} ]] || ln -s "$1" "$work/ipvsadm"
# Some of what the pages show only this project's program can do.
version=$(ipvsadm --version) || exit
[[ $version == *compatible* ]] && ours=1 || ours=

complain() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# On a kernel that is shared with the machine, an ordinary user's space lacks the settings of IPVS: half of a page must not pass for it.
need_settings() {
    [[ -e /proc/sys/net/ipv4/vs/conntrack ]] ||
        complain 'the settings of IPVS are not to be seen here: run this as root, or with LAB_KERNEL=uml'
}

# build reads lines of MACHINE NETWORK ADDRESS/BITS… and makes the machines, the networks, and an interface for every line, with the
# network's name. It is `namespace`, `network` and `join` in few processes: a process is slow in a throw-away kernel.
build() {
    local machine network address plugs=0 all='' known=' '
    local -A within=()
    while read -r machine network address; do
        if [[ $known != *" $network "* ]]; then
            all+="link add $network type bridge"$'\n'"link set $network up"$'\n'
            known+="$network "
        fi
        if [[ -z ${within[$machine]:-} ]]; then
            all="netns add $machine"$'\n'$all
            within[$machine]='link set lo up'$'\n'
        fi
        plugs=$((plugs + 1))
        all+="link add plug$plugs master $network up type veth peer name $network netns $machine"$'\n'
        within[$machine]+="link set $network up"$'\n'
        for address in $address; do
            # An IPv6 address is usable at once only without the search for duplicates.
            [[ $address != *:* ]] || address+=' nodad'
            within[$machine]+="address add $address dev $network"$'\n'
        done
    done
    ip -batch - <<< "$all"
    for machine in "${!within[@]}"; do
        ip -n "$machine" -batch - <<< "${within[$machine]}"
        console "$machine"
    done
}

# console MACHINE starts the shell that commands for it are typed into.
console() {
    local descriptor
    mkfifo "$work/$1.keyboard" "$work/$1.screen"
    at "$1" bash < "$work/$1.keyboard" > "$work/$1.screen" 2>&1 &
    exec {descriptor}> "$work/$1.keyboard"
    keyboard[$1]=$descriptor
    exec {descriptor}< "$work/$1.screen"
    screen[$1]=$descriptor
}

# serve_echo MACHINE TEXT [PORT] is `serve`, with a program besides that answers what it was sent: /cgi-bin/echo. Its connection stays
# open until all of it was sent.
serve_echo() {
    local folder=$work/$1.www
    mkdir -p "$folder/cgi-bin"
    printf '%s\n' "$2" > "$folder/index.html"
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%s: "\ncat\necho\n' "$2" > "$folder/cgi-bin/echo"
    chmod +x "$folder/cgi-bin/echo"
    at "$1" busybox httpd -p "${3:-80}" -h "$folder"
}

# page_program NAME makes a program of the block of the page that begins with #! and names it NAME.
page_program() {
    awk '/^```/ { inside = 0 } /^#!/ { inside = 1 } inside' "$page" > "$work/$1"
    chmod +x "$work/$1"
}

# type_on MACHINE COMMAND leaves what it printed in $output and its status in $status.
type_on() {
    local line mark="done:$RANDOM$RANDOM"
    printf '{ %s\n} < /dev/null; printf "\\n%s %%s\\n" "$?"\n' "$2" "$mark" >&"${keyboard[$1]}"
    output=
    while IFS= read -r line <&"${screen[$1]}" || complain "the shell of $1 ended"; do
        [[ $line != "$mark "* ]] || break
        output+=$line$'\n'
    done
    status=${line#"$mark "}
    output=${output%%*($'\n')}
}

# follow HEADING runs the commands of a section of the page.
follow() {
    local line inside='' block='' machine='' command='' wanted='' more='' count=0
    while IFS= read -r line; do
        if [[ -n $more ]]; then
            command+=$'\n'$line
        elif [[ $line == '```'* ]]; then
            perform
            if [[ -n $block ]]; then block=; else block=1; fi
        elif [[ -z $block && $line == '#'* ]]; then
            if [[ ${line##+(#) } == "$1" ]]; then inside=1; else inside=; fi
        elif [[ -n $block && $line =~ ^([a-z]+)'# '(.*) ]]; then
            perform
            machine=${BASH_REMATCH[1]} command=${BASH_REMATCH[2]} wanted=
        elif [[ -n $block ]]; then
            wanted+=${wanted:+$'\n'}$line
            continue
        fi
        if [[ $line == *\\ ]]; then more=1; else more=; fi
    done < "$page"
    ((count > 0)) || complain "the page has no commands under: $1"
    followed[$1]=1
}

# The part of `follow` that runs the command which was read, if any, and compares.
perform() {
    local output status end=$((SECONDS + 30))
    [[ -n $command && -n $inside ]] || { command=; return 0; }
    count=$((count + 1))
    printf '%s# %s\n' "$machine" "$command"
    while type_on "$machine" "$command"; ! as_shown; do
        # Counters and states follow the traffic after a while: lists are asked for again.
        if [[ $command != 'ipvsadm -L'* ]] || ((SECONDS >= end)); then
            printf '%s\n' "$output"
            complain "status $status, and the page shows:"$'\n'"$wanted"
        fi
        sleep 0.1
    done
    [[ -z $output ]] || printf '%s\n' "$output"
    command=
}

as_shown() {
    local lines shown index
    [[ -n $wanted || $status -eq 0 ]] || return
    mapfile -t lines <<< "$output"
    mapfile -t shown <<< "$wanted"
    [[ ${#lines[@]} -eq ${#shown[@]} ]] || return
    for index in "${!lines[@]}"; do
        matches "${lines[index]}" "${shown[index]}" || return
    done
}

# Blanks at the end of a line don't count: editors cut them off.
matches() {
    local text=${1%%+( )} pattern=$2
    pattern=${pattern//\\/\\\\}
    pattern=${pattern//\[/\\[}
    pattern=${pattern//\*/\\*}
    pattern=${pattern//\?/\\?}
    pattern=${pattern//\(/\\(}
    pattern=${pattern//…/*}
    # shellcheck disable=SC2053 # a pattern
    [[ $text == $pattern ]]
}

# trouble HEADING follows a section about what goes wrong. What the kernel does there is the same with every program: with the
# original it is passed over, to save time.
trouble() { follow_ours "$1"; }

# follow_ours HEADING follows a section that only this project's ipvsadm can do.
follow_ours() {
    if [[ -n $ours ]]; then follow "$1"; else followed[$1]=1; fi
}

# The last line of a script: no command of the page was left out.
finish() {
    local line heading='' block='' missed=()
    while IFS= read -r line; do
        if [[ $line == '```'* ]]; then
            if [[ -n $block ]]; then block=; else block=1; fi
        elif [[ -z $block && $line == '#'* ]]; then
            heading=${line##+(#) }
        elif [[ -n $block && $line =~ ^[a-z]+'# ' && -z ${followed[$heading]:-} ]]; then
            missed+=("$heading: $line")
        fi
    done < "$page"
    [[ ${#missed[@]} -eq 0 ]] || complain 'not followed:' "${missed[@]}"
    printf '%s: works, %s seconds\n' "$(basename "$0" .sh)" "$SECONDS"
}
