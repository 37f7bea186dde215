#!/bin/bash
# Firewalls that drop what IPVS sends to the servers.

# shellcheck source=tests/doctor/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

# Each recipe is a space of its own.
if [[ -z ${RECIPE:-} ]]; then
    for name in nat direct-routing tunnel; do
        RECIPE_SPACE='' RECIPE=$name bash "$0" "$@" || complain "$name: failed"
    done
    proved
    exit
fi

# on_director COMMAND… has to succeed.
on_director() {
    type_on director "$*"
    ((status == 0)) || complain "$*: $output"
}

# only RULE… lets nothing out but this.
only() {
    local rule
    on_director "$iptables -P OUTPUT DROP"
    for rule in '-o lo' "$@"; do on_director "$iptables -A OUTPUT $rule -j ACCEPT"; done
}

everything() { on_director "$iptables -P OUTPUT ACCEPT; $iptables -F"; }

# enough RULE…: what this lets out is what the service needs.
enough() {
    only "$@"
    works
    healthy director
    everything
}

# short RULE…: this is not.
short() {
    only "$@"
    proves director error firewall-output
    [[ $remedy == "$iptables "* ]] || complain "another program: $remedy"
    everything
}

state='-m conntrack --ctstate'
recipe "$RECIPE"
# What the director sends, and the states of a connection's packets without and with conntrack.
case $RECIPE in
nat) sent=('-p tcp --dport 8080') untracked=UNTRACKED,INVALID tracked=NEW,ESTABLISHED ;;
direct-routing) sent=('-p tcp -d 10.1.0.100') untracked=UNTRACKED,INVALID tracked=NEW,INVALID ;;
tunnel) sent=('-p 4' '-p 47' '-p udp -d 10.2.0.12 --dport 6080') untracked=NEW tracked=NEW ;;
esac

for iptables in iptables-legacy iptables-nft; do
    # Not every kernel has the tables of both.
    type_on director "$iptables -A OUTPUT -j ACCEPT && $iptables -F"
    ((status == 0)) || { echo "no $iptables here"; continue; }
    enough "${sent[@]}"
    short "$state RELATED,ESTABLISHED"
    on_director "$iptables -A OUTPUT $state RELATED,ESTABLISHED -j ACCEPT"
    works
    healthy director
    everything
    # What depends on more than is known is said, and is no finding.
    only '-s 10.0.0.0/8'
    works
    examine director
    [[ $status -eq 0 && $output == "not looked at: the firewall: what the chain filter OUTPUT of $iptables "* ]] ||
        complain "status $status: $output"
    everything
    [[ -e /proc/sys/net/ipv4/vs/conntrack ]] || continue
    enough "$state $untracked"
    tune director net.ipv4.vs.conntrack=1
    enough "$state $tracked"
    # The tracking sees no answer, and takes the second packet for invalid.
    [[ $RECIPE != direct-routing ]] || short "$state NEW,ESTABLISHED"
    tune director net.ipv4.vs.conntrack=0
    [[ $RECIPE == tunnel ]] || short "$state NEW,ESTABLISHED"
done

type_on director 'nft add table inet own'
((status == 0)) || { echo 'no nft here'; proved; exit; }

# own RULES: nftables' own table, as its examples have it.
own() {
    on_director "nft 'flush ruleset; table inet own { chain out { type filter hook output priority 0; policy drop; \
        oifname lo accept; ct state vmap { established : accept, related : accept, invalid : drop }; $*; }; }'"
}
own 'tcp dport { 22, 443 } accept'
proves director error firewall-output
[[ $remedy == 'nft insert rule inet own out '* ]] || complain "another program: $remedy"
case $RECIPE in
nat) own 'tcp dport 8080 accept' ;;
direct-routing) own 'ip daddr 10.1.0.100 tcp dport 80 accept' ;;
tunnel) own 'meta l4proto { ipencap, gre } accept; ip protocol udp udp dport 6080 accept' ;;
esac
works
healthy director
proved
