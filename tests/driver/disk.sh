# SPDX-License-Identifier: MIT
# A full disk, a real one: a small tmpfs in a mount namespace of this test's own.
if [ "${1:-}" != inside ]; then
    for namespace in -m -rm; do
        unshare $namespace mount -t tmpfs none /mnt 2>/dev/null &&
            exec unshare $namespace sh "$0" inside
    done
    echo 'SKIPPED: no right to mount a file system here (needs root or user namespaces)'
    exit 77
fi
. "$(dirname "$0")/lib.sh"

mkdir disk
mount -t tmpfs -o size=128k none disk || exit 1

# The image is larger than the disk.
echo 'char fill[300000] = {1}; int main(void) { return fill[0]; }' >big.c
fails 1 '^ld\.atman: disk/kernel: ' "$cc" big.c -o disk/kernel
complains '^ld\.atman: disk/kernel: (No space left on device|not written; its disk has only)'
is 'the disk' "$(ls -A disk)" ''

# So is the object, the assembly, the preprocessed source, when there is no room at all.
head -c 1000000 /dev/zero >disk/fill 2>/dev/null
for phase in -c -S -E; do
    fails 1 '^atman-cc: disk/out: No space left on device$' "$cc" $phase hello.c -o disk/out
    is 'the disk' "$(ls -A disk)" fill
done
fails 1 '^ld\.atman: disk/kernel: No space left on device$' "$cc" hello.c -o disk/kernel
is 'the disk' "$(ls -A disk)" fill

# No room for temporary files.
fails 1 'disk/.*(No space left|only)' env TMPDIR="$work/disk" "$cc" hello.c -o kernel
gone kernel

# An ordinary error does not speak of disks.
fails 1 'no such file' "$cc" nothing.c -o kernel
grep -q 'space' .err && verdict 1 'a missing input is blamed on the disk'

umount disk
finish
