# SPDX-License-Identifier: MIT
# One small check for each option that this compiler must have.
. "$(dirname "$0")/lib.sh"

# -c: an object, under the input's name or the one asked for.
passes "$cc" -c hello.c
object hello.o
passes "$cc" -c hello.c -o other.o
object other.o
passes "$cc" -c hello.c twice.c
there twice.o

# -S: assembly.
passes "$cc" -S twice.c
passes grep -q '^twice:' twice.s

# -E: to stdout; with our macro, and those of the C library's headers alone.
passes "$cc" -E hello.c
says 'Hello, world'
echo 'atman is __atman__, Linux is __linux__, x86 is __x86_64__' >macro.c
passes "$cc" -E macro.c
says '^atman is 1, Linux is 1, x86 is 1$'
passes "$cc" -E -dD hello.c
if grep -q '"/usr/include' .out; then verdict 1 'a header of the host is used'; fi

# -o: exactly that file, joined or separate, and nothing beside it.
mkdir only
passes "$cc" -o only/kernel hello.c
is 'the folder' "$(ls -A only)" kernel
image only/kernel
passes "$cc" -ojoined hello.c
image joined
passes "$cc" hello.c
image a.out
passes "$cc" -o -pie twice.c -c
there ./-pie

# -x, and the source from stdin.
cp hello.c hello.txt
passes "$cc" -x c hello.txt -o fromtxt
image fromtxt
run sh -c '"$0" -x c - -o stdin <hello.c' "$cc"
verdict "$status" 'source from stdin'
image stdin
printf 'f:\n ret\n' | passes "$cc" -x assembler - -c -o asm.o
object asm.o

# -I, -D, -U, -include.
mkdir headers
echo '#define VALUE 7' >headers/value.h
echo '#include <value.h>
int value[VALUE == 7 ? 1 : -1];' >value.c
passes "$cc" -Iheaders -c value.c
passes "$cc" -I headers -c value.c
fails 1 "value.h' file not found" "$cc" -c value.c
echo 'int d[D == 3 ? 1 : -1];' >d.c
passes "$cc" -DD=3 -c d.c
passes "$cc" -D D=3 -c d.c
fails 1 'error' "$cc" -DD=3 -UD -c d.c
passes "$cc" -include headers/value.h -DD=VALUE-4 -c d.c

# -L and -l; several inputs of several kinds in one run.
passes "$cc" -c twice.c
"$ATMAN_LLVM_BINDIR/llvm-ar" rcs libtwice.a twice.o
echo 'int twice(int); int main(void) { return twice(0); }' >main.c
passes "$cc" main.c -L. -ltwice -o lib
image lib
passes "$cc" main.c -L . -l twice -o lib2
image lib2
passes "$cc" main.c twice.o -o both
image both
passes "$cc" main.c twice.c -o both2
image both2
passes "$cc" hello.c -lm -lpthread -lrt -ldl -lutil -lcrypt -lresolv -lxnet -o libs
image libs

# -O and -g.
for level in -O0 -O1 -O2 -O3 -Os -Oz -Og -O -Ofast; do
    # clang warns that -Ofast is deprecated.
    passes "$cc" -Wno-deprecated $level hello.c -o level
    image level
done
passes "$cc" -g -c hello.c -o g.o
run "$ATMAN_LLVM_BINDIR/llvm-readelf" -S g.o
says '\.debug_info'

# -M and its like.
passes "$cc" -MD -MF hello.d -c hello.c
passes grep -q 'stdio.h' hello.d
passes "$cc" -MM hello.c
says '^hello.o: hello.c'

# Code generation: frame pointers unless the user says otherwise.
echo 'int f(int a) { volatile int x[8]; x[a & 7] = a; return x[0]; }' >leaf.c
passes "$cc" -O2 -S -o leaf.s leaf.c
passes grep -q 'movq.*%rsp, %rbp' leaf.s
passes "$cc" -O2 -fomit-frame-pointer -S -o leaf.s leaf.c
run grep -q '%rbp' leaf.s
is 'grep for a frame pointer' "$status" 1

# Options that ask for what an image is not are ignored; none brings a warning.
for option in -pie -static-pie -rdynamic -dynamic -static -no-pie -fPIC -fPIE -fpic \
    -rtlib=compiler-rt -unwindlib=libunwind -fuse-ld=bfd -m64 \
    --target=x86_64-atman-linux-musl -pipe; do
    passes "$cc" "$option" hello.c -o ignored
    image ignored
done
passes "$cc" -c -pie -rdynamic hello.c

# -nostdlib and -nostartfiles leave out what they say.
run "$cc" '-###' -nostartfiles hello.c
complains '"-lc"'
grep -q 'crt1\.o' .err && verdict 1 '-nostartfiles links crt1.o'
run "$cc" '-###' -nostdlib hello.c
grep -q '"-lc"' .err && verdict 1 '-nostdlib links libc'
fails 1 'undefined symbol: _start' "$cc" -nostdlib hello.c -o bare
gone bare
echo 'int main(void); void _start(void) { main(); }' >start.c
fails 1 'undefined symbol: printf' "$cc" -nostdlib start.c hello.c -fno-builtin -o bare
gone bare

# Response files, also in other ones; an option in one counts like any other.
cat >args <<'EOF'
-o "from file"
hello.c '-DA="b c"' @nested
EOF
echo '-O1 -pie' >nested
passes "$cc" @args
image 'from file'
echo '-shared' >nested
fails 1 '^atman-cc: -shared:' "$cc" @args
fails 1 "no such file.*@nothing" "$cc" @nothing
echo '@loop' >loop
fails 1 '^atman-cc: @loop: includes itself$' "$cc" @loop
# A line that is too long for one execve(), by far, with quotes in it.
awk 'BEGIN { for (i = 0; i < 20000; i++)
    printf "-DNAME_%d=\\\"a rather long value to fill the line with; a number, too: %d\\\"\n", i, i }' |
    sed "s/.*/'&'/" >long
[ "$(wc -c <long)" -gt 1500000 ]
verdict $? 'the response file is too short for this test'
echo 'char last[sizeof(NAME_19999) ==
    sizeof("a rather long value to fill the line with; a number, too: 19999") ? 1 : -1];' >long.c
passes "$cc" @long -c long.c
object long.o

# What the compiler says about itself.
passes "$cc" --version
says '^Atman clang version 19\.'
says '^Target: x86_64-atman-linux-musl$'
says '^atman [0-9.]+, musl 1\.2\.5, sysroot [0-9a-f]{16}$'
passes "$cc" --version -shared --target=other
passes "$cc" --help
says 'atman-run'
says 'clang-19 --help'
passes "$cc" -dumpmachine
is '-dumpmachine' "$(cat .out)" x86_64-atman-linux-musl
passes "$cc" -dumpversion
says '^19\.'
passes "$cc" -print-prog-name=ld
is '-print-prog-name=ld' "$(cat .out)" "$ATMAN_TOOLCHAIN/libexec/atman/ld"
passes "$cc" -print-file-name=libc.a
is '-print-file-name=libc.a' "$(cat .out)" "$ATMAN_TOOLCHAIN/sysroot/usr/lib/libc.a"
passes "$cc" -print-libgcc-file-name
is '-print-libgcc-file-name' "$(cat .out)" "$ATMAN_TOOLCHAIN/sysroot/usr/lib/libgcc.a"
passes "$cc" -print-sysroot
is '-print-sysroot' "$(cat .out)" "$ATMAN_TOOLCHAIN/sysroot"
passes "$cc" -print-search-dirs
says '^libraries: '
passes "$cc" -print-resource-dir

# -### runs nothing, -v says what it runs; the text is clang's.
run "$cc" '-###' hello.c -o dry
is 'status of -###' "$status" 0
complains '"-cc1"'
complains 'libexec/atman/ld\.atman"'
gone dry
run "$cc" -v hello.c -o verbose
is 'status of -v' "$status" 0
complains 'clang version 19'
complains 'ld\.atman"? '
image verbose

finish
