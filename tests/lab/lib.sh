# shellcheck shell=bash
# What the lab's scripts share: where things are, which binary is under test, and how missing programs get onto the machine.

lab=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
project=${lab%/tests/lab}
target=${CARGO_TARGET_DIR:-$project/target}
[[ $target == /* ]] || target=$PWD/$target

self=tests/lab/${0##*/}

# Administrators' programs are not on every user's path.
for folder in /usr/local/sbin /usr/sbin /sbin; do
    [[ :$PATH: == *:$folder:* ]] || PATH=$PATH:$folder
done
unset folder

say() { printf '%s\n' "$*" >&2; }

# Ends with a status that no command of ours has, so a broken lab is never taken for a failed test.
fail() {
    say "$self: $*"
    exit 125
}

# Runs something as root, or fails at once when it would have to ask.
as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# need PROGRAM[=PACKAGE]… installs the Debian packages of the programs (or files, where a path is given) that are missing.
need() {
    local word program packages=()
    for word in "$@"; do
        program=${word%%=*}
        if [[ $program == /* ]]; then [[ -e $program ]]; else command -v "$program" > /dev/null; fi ||
            packages+=("${word#*=}")
    done
    [[ ${#packages[@]} -eq 0 ]] || install_packages "${packages[@]}"
}

# Installs, or says what to type and ends the script.
install_packages() {
    if ! command -v apt-get > /dev/null; then
        say "$self: this machine lacks what Debian has in these packages: $*"
        exit 1
    fi
    if ! as_root true 2> /dev/null; then
        say "$self: some packages are missing. Type:"
        say "    sudo apt-get install -y --no-install-recommends $*"
        exit 1
    fi
    say "Installing $*"
    apt_install "$@" || exit 1
}

# The package lists of a fresh machine are empty or stale: they are fetched only when the first attempt fails.
apt_install() {
    local log status=0
    log=$(mktemp) || return
    apt_quietly install -y --no-install-recommends "$@" > "$log" 2>&1 ||
        { apt_quietly update && apt_quietly install -y --no-install-recommends "$@"; } > "$log" 2>&1 ||
        { status=$?; cat "$log" >&2; }
    rm -f "$log"
    return "$status"
}

apt_quietly() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@" < /dev/null
}

need_cargo() {
    [[ ! -x $HOME/.cargo/bin/cargo ]] || PATH=$PATH:$HOME/.cargo/bin
    need cc=gcc /usr/include/stdlib.h=libc6-dev
    # Other distributions keep the certificates elsewhere, and always have them.
    ! command -v apt-get > /dev/null || need /etc/ssl/certs/ca-certificates.crt=ca-certificates
    ! command -v cargo > /dev/null || return 0
    local version
    version=$(sed -n 's/^rust-version *= *"\(.*\)".*/\1/p' "$project/Cargo.toml" 2> /dev/null)
    say "$self: cargo is missing. Install Rust${version:+ $version or newer}, for example with rustup:"
    say "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    exit 1
}

# Prints the binary under test: the one named by IPVSADM, or else the newest that was built. Nothing when there is none.
our_ipvsadm() {
    local newest='' candidate
    if [[ -n ${IPVSADM:-} ]]; then
        newest=$IPVSADM
        [[ $newest == /* ]] || newest=$PWD/$newest
    else
        for candidate in "$target/release/ipvsadm" "$target/debug/ipvsadm"; do
            [[ -x $candidate && (-z $newest || $candidate -nt $newest) ]] && newest=$candidate
        done
    fi
    printf '%s' "$newest"
}

# unpack FOLDER PACKAGE… puts Debian packages into a new folder, without installing them. $apt_options says where they come from.
apt_options=()
unpack() {
    local folder=$1 work package
    shift
    need apt-get=apt dpkg-deb=dpkg
    mkdir -p "$target/lab"
    work=$(mktemp -d "$target/lab/fetch.XXXXXX") || return
    (cd "$work" && apt-get "${apt_options[@]}" -q download "$@") > "$work/log" 2>&1 ||
        (cd "$work" && apt_quietly update && apt-get "${apt_options[@]}" -q download "$@") > "$work/log" 2>&1 ||
        { say "$self: can't be had here: $*"; cat "$work/log" >&2; rm -rf "$work"; return 1; }
    for package in "$work"/*.deb; do
        # Half of the packages must not pass for all of them.
        dpkg-deb -x "$package" "$work/unpacked" || { rm -rf "$work"; return 1; }
    done
    # A second fetch at the same time loses the race and uses the first one's.
    mv -T "$work/unpacked" "$folder" 2> /dev/null
    rm -rf "$work"
}
