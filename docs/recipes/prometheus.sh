#!/bin/bash
# Runs prometheus.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

[[ -n $ours ]] || complain 'this program has no --metrics'
for program in prometheus prometheus-node-exporter promtool; do
    command -v $program > /dev/null || complain "$program is missing (packages prometheus and prometheus-node-exporter)"
done

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
for file in prometheus.yml ipvs.rules.yml; do
    awk -v first="# $file" '/^```/ { inside = 0 } $0 == first { inside = 1 } inside' "$page" > "$work/$file"
done

# known QUERY PATTERN: what Prometheus answers by now, of the present table. It takes the place of the timer, too.
known() {
    type_on director 'ipvsadm -L --metrics --file textfile/ipvs.prom'
    asked "$@"
}

asked() {
    type_on director "promtool query instant http://127.0.0.1:9090 '$1'"
    # shellcheck disable=SC2053 # a pattern
    [[ $output == $2 ]]
}

# Programs of this size take their time to start in a throw-away kernel.
soon() {
    wait_for "$@" || wait_for "$@" || wait_for "$@" || complain "Prometheus answers: $output"
}

# fires ALERT [HOW]: it does, after a while.
fires() {
    soon "${2:-known}" "ALERTS{alertname=\"$1\",alertstate=\"firing\"}" '*=> 1 @*'
    printf '%s fires\n' "$1"
}

quiet() {
    asked "ALERTS{alertname=\"$1\"}" '' || complain "$1 fires without its fault: $output"
}

follow 'Set up'
follow 'The file'
follow 'Prometheus'
soon known 'sum(ipvs_service_info)' '*=> 1 @*'
asked ALERTS '' || complain "alerts without a fault: $output"
follow 'Six requests'
soon known 'sum(ipvs_service_connections_total)' '* => 6 @*'
follow 'What Prometheus knows of them'
# The other questions of the page, and those of the dashboard.
# shellcheck disable=SC2016 # patterns
queries=$(sed -n 's/^| [^|]* | `\(.*\)` |$/\1/p' "$page"; sed -n 's/^ *"expr": "\(.*\)",\{0,1\}$/\1/p' "$(dirname -- "$page")/../grafana.json")
while IFS= read -r query; do
    query=${query//\$__rate_interval/1m}
    type_on director "promtool query instant http://127.0.0.1:9090 '$query'"
    # Some ask for what there is not, but none for what can't be asked.
    [[ $status -eq 0 && ($output == *'=> '* || $query == *'== 0') ]] || complain "$query: $output"
done <<< "$queries"
[[ $(wc -l <<< "$queries") -eq 12 ]] || complain "queries: $queries"

quiet IpvsServerAtItsLimit
follow 'A server at its limit'
fires IpvsServerAtItsLimit
quiet IpvsServiceWithoutServer
follow 'No server is left'
fires IpvsServiceWithoutServer
quiet IpvsMetricsTooOld
follow 'Nobody renews the file'
fires IpvsMetricsTooOld asked
type_on director 'kill %1 %2; wait'
finish
