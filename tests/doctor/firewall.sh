#!/bin/bash
# Firewalls that drop what services need.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

recipe nat
works

# on_director COMMAND… has to succeed.
on_director() {
    type_on director "$*"
    ((status == 0)) || complain "$*: $output"
}

for iptables in iptables-legacy iptables-nft; do
    # Not every kernel has the tables of both.
    type_on director "$iptables -A INPUT -j ACCEPT && $iptables -F"
    ((status == 0)) || { echo "no $iptables here"; continue; }
    on_director "$iptables -P INPUT DROP; $iptables -A INPUT -p tcp --dport 22 -j ACCEPT"
    proves director error firewall-input
    [[ $remedy == "$iptables "* ]] || complain "another program: $remedy"
    on_director "$iptables -P INPUT ACCEPT; $iptables -F"

    on_director "$iptables -A INPUT -j REJECT"
    proves director error firewall-input
    on_director "$iptables -F"

    on_director "$iptables -P FORWARD DROP"
    proves director error firewall-forward
    on_director "$iptables -P FORWARD ACCEPT; $iptables -F"

    # Without a word of IPVS, the tracking takes the answers for invalid.
    if [[ -e /proc/sys/net/ipv4/vs/conntrack ]]; then
        for rules in '-P FORWARD DROP; iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT' \
            '-A FORWARD -m conntrack --ctstate INVALID -j DROP'; do
            on_director "$iptables ${rules//; iptables/; $iptables}"
            proves director error firewall-forward
            [[ $remedy == *conntrack=1 ]] || complain "not by tracking: $remedy"
            tune director net.ipv4.vs.conntrack=0
            on_director "$iptables -P FORWARD ACCEPT; $iptables -F"
            works
        done
    fi

    # What depends on more than is known is said, and is no finding: the client, or rules that keep packets from the tracking.
    on_director "$iptables -t raw -A PREROUTING -p tcp --dport 80 -j CT --notrack"
    for rule in '-s 10.1.0.0/16' '-m conntrack --ctstate UNTRACKED'; do
        on_director "$iptables -P INPUT DROP; $iptables -A INPUT $rule -j ACCEPT"
        works
        examine director
        [[ $status -eq 0 && $output == "not looked at: the firewall: what the chain filter INPUT of $iptables "* ]] ||
            complain "status $status: $output"
        on_director "$iptables -P INPUT ACCEPT; $iptables -F"
    done
    on_director "$iptables -t raw -F"
    healthy director
done

type_on director 'nft add table inet own'
((status == 0)) || { echo 'no nft here'; proved; exit; }

# nftables' own rules, as its examples have them.
own() { on_director "nft 'flush ruleset; table inet own { set web { type inet_service; elements = { 80 }; }; $*; }'"; }
known='ct state vmap { established : accept, related : accept, invalid : drop }'
own "chain in { type filter hook input priority 0; policy drop; $known; iifname lo accept; tcp dport { 22, 443 } accept; }"
proves director error firewall-input
[[ $remedy == 'nft insert rule inet own in '* ]] || complain "another program: $remedy"
own 'chain out { type filter hook forward priority 0; policy drop; }'
proves director error firewall-forward
if [[ -e /proc/sys/net/ipv4/vs/conntrack ]]; then
    own "chain out { type filter hook forward priority 0; $known; }"
    proves director error firewall-forward
    [[ $remedy == *conntrack=1 ]] || complain "not by tracking: $remedy"
    tune director net.ipv4.vs.conntrack=0
fi
own "chain in { type filter hook input priority 0; policy drop; $known; tcp dport 80 accept; }"
works
healthy director
own "chain in { type filter hook input priority 0; policy drop; tcp dport @web accept; }"
works
examine director
[[ $status -eq 0 && $output == 'not looked at: the firewall: what the chain own in of nft does to some services was not decided' ]] ||
    complain "status $status: $output"

# A table's name says nothing of its chains.
on_director "nft 'flush ruleset; table inet nat { chain in { type filter hook input priority 0; policy drop; }; }'"
proves director error firewall-input
[[ $remedy == 'nft insert rule inet nat in '* ]] || complain "another table: $remedy"
# iptables-nft doesn't print a chain that nft added to its table.
type_on director "nft flush ruleset; iptables-nft -t nat -A INPUT -j ACCEPT"
if ((status == 0)); then
    on_director "nft 'add chain ip nat in { type filter hook input priority 0; policy drop; }'"
    proves director error firewall-input
    [[ $remedy == 'nft insert rule ip nat in '* ]] || complain "another table: $remedy"
fi

# passes RULES: what seems to drop the service's packets doesn't.
passes() {
    own "$*"
    works
    healthy director
}
# IPVS takes clients' packets before chains of this priority.
passes 'chain in { type filter hook input priority 150; policy drop; }'
# A field of IPv6 is in no packet of IPv4.
passes 'chain in { type filter hook input priority 0; ip6 daddr != fd00::1 drop; ip6 nexthdr != udp drop; }'
# The chains of a dormant table do nothing. Versions of nft print another word for this: then it is not decided.
own 'flags dormant; chain in { type filter hook input priority 0; policy drop; }'
works
examine director
[[ $status -eq 0 && ($output == 'not looked at: the firewall: '* || -z $output) ]] || complain "status $status: $output"

# Chains that come after IPVS see answers with the service's address; chains of this priority, with the server's.
forward='policy drop; iifname outside accept; ip saddr 10.1.0.100 accept;'
own "chain out { type filter hook forward priority 150; $forward }"
works
examine director
[[ $status -eq 0 && $output == 'not looked at: the firewall: what the chain own out of nft does to some services was not decided' ]] ||
    complain "status $status: $output"
own "chain out { type filter hook forward priority 99; $forward }"
proves director error firewall-forward
# IPVS sends before all chains of the output.
own 'chain out { type filter hook output priority 150; policy drop; oifname lo accept; }'
proves director error firewall-output
proved
