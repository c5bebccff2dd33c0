# SPDX-License-Identifier: MIT
# The host compiler's environment variables do not leak into guests; the useful ones work.
. "$(dirname "$0")/lib.sh"

mkdir leak
echo '#error the host leaks in' >leak/stdio.h
echo 'int leaked(void) { return 0; }' >leaked.c
"$cc" -c leaked.c -o leak/leaked.o && "$ATMAN_LLVM_BINDIR/llvm-ar" rcs leak/libleak.a leak/leaked.o
for name in CPATH C_INCLUDE_PATH; do
    passes env $name="$work/leak" "$cc" -c hello.c
done
echo 'int leaked(void); int main(void) { return leaked(); }' >user.c
fails 1 'unable to find library -lleak' env LIBRARY_PATH="$work/leak" "$cc" user.c -lleak -o k
gone k
passes "$cc" user.c -L leak -lleak -o k
passes env CCC_OVERRIDE_OPTIONS='+-DX=1' "$cc" -E -x c - </dev/null
run env CCC_OVERRIDE_OPTIONS='# x-c' "$cc" -c hello.c
is 'status with CCC_OVERRIDE_OPTIONS' "$status" 0
run env COMPILER_PATH="$work/leak" GCC_EXEC_PREFIX="$work/leak/" "$cc" -print-search-dirs
grep -q leak .out && verdict 1 'COMPILER_PATH leaks in'

# SOURCE_DATE_EPOCH and TMPDIR are the user's.
echo 'const char *t = __DATE__;' >date.c
passes env SOURCE_DATE_EPOCH=0 "$cc" -E date.c
says 'Jan  1 1970'
mkdir tmp
run env TMPDIR="$work/tmp" "$cc" '-###' hello.c
complains "$work/tmp/hello-"
passes env TMPDIR="$work/tmp" "$cc" hello.c -o k
is 'the temporary folder' "$(ls -A tmp)" ''

# ATMAN_LLVM names another LLVM.
mkdir llvm
printf '#!/bin/sh\necho mine "$1"\n' >llvm/clang
chmod +x llvm/clang
passes env ATMAN_LLVM="$work/llvm" "$cc" -c hello.c
says '^mine '

finish
