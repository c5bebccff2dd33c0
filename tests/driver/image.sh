# SPDX-License-Identifier: MIT
# What the first example becomes: an image as `file` and `readelf` should see it.
. "$(dirname "$0")/lib.sh"

passes "$cc" -o kernel "$ATMAN_SOURCE/examples/hello.c"
run file -b kernel
is 'file kernel' "$(cat .out)" \
    'ELF 64-bit LSB executable, x86-64, version 1 (SYSV), statically linked, not stripped'

# One section a note, under the names that AtmanOS's images have, and our own beside them.
passes "$ATMAN_LLVM_BINDIR/llvm-readelf" --sections kernel
for note in os version loader virt_base paddr_offset entry hypercall_page init_p2m; do
    says " \.note\.Xen\.$note +NOTE "
done
passes sh "$ATMAN_SOURCE/tests/check-image.sh" kernel

finish
