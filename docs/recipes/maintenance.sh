#!/bin/bash
# Runs maintenance.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

build << 'END_OF_NETWORK'
client outside 10.1.0.2/24
director outside 10.1.0.100/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
serve_echo red red
serve_echo blue blue
for machine in director client; do type_on $machine "cd $work"; done

follow 'Set up'
follow 'Weight 0'

# Only when the director is waiting for that, the client ends its connections.
waiting() { (($(ip netns pids director | wc -l) > 1)); }
end_connections() {
    wait_for "$1"
    # shellcheck disable=SC2016 # for the client's shell
    printf '%s\n' 'for open in 3 4; do printf " after" >&$open; tail -n 1 <&$open; done > answers.part; exec 3>&- 4>&-
        mv answers.part answers' >&"${keyboard[client]}"
}
check_answers() {
    wait_for test -e "$work/answers"
    [[ $(sort "$work/answers") == $'blue: before after\nred: before after' ]] || complain "the answers: $(< "$work/answers")"
    rm "$work/answers"
}
end_connections waiting &
follow 'Wait'
check_answers

follow 'Delete'
follow 'Back again'
# The second drain, which has no time limit, writes to a pipe.
drains() { ip netns pids director | xargs -I{} cat /proc/{}/comm 2> /dev/null | grep -qx tail; }
[[ -z $ours ]] || end_connections drains &
follow_ours 'One command'
[[ -z $ours ]] || check_answers
follow_ours 'The same with a rules file'
trouble 'The wait never ends'
trouble 'The edited server changes its method'
finish
