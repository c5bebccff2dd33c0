#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds musl for Linux from its upstream tarball, unchanged and with its own defaults, for
# the Linux side of the comparison:
#
#   linux_libc.sh TARBALL WORK LLVM_BINDIR
#
# WORK/usr gets its headers and libraries. WORK is made anew each time.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: linux_libc.sh TARBALL WORK LLVM_BINDIR" >&2
    exit 2
fi
tarball=$1 work=$2 llvm=$3

rm -rf "$work"
mkdir -p "$work/musl" "$work/obj"
tar -xf "$tarball" -C "$work/musl" --strip-components=1
cd "$work/obj"
CC=$llvm/clang AR=$llvm/llvm-ar RANLIB=$llvm/llvm-ranlib \
    ../musl/configure --prefix="$work/usr" --disable-shared --disable-wrapper >configure.log
make -s -j"$(nproc)" install-headers install-libs
rm -rf "$work/musl" "$work/obj"
