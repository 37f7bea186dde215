# fish completion of ipvsadm, ipvsadm-save and ipvsadm-restore

# The program says what may stand at the cursor: each word, and what it means.
function __ipvsadm_offers
    set -lx COMPLETE fish
    set -lx PATH $PATH /usr/sbin /sbin
    set -l word (string unescape -- (commandline -ct))
    command ipvsadm -- (commandline -opc) "$word" 2> /dev/null
end

for program in ipvsadm ipvsadm-save ipvsadm-restore
    complete -c $program -k -f -a '(__ipvsadm_offers)'
end
