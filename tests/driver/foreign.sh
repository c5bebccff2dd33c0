# SPDX-License-Identifier: MIT
# Objects that were not compiled for a guest are found at link and named; ours never are,
# whatever has been done to them on the way.
. "$(dirname "$0")/lib.sh"

clang=$ATMAN_LLVM_BINDIR/clang
ar=$ATMAN_LLVM_BINDIR/llvm-ar
strip=$ATMAN_LLVM_BINDIR/llvm-strip
lld=$ATMAN_LLVM_BINDIR/ld.lld
native="$clang --target=x86_64-linux-gnu -O2 -Wno-unused-command-line-argument"
echo 'int twice(int); int main(void) { return twice(0); }' >main.c
echo 'int thrice(int a) { return a * 3; }' >thrice.c
passes "$cc" -c main.c twice.c thrice.c
mkdir native
passes $native -c twice.c -o native/twice.o
passes $native -c thrice.c -o native/thrice.o

# named NAME COMMAND...: refused, by one line that names the object; nothing stays.
named() {
    pattern=$1
    shift
    fails 1 "^ld\.atman: $pattern, and not for a guest; compile it with atman-cc" "$@"
    gone out
}
named 'native/twice\.o: compiled by .*clang version [^,]*' "$cc" main.c native/twice.o -o out
is 'lines of ld.atman' "$(grep -c '^ld\.atman' .err)" 1
named 'native/twice\.o: compiled by .*clang version [^,]*' "$cc" -r main.o native/twice.o -o out
if command -v gcc >/dev/null; then
    passes gcc -O2 -c twice.c -o gcc.o
    named 'gcc\.o: compiled by GCC: .*' "$cc" main.c gcc.o -o out
fi
# Without its .comment, as in Debian's archives.
cp native/twice.o bare.o
passes "$strip" -g -R .comment bare.o
named 'bare\.o: not compiled by atman-cc' "$cc" main.o bare.o -o out
# Bitcode.
passes $native -flto -c twice.c -o lto.o
named 'lto\.o: bitcode for another target' "$cc" -flto main.c lto.o -o out
# One that another linker has joined with ours.
passes "$lld" -r main.o native/twice.o -o joined.o
named 'joined\.o: compiled by .*' "$cc" joined.o -o out

# In an archive it matters if it is taken from there.
passes "$ar" rcs libmix.a thrice.o native/twice.o
passes "$ar" rcs libother.a twice.o native/thrice.o
named 'libmix\.a\(twice\.o\): compiled by .*' "$cc" main.c libmix.a -o out
named '\./libmix\.a\(twice\.o\): compiled by .*' "$cc" main.c -L. -lmix -o out
passes "$cc" main.c -L. -lother -o out
image out
rm out
for whole in libother.a '-L. -lother'; do
    named '(\./)?libother\.a\(thrice\.o\): compiled by .*' \
        "$cc" main.c -Wl,--whole-archive $whole -Wl,--no-whole-archive -o out
done
# A long name, and a thin archive.
cp native/twice.o a-name-of-more-than-sixteen-bytes.o
passes "$ar" rcs liblong.a a-name-of-more-than-sixteen-bytes.o
named 'liblong\.a\(a-name-of-more-than-sixteen-bytes\.o\): compiled .*' \
    "$cc" main.c liblong.a -o out
passes "$ar" rcs --thin libthin.a native/twice.o
named '.*native/twice\.o: compiled by .*' "$cc" main.c libthin.a -o out
# Where another C library's names are missing, it is said why.
echo 'int __glibc_has_it(int); int twice(int a) { return __glibc_has_it(a); }' >glibc.c
passes $native -c glibc.c
passes "$ar" rcs libglibc.a glibc.o
named 'libglibc\.a\(glibc\.o\): compiled .*' "$cc" main.c libglibc.a -o out
complains 'undefined symbol: __glibc_has_it'

# Who wants it gets it.
passes "$cc" -fatman-foreign main.c native/twice.o -o out
image out
rm out
named 'native/twice.o: .*' "$cc" -fatman-foreign -fno-atman-foreign main.c native/twice.o -o out

# Ours: optimised, debugged, stripped, joined, archived, as bitcode, through assembly.
ours() {
    passes "$cc" main.c "$@" -o out
    image out
    rm -f out
}
for flags in -O0 -O2 -Os -g '-g -gsplit-dwarf' -fno-ident -Qn -fident -Qy -flto -flto=thin \
    -fno-integrated-as -save-temps -pipe -fPIC -ffreestanding '-x c' -ggdb3 -fexceptions; do
    passes "$cc" $flags -c twice.c -o ours.o
    ours ours.o
done
passes "$cc" -c twice.c -o ours.o
for how in -g --strip-unneeded '-g -R .comment' '--strip-unneeded -R .comment -R .note'; do
    cp ours.o stripped.o
    passes "$strip" $how stripped.o
    ours stripped.o
done
passes "$cc" stripped.o main.o -Wl,--no-gc-sections -o out
run "$ATMAN_LLVM_BINDIR/llvm-readelf" -S out
grep -q 'atman\.mark' .out && verdict 1 'the mark is in an image'
rm out
passes "$cc" -r ours.o thrice.o -o joined.o
ours joined.o
passes "$lld" -r ours.o thrice.o -o joined.o
ours joined.o
passes "$ar" rcs libours.a twice.o thrice.o
ours libours.a
ours -Wl,--whole-archive libours.a -Wl,--no-whole-archive
passes "$cc" -S twice.c -o twice.s
passes "$cc" -c twice.s -o ours.o
ours ours.o
ours twice.s
passes "$cc" -emit-llvm -c twice.c -o twice.bc
passes "$cc" -c -x ir twice.bc -o ours.o
ours ours.o
# A source with an #ident of its own.
echo '#ident "clang version 1, they say"
int twice(int a) { return a * 2; }' >ident.c
passes "$cc" -c twice.c -o ours.o

# Assembly: ours with unwind tables, by itself and beside C; data; what nasm would make.
cat >cfi.S <<'EOF'
.globl twice
twice:
 .cfi_startproc
 lea (%rdi,%rdi), %eax
 ret
 .cfi_endproc
EOF
passes "$cc" -c cfi.S
ours cfi.o
ours cfi.S
passes "$cc" -c -x assembler-with-cpp cfi.S -o ours.o
ours ours.o
passes "$cc" -r cfi.o thrice.o -o joined.o
ours joined.o
printf '.globl twice\ntwice:\n lea (%%rdi,%%rdi), %%eax\n ret\n' >plain.s
passes $native -c plain.s
ours plain.o
echo 'text' >data
passes "$lld" -m elf_x86_64 -r -b binary data -o data.o
ours twice.o data.o

# Nothing is left in the folder for temporary files, whether it went well or not.
mkdir tmp
passes env TMPDIR="$work/tmp" "$cc" main.c libours.a -o out
run env TMPDIR="$work/tmp" "$cc" main.c libmix.a -o out
run env TMPDIR="$work/tmp" "$cc" main.c -o out
is 'the temporary folder' "$(ls -A tmp)" ''

finish
