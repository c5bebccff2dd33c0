#!/bin/sh
# SPDX-License-Identifier: MIT
# check-image.sh IMAGE: is this a sound guest image? Static ELF64 for x86-64, Xen's notes one
# a section, nothing writable and executable. Names what is wrong; exit status 0 if nothing
# is, 1 if something is, 2 if it could not look.
# ATMAN_LLVM_BINDIR names the folder of llvm-readelf (default: PATH's llvm-readelf-19).
set -u

image=${1:?usage: check-image.sh IMAGE}
if [ -n "${ATMAN_LLVM_BINDIR:-}" ]; then
    readelf=$ATMAN_LLVM_BINDIR/llvm-readelf
else
    readelf=llvm-readelf-19
fi
failed=0

bad() {
    printf 'check-image.sh: %s: %s\n' "$image" "$1" >&2
    failed=1
}

look() { # run a tool on the image, or give up
    "$@" "$image" || {
        printf 'check-image.sh: %s: %s failed\n' "$image" "$1" >&2
        exit 2
    }
}

header=$(look "$readelf" -h) || exit 2
segments=$(look "$readelf" -lW) || exit 2
notes=$(look "$readelf" -n) || exit 2

has() { # has TEXT PATTERN: does a line match?
    printf '%s\n' "$1" | grep -Eq -- "$2"
}

has "$header" 'Class: +ELF64' || bad 'not a 64-bit file'
has "$header" 'Machine: .*X86-64' || bad 'not for x86-64'
has "$header" 'Type: +EXEC ' || bad 'not an executable at a fixed address'
has "$segments" '^ +(INTERP|DYNAMIC) ' && bad 'not statically linked'

# Segments: type, offset, addresses, sizes, then flags as "R E" or "RW" or "RWE".
wx=$(printf '%s\n' "$segments" |
    awk '$1 ~ /^(LOAD|GNU_STACK)$/ && $0 ~ / RWE /{ print $1 " at " $3 }')
[ -z "$wx" ] || bad "writable and executable: $wx"

# The types' numbers are Xen's; readelf prints 1 and 2 by the names other systems gave them.
while read -r note type; do
    section=.note.Xen.$note
    printf '%s\n' "$notes" | awk -v section="$section" -v type="$type" '
        /^Displaying notes/ { here = $NF == section }
        here && $1 == "Xen" { count++; right = index($0, type) > 0 }
        END { exit !(count == 1 && right) }' ||
        bad "$section: does not hold just one note of Xen's, of type $type"
done <<EOF
loader (0x00000008)
version (0x00000005)
entry NT_VERSION
hypercall_page NT_ARCH
EOF
# A section with several notes is reported whatever its name is.
crowded=$(printf '%s\n' "$notes" | awk '
    /^Displaying notes/ { section = $NF }
    $1 == "Xen" && ++count[section] == 2 { print section }')
[ -z "$crowded" ] || bad "more than one note in a section: $crowded"
has "$segments" '^ +NOTE ' || bad 'no PT_NOTE segment: Xen would not find the notes'

exit $failed
