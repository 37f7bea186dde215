# bash completion of ipvsadm, ipvsadm-save and ipvsadm-restore                                            -*- shell-script -*-
# shellcheck shell=bash

# The program says what may stand at the cursor. The shell must not expand these words: `compgen -W` would run commands in a name.
_ipvsadm() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} words=() stays index word tilde
    # bash divides words at colons and equals signs, but an address is one word. After a backslash a blank belongs to the word.
    # shellcheck disable=SC2162
    read -a words <<< "$line"
    [[ $line != *[[:blank:]] || $line == *\\[[:blank:]] ]] || words+=('')
    mapfile -t -d '' COMPREPLY < <(
        PATH=$PATH:/usr/sbin:/sbin
        COMPLETE=bash command ipvsadm -- "${words[@]}" 2> /dev/null
    )
    # bash replaces only the part behind the last break.
    stays=${words[-1]}
    until [[ -z $stays || ($stays == *[:=] && $COMP_WORDBREAKS == *"${stays: -1}"*) ]]; do stays=${stays%?}; done
    for index in "${!COMPREPLY[@]}"; do
        word=${COMPREPLY[index]#"$stays"} tilde=''
        # A ~ before a path stays as the user typed it.
        # shellcheck disable=SC2088
        [[ $word != '~/'* ]] || tilde='~/'
        # Some words must be quoted for the shell, such as a name with a blank.
        [[ $word != *[!][:alnum:][_.:,@%+=/-]* ]] || printf -v word %s%q "$tilde" "${word#"$tilde"}"
        COMPREPLY[index]=$word
    done
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace
}

complete -F _ipvsadm ipvsadm ipvsadm-save ipvsadm-restore
