#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds musl, for guests, from its upstream tarball and our port beside this script:
#
#   build.sh TARBALL WORK SYSROOT SYSCALLS_DEF LLVM_BINDIR
#
# The port is made the way musl's own are: an arch folder, and src/*/ARCH folders whose
# files replace the ones of the same name beside them. It is x86_64's, copied out of the
# tarball, less what holds a `syscall` instruction or uses the red zone, plus ours. No
# upstream file is changed. WORK is made anew each time.
set -eu

if [ $# -ne 5 ]; then
    echo "usage: build.sh TARBALL WORK SYSROOT SYSCALLS_DEF LLVM_BINDIR" >&2
    exit 2
fi
tarball=$1 work=$2 sysroot=$3 syscalls=$4 llvm=$5
port=$(cd "$(dirname "$0")" && pwd)
arch=atman

rm -rf "$work"
mkdir -p "$work/musl"
tar -xf "$tarball" -C "$work/musl" --strip-components=1

# x86_64's port under our name
cp -R "$work/musl/arch/x86_64" "$work/musl/arch/$arch"
for folder in "$work"/musl/src/*/x86_64; do
    cp -R "$folder" "$(dirname "$folder")/$arch"
done

# What must not stay of it: system calls, and temporaries below the stack pointer. musl's
# portable C, or our file, takes each one's place.
for replaced in process/vfork thread/clone thread/syscall_cp thread/__unmapself \
    thread/__set_thread_area signal/restore fenv/fenv math/exp2l math/expm1l; do
    rm "$work/musl/src/$(dirname $replaced)/$arch/$(basename $replaced).s"
done

cp -R "$port/arch" "$port/src" "$work/musl/"
cp "$syscalls" "$work/musl/arch/$arch/syscalls.def"
cat "$port/stubs.h" >> "$work/musl/arch/$arch/bits/alltypes.h.in"

mkdir "$work/obj"
cat > "$work/obj/config.mak" <<EOF
ARCH = $arch
srcdir = $work/musl
prefix = /usr
syslibdir = /lib
CC = $llvm/clang --target=x86_64-atman-linux-musl
AR = $llvm/llvm-ar
RANLIB = $llvm/llvm-ranlib
LIBCC =
CFLAGS_AUTO = -Os -pipe -w
CFLAGS = -mno-red-zone -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer \\
  -ffunction-sections -fdata-sections -fno-stack-protector -fno-pic \\
  -fno-unwind-tables -fno-asynchronous-unwind-tables -fno-strict-aliasing \\
  -ffile-prefix-map=$work=.
CFLAGS_C99FSE = -std=c99 -ffreestanding -nostdinc -Wa,--noexecstack
CRT_LIBS = lib/crt1.o lib/crti.o lib/crtn.o
SHARED_LIBS =
TOOL_LIBS =
ALL_TOOLS =
OPTIMIZE_GLOBS = internal/*.c malloc/*.c string/*.c

# What computes with fractions. Elsewhere the option only makes clang put an x87 instruction
# behind each atomic operation.
obj/src/math/%.o obj/src/complex/%.o obj/src/fenv/%.o obj/src/stdio/%.o obj/src/stdlib/%.o \\
obj/src/prng/%.o obj/src/time/%.o obj/src/internal/floatscan.o: CFLAGS_ALL += -frounding-math

# With what the library opens its own files; see __map_file.c.
\$(patsubst %,obj/src/%.o,fcntl/open fcntl/openat stdio/fopen time/localtime_r time/mktime): \\
  CFLAGS_ALL += -include $work/musl/arch/$arch/opens_files.h

# What is called all the time, and is no caller that a backtrace would miss, goes without frame
# pointers, which are up to a quarter of its instructions.
fast = thread/$arch/pthread_mutex_unlock.o time/$arch/clock_gettime.o \\
  thread/__lock.o malloc/free.o malloc/lite_malloc.o
\$(addprefix obj/src/,\$(fast)): CFLAGS_ALL += -O2 -momit-leaf-frame-pointer -fomit-frame-pointer
obj/src/malloc/mallocng/free.o: CFLAGS_ALL += -momit-leaf-frame-pointer
EOF
make -s -C "$work/obj" -f "$work/musl/Makefile" -j"$(nproc)" \
    DESTDIR="$sysroot" install-headers install-libs
