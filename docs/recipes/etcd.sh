#!/bin/bash
# Runs etcd.md.

# shellcheck source=docs/recipes/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh" || exit

[[ -n $ours ]] || complain 'this program has no --replace'
for program in etcd etcdctl; do
    command -v $program > /dev/null || complain "$program is missing (packages etcd-server and etcd-client)"
done

build << 'END_OF_NETWORK'
client lan 10.1.0.2/24
one lan 10.1.0.21/24
two lan 10.1.0.22/24
three lan 10.1.0.23/24
store lan 10.1.0.31/24
red lan 10.1.0.11/24
blue lan 10.1.0.12/24
END_OF_NETWORK
serve red red
serve blue blue
for machine in one two three store; do type_on $machine "cd $work"; done
page_program ipvs-follow
# A link, to be turned elsewhere.
ipvsadm=$(realpath "$(command -v ipvsadm)")
ln -sf "$ipvsadm" "$work/ipvsadm"

# every TABLE: each director has it.
every() {
    local director
    for director in one two three; do
        type_on $director 'ipvsadm -Sn'
        [[ $output == "$1" ]] || return
    done
}

# soon ROW… waits until each director has these rows (patterns of /proc/net/ip_vs), and prints how long that took. Nothing is
# started in that time but what the followers start.
soon() {
    local start=${EPOCHREALTIME/[.,]/} director row
    for director in one two three; do
        for row in "$@"; do
            type_on $director "for ((turn = 0; turn < 1000; turn++)); do
                [[ ! \$(< /proc/net/ip_vs) =~ $row ]] || break
                read -r -t 0.01 <> $work/never
            done; ((turn < 1000))"
            ((status == 0)) || complain "$director never got $row"
        done
    done
    start=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
    echo "all directors after $start ms"
}
mkfifo "$work/never"

# said TEXT COUNT: each director's follower has said it so often.
said() {
    local director
    for director in one two three; do [[ $(grep -c "^$1" "$work/$director.log") -eq $2 ]] || return; done
}

followers() { [[ $(ask store http://10.1.0.31:2379/metrics) == *$'\n'"etcd_debugging_mvcc_watcher_total $1"$'\n'* ]]; }

# put TABLE makes it the value of the key.
put() {
    type_on store "etcdctl put /ipvs/rules <<< '$1'"
    [[ $output == OK ]] || complain "$output"
}

follow 'Set up'
wait_for followers 3

follow 'Change the rules'
table='-A -t 10.9.0.1:80 -s rr
-a -t 10.9.0.1:80 -r 10.1.0.11:80 -g -w 1
-a -t 10.9.0.1:80 -r 10.1.0.12:80 -g -w 1'
soon 0A01000B:0050 0A01000C:0050
every "$table" || complain "not the table: $output"
follow 'See it work'

follow 'A bad file'
wait_for said refused 1
follow 'Each log says why'
every "$table" || complain "a bad file changed a table: $output"

changed=${table/%-w 1/-w 5}
put "$changed"
soon '0A01000C:0050\ +Route\ +5\ '
every "$changed" || complain "not the table: $output"
trouble 'A director lags behind'

# A deleted key changes nothing. The next one does, and is the third that was ever applied.
type_on store 'etcdctl del /ipvs/rules'
put "$table"
soon '0A01000C:0050\ +Route\ +1\ '
every "$table" || complain "not the table: $output"
wait_for said applied 3
said refused 1 || complain 'the deleted key was taken for rules'

# What can't be applied at the moment is tried again, unless there is a newer one. The lock is that of a restore.
hold() {
    # shellcheck disable=SC2016 # for the director's shell
    type_on one 'exec 9<> /run/ipvsadm/netns-$(stat -Lc %i /proc/self/ns/net).lock && flock 9'
    ((status == 0)) || complain "the lock can't be held: $output"
}
# said_by DIRECTOR TEXT: how often its follower has said it.
said_by() { grep -c "^$2" "$work/$1.log" || true; }
more() { (($(said_by "$1" "$2") >= $3)); }
count=$(said_by one applied)
hold
put "$changed"
wait_for more two applied $((count + 1))
wait_for more one 'not applied yet' 1
(($(said_by one applied) == count)) || complain 'the lock was not waited for'
type_on one 'flock -u 9'
wait_for every "$changed"
wait_for more one applied $((count + 1))
late=$(said_by one 'not applied yet')
hold
put "${table%1}8"
wait_for more one 'not applied yet' $((late + 1))
put "$table"
wait_for more two applied $((count + 3))
type_on one 'flock -u 9'
wait_for every "$table"
wait_for more one applied $((count + 2))
(($(said_by one applied) == count + 2)) || complain 'an old value was applied after a newer one had come'

# A kernel that is not ready, and then is, gives the status of a bad file. Here only root may use it, and the followers are not root.
printf '#!/bin/sh\nexec setpriv --bounding-set=-all --inh-caps=-all --reuid=65534 --regid=65534 --clear-groups %s "$@"\n' "$ipvsadm" \
    > "$work/powerless"
chmod +x "$work/powerless"
ln -sf powerless "$work/ipvsadm"
type_on two 'ipvsadm -R --replace < rules'
((status == 2)) || complain "not the status of a bad file: $status"
late=$(said_by two 'not applied yet')
put "${table%1}9"
wait_for more two 'not applied yet' $((late + 1))
said refused 1 || complain 'a good value was dropped'
ln -sf "$ipvsadm" "$work/ipvsadm"
wait_for every "${table%1}9"

# etcd goes and comes back: the followers find it again.
# shellcheck disable=SC2016 # for the store's shell
type_on store 'kill $!; wait $!'
every "${table%1}9" || complain "without etcd a table changed: $output"
type_on store 'etcd --data-dir data --listen-client-urls http://10.1.0.31:2379 --advertise-client-urls http://10.1.0.31:2379 2> etcd.log &'
wait_for at store etcdctl --endpoints http://10.1.0.31:2379 endpoint health
put "$changed"
wait_for every "$changed"
finish
