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

# The red zone, as foreign objects have it: by %rsp, and by %rbp in leaf functions.
echo 'int leaf(int a) { volatile int x[20]; x[3] = a; return x[3]; }
int main(void) { return leaf(0); }' >leaf.c
host="--target=x86_64-linux-gnu -fno-pie -fno-stack-protector -c leaf.c -o leaf.o"
for flags in '-O2 -fomit-frame-pointer' '-O2 -fno-omit-frame-pointer' -O0; do
    # shellcheck disable=SC2086
    "$clang" $flags -mno-omit-leaf-frame-pointer $host
    passes "$cc" leaf.o -o redzone
    wrong 'red zone .* in leaf$' redzone
done
"$clang" -O2 -mno-red-zone $host
passes "$cc" leaf.o -o leaf
passes "$check" leaf

# By lea; but making room with lea is no access.
program() {
    printf '.globl main\nmain:\n%s\n ret\n' "$1" >asm.s
    passes "$cc" asm.s -o asm
}
program ' lea -8(%rsp), %rdi
 movl $0, (%rdi)'
wrong 'red zone' asm
program ' lea -24(%rsp), %rsp
 movl $0, (%rsp)
 lea 24(%rsp), %rsp'
passes "$check" asm

# Hypercalls: `syscall` in the program, and in a second function of that name.
program ' syscall'
wrong 'stray syscall.* in main$' asm
program ' sysenter'
wrong 'stray sysenter.* in main$' asm
program ' call hypercall
 ret
hypercall:
 syscall'
wrong 'hypercall: 2 syscall instructions' asm
program ' ret
hypercall:'
passes "$check" asm
cp good stripped
"$ATMAN_LLVM_BINDIR/llvm-strip" stripped
wrong 'stripped' stripped

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
passes "$clang" -c -O2 leaf.c -o leaf.o
wrong 'not an executable' leaf.o

finish
