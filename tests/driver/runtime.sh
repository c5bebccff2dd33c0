# SPDX-License-Identifier: MIT
# The runtimes themselves have no red zone and one hypercall instruction; and the script that
# says so, tests/check-runtime.sh, finds it out where it is not so.
. "$(dirname "$0")/lib.sh"

check=$ATMAN_SOURCE/tests/check-runtime.sh
clang=$ATMAN_LLVM_BINDIR/clang

for name in atman atman-debug atman-trace atman-debug-trace; do
    passes sh "$check" "$ATMAN_TOOLCHAIN/sysroot/usr/lib/$name.o"
done

# object FLAGS... FILE: an object with one function `hypercall` and what is in FILE.
cat >hypercall.s <<'END'
hypercall:
 syscall
 ret
END
passes "$clang" -c hypercall.s
object() {
    "$clang" --target=x86_64-linux-gnu -fno-pie -fno-stack-protector -c -o part.o "$@" &&
        passes "$ATMAN_LLVM_BINDIR/ld.lld" -r hypercall.o part.o -o object.o
}
wrong() {
    fails 1 "$1" sh "$check" object.o
}

# By %rsp, and by %rbp in leaf functions.
echo 'int leaf(int a) { volatile int x[20]; x[3] = a; return x[3]; }' >leaf.c
for flags in '-O2 -fomit-frame-pointer' '-O2 -fno-omit-frame-pointer' -O0; do
    # shellcheck disable=SC2086
    object $flags -mno-omit-leaf-frame-pointer leaf.c
    wrong 'red zone .* in leaf$'
done
object -O2 -mno-red-zone leaf.c
passes sh "$check" object.o

# By lea; but making room with lea is no access.
assemble() {
    printf 'function:\n%s\n ret\n' "$1" >asm.s
    object asm.s
}
assemble ' lea -8(%rsp), %rdi
 movl $0, (%rdi)'
wrong 'red zone'
assemble ' lea -24(%rsp), %rsp
 movl $0, (%rsp)
 lea 24(%rsp), %rsp'
passes sh "$check" object.o

# Hypercalls elsewhere, two of them, none.
assemble ' syscall'
wrong 'stray syscall.* in function$'
assemble ' sysenter'
wrong 'stray sysenter.* in function$'
passes "$clang" -c asm.s -o object.o
wrong 'hypercall: 0 syscall instructions'

run sh "$check" hello.c
is 'status for a text file' "$status" 2

finish
