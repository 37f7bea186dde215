# shellcheck shell=bash
# What the proofs of the doctor's findings share. A script builds a recipe's network and set-up, which the doctor must find healthy. Then
# it makes one fault after the other: requests fail, the doctor names the fault, the command that it prints is run as it is printed,
# requests succeed, and the doctor is silent.
#
# NAME.sh [PROGRAM] runs with that program as `ipvsadm`. Run it with tests/lab/run.

proof=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=docs/recipes/lib.sh
. "$proof/../../docs/recipes/lib.sh" || exit

url=http://10.1.0.100/ asked=6

# recipe NAME builds what the recipe builds, and follows its page's set-up.
recipe() {
    local folder=$proof/../../docs/recipes
    page=$folder/$1.md
    [[ $1 != full-nat && $1 != persistence ]] || need_settings
    eval "$(sed -n "/^build /,/^follow /{/^follow /!p}" "$folder/$1.sh")"
    follow 'Set up' > /dev/null
}

# request SECONDS asks the service a few times; it fails where one answer is missing.
request() {
    local turn urls=''
    for ((turn = 0; turn < asked; turn++)); do urls+=" '$url'"; done
    # curl tells of the last one alone, unless it stops at the first that fails.
    type_on client "curl -sS -g -m $1 --fail-early -H 'Connection: close' $urls"
    ((status == 0))
}

works() { wait_for request 5 || complain "requests fail: $output"; }

fails() { ! request 1 || complain "requests succeed: $output"; }

# examine MACHINE [OPTION…]
examine() { type_on "$1" "ipvsadm --doctor ${*:2}"; }

# healthy MACHINE [OPTION…]: the doctor has nothing to say.
healthy() {
    is_healthy "$@" || complain "$1 is healthy, but the doctor says, with status $status: $output"
}

# heals MACHINE [OPTION…]: the same, soon.
heals() { wait_for is_healthy "$@" || complain "$1 is not healthy: $output"; }

is_healthy() {
    examine "$@"
    [[ $status -eq 0 && -z $output ]]
}

# waits_for MACHINE ID: soon the doctor has something to say of that.
waits_for() {
    wait_for says "$@" || complain "the doctor says nothing of $2: $output, $(at "$1" ipvsadm -Lnc; at "$1" ipvsadm -Ln --stats)"
}

says() {
    examine "$1"
    [[ $output == *"$2: "* ]]
}

# finds MACHINE SEVERITY ID [OPTION…]: the doctor has this to say and nothing else. The commands are left in
# $remedies, the last one in $remedy.
finds() {
    local wanted=1 line
    [[ $2 != error ]] || wanted=2
    [[ $2 != hint ]] || wanted=0
    examine "$1" "${@:4}"
    printf '%s\n' "$output"
    ((status == wanted)) || complain "the status is $status, not $wanted: $output"
    [[ $output == "$2 $3: "* ]] || complain "not found: $3 in: $output"
    remedy='' remedies=()
    while IFS= read -r line; do
        [[ $line == "$2 $3: "* ]] || complain "not looked for: $line"
        [[ $line =~ .*'; run'(' on '[^\ ]+)?': '(.*) ]] || continue
        remedy=${BASH_REMATCH[2]}
        remedies+=("$remedy")
    done <<< "$output"
}

# hints MACHINE ID: the doctor has nothing to say without --verbose, and with it this hint.
hints() {
    healthy "$1"
    examine "$1" --verbose
    [[ $status -eq 0 && $output =~ hint\ $2:[^$'\n']*'; run: '([^$'\n']*) ]] || complain "no hint of $2: $output"
    remedies=("${BASH_REMATCH[1]}")
}

# mend MACHINE runs what the doctor printed.
mend() {
    local line
    [[ ${#remedies[@]} -gt 0 ]] || complain 'no command was printed'
    for line in "${remedies[@]}"; do
        printf '%s# %s\n' "$1" "$line"
        type_on "$1" "$line"
        ((status == 0)) || complain "the command failed: $output"
    done
}

# proves MACHINE SEVERITY ID [OPTION…]: requests fail, the finding's command mends that.
proves() {
    fails
    finds "$@"
    mend "$1"
    works
    healthy "$1" "${@:4}"
}

# proved: the last line of a script.
proved() { printf '%s: works, %s seconds\n' "$(basename "$0" .sh)" "$SECONDS"; }
