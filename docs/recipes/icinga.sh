#!/bin/bash
# Runs icinga.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

[[ -n $ours ]] || complain 'this program has no --check'
command -v icinga2 > /dev/null || complain 'icinga2 is missing (package icinga2-bin)'

build << 'END_OF_NETWORK'
client outside 10.1.0.2/24
director outside 10.1.0.100/24
director inside 10.2.0.1/24
red inside 10.2.0.11/24
blue inside 10.2.0.12/24
END_OF_NETWORK
serve red red
serve blue blue
type_on director "cd $work"
awk '/^```/ { inside = 0 } $0 == "# ipvs.conf" { inside = 1 } inside' "$page" > "$work/ipvs.conf"
# Everyone is root here, so this stands for sudo: it runs the page's command lines and no others.
sed -n 's/\\//g; s/^nagios ALL=(root) NOPASSWD: //p' "$page" > "$work/sudoers"
cat > "$work/sudo" << 'END_OF_PROGRAM'
#!/bin/sh
grep -qxF -e "/sbin/$*" "$(dirname "$0")/sudoers" || { echo 'sudo: a password is required' >&2; exit 1; }
exec "$@"
END_OF_PROGRAM
chmod +x "$work/sudo"
# The rest of a configuration. What Icinga made of the checks goes into a file each second, as it does for those who draw graphs.
cat > "$work/icinga2.conf" << 'END_OF_FILE'
include <itl>
include "ipvs.conf"
object CheckerComponent "checker" {}
object PerfdataWriter "states" {
  service_format_template = "$service.name$ $service.state$: $service.output$| $service.perfdata$"
  service_temp_path = LogDir + "/new"
  service_perfdata_path = LogDir + "/states"
  host_temp_path = LogDir + "/new-hosts"
  host_perfdata_path = LogDir + "/hosts"
  rotation_interval = 1s
}
END_OF_FILE
folders=(-D "ConfigDir=$work" -D 'RunAsUser=root' -D 'RunAsGroup=root')
for name in DataDir LogDir CacheDir SpoolDir InitRunDir; do
    mkdir "$work/$name"
    folders+=(-D "$name=$work/$name")
done

# is SERVICE STATE TEXT: Icinga's last word of the service.
is() {
    [[ $(cat "$work"/LogDir/states.* | grep "^$1 " | tail -n 1) == "$1 $2: IPVS $2: $3" ]]
}

# Programs of this size take their time to start in a throw-away kernel.
soon() {
    wait_for is "$@" || wait_for is "$@" || wait_for is "$@" ||
        complain "Icinga does not say $*: $(cat "$work"/LogDir/states.* | tail -n 4; tail "$work/icinga.log")"
    printf 'Icinga: %s is %s: %s\n' "$@"
}

follow 'Set up'
follow 'The configuration'
type_on director "icinga2 daemon -c $work/icinga2.conf ${folders[*]} > icinga.log 2>&1 &"
page_says() { grep -qF -e "$1" "$page" || complain "the page does not say: $1"; }
soon web OK '1 service, 2 servers, 0 connections | services=1;;;0 servers=2;2:;1:;0 connections=0;;;0'
soon rules OK '0 differences | differences=0;;0;0'
follow 'A server is taken out'
lacks='-t 10.1.0.100:80 has 1 server, at least 2 wanted'
page_says "$lacks"
soon web WARNING "$lacks | services=1;;;0 servers=1;2:;1:;0 connections=0;;;0"
changed='changed: -e -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 0 (in the file: -e -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 1)'
soon rules CRITICAL "1 difference from ipvsadm.rules: $changed | differences=1;;0;0"
follow 'No server is left'
lacks='-t 10.1.0.100:80 has 0 servers, at least 1 wanted'
page_says "$lacks"
soon web CRITICAL "$lacks | services=1;;;0 servers=0;2:;1:;0 connections=0;;;0"
follow 'What goes wrong'
follow 'Back to normal'
soon web OK '1 service, 2 servers, 0 connections | services=1;;;0 servers=2;2:;1:;0 connections=0;;;0'
soon rules OK '0 differences | differences=0;;0;0'
type_on director 'kill %1; wait'
finish
