# shellcheck shell=bash disable=SC2034,SC2154 # shares its variables with tests/lab/run
# The machine's side of a throw-away kernel that directors run: Debian's own, in QEMU, with two processors. It needs no rights and, where
# KVM does not work, no help of the processor.

debian_needs=(qemu-system-x86_64=qemu-system-x86 cpio xz=xz-utils setpriv=util-linux)

# What may take its time and must not count as the command's.
debian_ready() {
    [[ $debian_suite =~ ^[a-z0-9-]*$ ]] || fail "no name of a suite: $debian_suite"
    debian=$("$lab/debian-kernel" "$debian_suite") || exit 125
    # The device may be there and not work.
    if [[ -z ${LAB_ACCEL:-} ]]; then
        LAB_ACCEL=tcg
        [[ ! -w /dev/kvm ]] || ! boots kvm "$(command -v qemu-system-x86_64)" LAB_KERNEL=debian LAB_ACCEL=kvm || LAB_ACCEL=kvm
    fi
}

debian_hand_over() { hand_over_files "$debian/lib/modules"; }

# debian_boot SERIAL_PORT…: the kernel's messages go to the first. "chardev:own" is this script's input and output.
debian_boot() {
    local port machine=(-accel 'tcg,thread=multi' -cpu 'max,la57=off')
    [[ $LAB_ACCEL != kvm ]] || machine=(-accel kvm -cpu host)
    machine+=(-smp 2 -m "${LAB_MEM:-1G}" -nodefaults -no-user-config -no-reboot -display none -chardev 'stdio,id=own,signal=off')
    for port in "$@"; do machine+=(-serial "$port"); done
    debian_folder root / readonly=on
    debian_folder share "$share"
    debian_folder target "$(< "$share/target")"
    exec setpriv --pdeathsig KILL qemu-system-x86_64 "${machine[@]}" -kernel "$debian/vmlinuz" -initrd "$debian/initrd" \
        -append "console=ttyS0 quiet panic=-1 oops=panic mitigations=off tsc=reliable no_timer_check share=$share"
}

# debian_folder NAME FOLDER [OPTION]: in a path of QEMU's, a comma is written twice.
debian_folder() {
    machine+=(-fsdev "local,id=$1,path=${2//,/,,},security_model=none,multidevs=remap${3:+,$3}" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

# An emulated kernel may die at its start, by a breakpoint of its own patching that another processor meets. Nothing has been run then, and
# where there is nothing to read, nothing has been read: it is started once more.
debian_command() {
    run_streamed debian_boot chardev:own
    [[ ! -e $share/begun && /dev/fd/0 -ef /dev/null ]] || return 0
    say "$self: the kernel ended before it had begun; once more"
    rm "$share/console.in"
    helpers=()
    run_streamed debian_boot chardev:own
}

debian_shell() {
    terminal=$(stty -g)
    printf '%s\n' /dev/ttyS1 "$(stty size)" > "$share/console"
    debian_boot "file:$share/console.log" chardev:own <&0 & kernel=$!
    await
    stty "$terminal"
}

debian_stop() { kill -KILL "$kernel"; }

debian_failed() { kernel_failed; }
