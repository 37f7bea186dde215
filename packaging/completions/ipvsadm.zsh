#compdef ipvsadm ipvsadm-save ipvsadm-restore

# The program says what may stand at the cursor: each word, and what it means.
_ipvsadm() {
    local -a said values shown folders
    local value help described
    # zsh itself knows what ~ stands for.
    [[ $PREFIX != '~/'* ]] || { _files; return }
    said=("${(@0)$(
        path+=(/usr/sbin /sbin)
        COMPLETE=zsh command ipvsadm -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null
    )}")
    for value help in "${(@)said[1,-2]}"; do
        if [[ $value == */ ]]; then
            folders+=("$value")
        else
            values+=("$value")
            shown+=("$value${help:+  -- $help}")
            described+=$help
        fi
    done
    compadd -S '' -a folders
    compadd -V offers ${described:+-l} -d shown -a values
}

if [[ $funcstack[1] == _ipvsadm ]]; then
    _ipvsadm "$@"
else
    compdef _ipvsadm ipvsadm ipvsadm-save ipvsadm-restore
fi
