# SPDX-License-Identifier: MIT
# The SDK in a clean Debian 12: installed by apt from the .deb, and unpacked from the archive
# into a folder with a space in its name. Needs root, debootstrap and the network (some
# 200 MB), and takes minutes: label long.
if [ "${1:-}" != inside ]; then
    [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null &&
        unshare -m true 2>/dev/null && exec unshare -m sh "$0" inside
    echo 'SKIPPED: needs root and debootstrap'
    exit 77
fi
. "$(dirname "$0")/lib.sh"
: "${ATMAN_BUILD:?}"

root=$work/root
in_root() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
        DEBIAN_FRONTEND=noninteractive "$@"
}
run cpack --config "$ATMAN_BUILD/CPackConfig.cmake" -B "$work/packages"
is 'status of cpack' "$status" 0
mirror=$(apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(ORIGIN)' 'Created-By: Packages' |
    sed -n 's/|\(bookworm\|stable\|oldstable\)|Debian$//p' | head -n 1)
if [ -z "$mirror" ]; then
    echo 'SKIPPED: apt knows no archive of Debian'
    exit 77
fi
run debootstrap --variant=minbase bookworm "$root" "$mirror"
is 'status of debootstrap' "$status" 0
mount -t proc proc "$root/proc" || exit 1
trap 'umount "$root/proc" 2>/dev/null; cd /; rm -rf --one-file-system "$work"' EXIT
# The machine's archives and the way to them.
cp /etc/resolv.conf "$root/etc/"
cp -R /etc/apt/sources.list* /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null
cp -R /usr/share/keyrings "$root/usr/share/" 2>/dev/null
cp packages/atman-* packages/atman_* hello.c "$root/root/"
run in_root apt-get update -q
run in_root sh -c 'apt-get install -y -q --no-install-recommends /root/atman_*.deb qemu-system-x86 zstd'
is 'status of apt' "$status" 0

hello() { # hello COMMANDS-BEFORE FOLDER
    run in_root sh -c "cd /root; $1; '$2/atman-cc' -O2 -o hello hello.c && '$2/atman-run' hello"
    is "status with $2" "$status" 0
    is "output with $2" "$(cat .out)" 'Hello, world'
    image "$root/root/hello"
}
hello : /usr/bin
hello 'mkdir "a folder" && tar -xf atman-*.tar.zst -C "a folder" --strip-components=1' \
    '/root/a folder/bin'
# Compiling works without /proc, too; running says what it needs.
umount "$root/proc"
passes in_root atman-cc /root/hello.c -o /root/hello
fails 125 '^atman-run: /proc: not mounted' in_root atman-run /root/hello

finish
