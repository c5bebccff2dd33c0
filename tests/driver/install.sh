# SPDX-License-Identifier: MIT
# The toolchain folder may lie anywhere, be copied, moved, and called through symlinks.
. "$(dirname "$0")/lib.sh"

# A copy under a name with spaces and quotes; LLVM stays where it is.
copy="$work/my 'tool' chain"
mkdir "$copy"
for part in bin libexec lib sysroot; do
    cp -R "$ATMAN_TOOLCHAIN/$part" "$copy/"
done
passes "$copy/bin/atman-cc" hello.c -o 'a kernel'
image 'a kernel'
passes "$copy/bin/atman-cc" -print-file-name=libc.a
is 'libc.a' "$(cat .out)" "$copy/sysroot/usr/lib/libc.a"
run "$copy/bin/atman-cc" '-###' hello.c
complains "my 'tool' chain/libexec/atman/ld.atman"
grep -q "$ATMAN_TOOLCHAIN" .err && verdict 1 'the copy uses the original'

# --version is the same for every copy, and another one as soon as the sysroot is.
version() {
    "$1/bin/atman-cc" --version | tail -n 1
}
is 'the version of a copy' "$(version "$copy")" "$(version "$ATMAN_TOOLCHAIN")"
echo >>"$copy/sysroot/usr/include/stdio.h"
[ "$(version "$copy")" != "$(version "$ATMAN_TOOLCHAIN")" ]
verdict $? 'a change in the sysroot does not change --version'
cp "$ATMAN_TOOLCHAIN/sysroot/usr/include/stdio.h" "$copy/sysroot/usr/include/stdio.h"
is 'the version, changed back' "$(version "$copy")" "$(version "$ATMAN_TOOLCHAIN")"
mv "$copy/sysroot/usr/lib/libm.a" "$copy/sysroot/usr/lib/libn.a"
[ "$(version "$copy")" != "$(version "$ATMAN_TOOLCHAIN")" ]
verdict $? 'a new name in the sysroot does not change --version'
mv "$copy/sysroot/usr/lib/libn.a" "$copy/sysroot/usr/lib/libm.a"

# Moved.
mv "$copy" moved
passes moved/bin/atman-cc hello.c -o kernel
image kernel
mv moved "$copy"

# Through a symlink to the program, to its folder, by PATH, and from another folder.
ln -s "$copy/bin/atman-cc" cc-link
ln -s "$copy" folder-link
passes ./cc-link hello.c -o kernel
image kernel
passes folder-link/bin/atman-cc hello.c -o kernel
image kernel
PATH=$copy/bin:$PATH passes atman-cc hello.c -o kernel
image kernel
mkdir sub
run sh -c 'cd sub && ../cc-link ../hello.c -o ../fromsub'
verdict "$status" 'from another folder'
image fromsub

# Sources and outputs in paths with spaces.
mkdir 'with space'
cp hello.c 'with space/my hello.c'
passes "$cc" 'with space/my hello.c' -o 'with space/my kernel'
image 'with space/my kernel'

# Nothing is written into the toolchain or the home folder.
HOME=$work/home
export HOME
mkdir home
before=$(find "$copy" | sort)
passes "$copy/bin/atman-cc" -g hello.c -o kernel
is 'the toolchain' "$(find "$copy" | sort)" "$before"
is 'the home folder' "$(ls -A home)" ''

# A toolchain without its parts names what is missing.
rm "$copy/sysroot/usr/lib/atman.o"
fails 1 'atman\.o' "$copy/bin/atman-cc" hello.c -o broken
rm "$copy/lib/atman/atman.ld"
fails 1 'atman\.ld' "$copy/bin/atman-cc" hello.c -o broken
gone broken
rm "$copy/sysroot/usr/lib/libc.a"
run "$copy/bin/atman-cc" --version
is 'status of --version' "$status" 0
says 'no musl: .*/libc\.a is missing'

finish
