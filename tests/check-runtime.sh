#!/bin/sh
# SPDX-License-Identifier: MIT
# check-runtime.sh OBJECT: may this be a runtime? Its entries run on the kernel stack of a
# vCPU, where an event or a fault may come at any instruction, so none of its code may access
# memory below the stack pointer; and all hypercalls go through one instruction, by which the
# entry of `syscall` tells them from the program's. Exit status 0 if all is well, 1 if not,
# 2 if it could not look. ATMAN_LLVM_BINDIR as for check-image.sh.
set -u

object=${1:?usage: check-runtime.sh OBJECT}
if [ -n "${ATMAN_LLVM_BINDIR:-}" ]; then
    objdump=$ATMAN_LLVM_BINDIR/llvm-objdump
else
    objdump=llvm-objdump-19
fi

code=$("$objdump" -d --no-show-raw-insn "$object") || exit 2
wrong=$(printf '%s\n' "$code" | awk -f "$(dirname "$0")/check-code.awk")
[ -z "$wrong" ] && exit 0
printf '%s\n' "$wrong" | sed "s|^|check-runtime.sh: $object: |" >&2
exit 1
