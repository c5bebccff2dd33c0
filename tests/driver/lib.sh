# SPDX-License-Identifier: MIT
# What the driver's tests share; a test sources it, checks, and ends with `finish`. A test
# works in an empty folder of its own, which is removed. ctest sets ATMAN_TOOLCHAIN,
# ATMAN_LLVM_BINDIR and ATMAN_SOURCE (the project's folder).
set -u
: "${ATMAN_TOOLCHAIN:?}" "${ATMAN_LLVM_BINDIR:?}" "${ATMAN_SOURCE:?}"

cc=$ATMAN_TOOLCHAIN/bin/atman-cc
ld=$ATMAN_TOOLCHAIN/libexec/atman/ld.atman
checks=0 failures=0
unset ATMAN_LLVM
LC_ALL=C
export LC_ALL

work=$(mktemp -d "${TMPDIR:-/tmp}/atman-driver-XXXXXX") || exit 1
trap 'cd /; rm -rf "$work"' EXIT
cd "$work" || exit 1

# verdict GOOD WHAT: one check. After a failure the last command's output is shown.
verdict() {
    checks=$((checks + 1))
    [ "$1" = 0 ] && return
    failures=$((failures + 1))
    echo "FAILED: $2"
    sed 's/^/    out: /' .out 2>/dev/null | head -20
    sed 's/^/    err: /' .err 2>/dev/null | head -20
}

# run COMMAND...: stdout to .out, stderr to .err, exit status to $status.
run() {
    "$@" >.out 2>.err
    status=$?
}

# passes COMMAND...: exit status 0, and not a word on stderr.
passes() {
    run "$@"
    [ "$status" = 0 ] && [ ! -s .err ]
    verdict $? "$* (status $status)"
}

# fails STATUS PATTERN COMMAND...: this exit status, and a line on stderr that matches.
fails() {
    wanted=$1 pattern=$2
    shift 2
    run "$@"
    [ "$status" = "$wanted" ] && grep -Eq -- "$pattern" .err
    verdict $? "$* (status $status, not $wanted; or no \"$pattern\")"
}

# says PATTERN / complains PATTERN: a line of the last command's stdout / stderr matches.
says() {
    grep -Eq -- "$1" .out
    verdict $? "stdout has no \"$1\""
}
complains() {
    grep -Eq -- "$1" .err
    verdict $? "stderr has no \"$1\""
}

# there FILE / gone FILE...: it is there and not empty / none of them is there.
there() {
    [ -s "$1" ]
    verdict $? "$1 is missing or empty"
}
gone() {
    for file in "$@"; do
        [ ! -e "$file" ]
        verdict $? "$file is there"
    done
}

# image FILE: a sound guest image.
image() {
    run "$ATMAN_SOURCE/tests/check-image.sh" "$1"
    verdict "$status" "$1 is no sound image"
}

# object FILE: a relocatable file for x86-64.
object() {
    run "$ATMAN_LLVM_BINDIR/llvm-readelf" -h "$1"
    says 'Type: +REL'
    says 'Machine: .*X86-64'
}

# is WHAT GOT WANTED: two texts are equal.
is() {
    [ "$2" = "$3" ]
    verdict $? "$1 is \"$2\", not \"$3\""
}

finish() {
    echo "$checks checks, $failures failed"
    [ "$failures" = 0 ] && [ "$checks" -gt 0 ]
    exit $?
}

# A program that needs the C library, and one that needs nothing.
cat >hello.c <<'EOF'
#include <stdio.h>
int main(void) {
    printf("Hello, world\n");
    return 0;
}
EOF
echo 'int twice(int a) { return a * 2; }' >twice.c
