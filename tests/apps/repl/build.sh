#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh LUA-TARBALL JIMTCL-TARBALL WORK: makes WORK/lua.kernel, Lua with Jim Tcl's line
# editor. ATMAN_TOOLCHAIN is the toolchain's folder.
set -eu
: "${ATMAN_TOOLCHAIN:?}"
here=$(dirname "$0") work=$3

rm -rf "$work"
mkdir -p "$work/lua" "$work/jimtcl"
tar -xf "$1" -C "$work/lua" --strip-components=1
tar -xf "$2" -C "$work/jimtcl" --strip-components=1
rm "$work/lua/src/luac.c"
# Their warnings are not ours to mend.
exec "$ATMAN_TOOLCHAIN/bin/atman-cc" -O2 -w -DLUA_USE_POSIX -include "$here/readline.h" \
    -I "$here" -I "$work/jimtcl" -o "$work/lua.kernel" "$work"/lua/src/*.c \
    "$work/jimtcl/linenoise.c"
