# SPDX-License-Identifier: MIT
# Tests tests/check-image.sh itself, with images that are wrong in one way each.
. "$(dirname "$0")/lib.sh"

check=$ATMAN_SOURCE/tests/check-image.sh
clang=$ATMAN_LLVM_BINDIR/clang

# wrong PATTERN FILE: the checker says so, and says no.
wrong() {
    fails 1 "$1" "$check" "$2"
}

passes "$cc" -O2 hello.c -o good
passes "$check" good

# Segments and headers, by changing bytes of the good image: p_flags of the first and of the
# second segment, e_type.
patch_byte() { # patch_byte FILE OFFSET OCTAL
    cp good "$1"
    # shellcheck disable=SC2059
    printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
patch_byte wx 68 007
wrong 'writable and executable: LOAD at' wx
patch_byte dyn 16 003
wrong 'not an executable at a fixed address' dyn
patch_byte type 120 003
wrong 'not statically linked' type

# Notes: one that is missing, two in one section.
objcopy=$ATMAN_LLVM_BINDIR/llvm-objcopy
"$objcopy" --rename-section .note.Xen.loader=.note.Xen.other good renamed
wrong '\.note\.Xen\.loader: does not hold' renamed
"$objcopy" --dump-section .note.Xen.loader=note good /dev/null 2>/dev/null
cat note note >notes
cat >note.s <<'EOF'
.section .note.Xen.loader,"a",@note
.incbin "note"
EOF
passes "$cc" hello.c note.s -o crowded
wrong 'more than one note in a section: \.note\.Xen\.loader' crowded

# What is no image at all.
run "$check" hello.c
is 'status for a text file' "$status" 2
run "$check" nothing
is 'status for no file' "$status" 2
passes "$clang" -c -O2 hello.c -o hello.o
wrong 'not an executable' hello.o

finish
