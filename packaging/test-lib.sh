# shellcheck shell=bash disable=SC2034 # for packaging/test-install and packaging/test-unit, which run in the lab

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

# Makes the lab's machine one that never had an ipvsadm. Its files are those of the machine outside, which may be a director: the
# administrator's files and settings of ipvsadm, of dpkg and of apt would count as the test's.
never_had_ipvsadm() {
    rm -rf /etc/dpkg/dpkg.cfg{,.d/*} /etc/apt/{apt.conf,preferences}{,.d/*}
    if dpkg-query -W ipvsadm > /dev/null 2>&1; then
        apt-mark unhold ipvsadm > /dev/null
        # With apt, as ldirectord depends on it and has to go first.
        DEBIAN_FRONTEND=noninteractive apt-get -q purge -y ipvsadm < /dev/null > /run/purge.log 2>&1 ||
            { cat /run/purge.log >&2; fail "this machine's own ipvsadm can't be removed"; }
    fi
    rm -rf /etc/ipvsadm.rules /etc/{default,init.d,sysconfig}/ipvsadm* /etc/rc?.d/???ipvsadm \
        /etc/systemd/system/{,*/}ipvsadm.service* /usr/libexec/ipvsadm /usr/share/ipvsadm
    rm -f /usr/sbin/policy-rc.d # a container's, which keeps services from starting
}
