#!/bin/sh
# SPDX-License-Identifier: MIT
# red-zone-test.sh LLVM-BINDIR TRIPLE ARCHIVE: fails if code in the archive uses
# memory below the stack pointer. That the search would find such code is tried
# on an object which does.
set -eu
bin=$1 triple=$2 archive=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Prints the instructions that reach below %rsp.
below_stack() {
    "$bin/llvm-objdump" -d "$1" >"$tmp/disassembly"
    grep -E -- '-0x[0-9a-f]+\(%rsp' "$tmp/disassembly" || [ $? -eq 1 ]
}

cat >"$tmp/leaf.c" <<'END'
int leaf(int n) { volatile int local = n; return local; }
END
"$bin/clang" "--target=$triple" -O2 -mred-zone -c "$tmp/leaf.c" -o "$tmp/leaf.o"
if [ -z "$(below_stack "$tmp/leaf.o")" ]; then
    echo "red-zone: a leaf function built with -mred-zone was not found out"
    exit 1
fi

found=$(below_stack "$archive")
functions=$(grep -c '>:$' "$tmp/disassembly")
if [ -n "$found" ] || [ "$functions" -eq 0 ]; then
    printf '%s\n' "$found"
    echo "red-zone: $archive: $functions functions, the instructions above use the red zone"
    exit 1
fi
echo "red-zone: $archive: $functions functions, none uses the red zone"
