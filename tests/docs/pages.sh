# SPDX-License-Identifier: MIT
# pages.sh PAGE: the commands of docs/PAGE.md print what it says (console.py). Beside them are
# a copy of examples/wordcount and, as mawk.tar, the source of Debian's mawk.
. "$(dirname "$0")/../driver/lib.sh"

mkdir page
cp -r "$ATMAN_SOURCE/examples/wordcount" page
[ -z "${ATMAN_MAWK:-}" ] || cp "$ATMAN_MAWK" page/mawk.tar
mkdir bin
command -v cc >/dev/null || ln -s "$ATMAN_LLVM_BINDIR/clang" bin/cc # a host's compiler
PATH=$ATMAN_TOOLCHAIN/bin:$PATH:$work/bin HOME=$work/page
export PATH HOME
unset CC CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS CONFIG_SITE TZ TERM
cd page || exit 1
run python3 -B "$ATMAN_SOURCE/tests/docs/console.py" "$ATMAN_SOURCE/docs/$1.md"
cat .out .err
is "status of $1" "$status" 0

finish
