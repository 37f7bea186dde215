# shellcheck shell=bash disable=SC2034 # packaging/test-install and packaging/test-unit, which run in the lab, share this file

failures=0

# check WHAT WANTED GOT
check() {
    if [[ $2 == "$3" ]]; then
        printf 'ok     %s\n' "$1"
    else
        printf 'FAILED %s\n  wanted: %q\n  got:    %q\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# Removes all traces of an ipvsadm from the lab's machine. Its files are those of the machine outside, which may be a director: the
# administrator's files and settings of ipvsadm, dpkg and apt would change what the test sees.
never_had_ipvsadm() {
    rm -rf /etc/dpkg/dpkg.cfg{,.d/*} /etc/apt/{apt.conf,preferences}{,.d/*}
    if dpkg-query -W ipvsadm > /dev/null 2>&1; then
        apt-mark unhold ipvsadm > /dev/null
        # With apt, as ldirectord depends on ipvsadm and has to be removed first.
        DEBIAN_FRONTEND=noninteractive apt-get -q purge -y ipvsadm < /dev/null > /run/purge.log 2>&1 ||
            { cat /run/purge.log >&2; fail "this machine's own ipvsadm can't be removed"; }
    fi
    rm -rf /etc/ipvsadm.rules /etc/{default,init.d,sysconfig}/ipvsadm* /etc/rc?.d/???ipvsadm \
        /etc/systemd/system/{,*/}ipvsadm.service* /usr/libexec/ipvsadm /usr/share/ipvsadm
    rm -f /usr/sbin/policy-rc.d # a container's, which keeps services from starting
}
