# SPDX-License-Identifier: MIT
# The driver's table, row by row: what is dropped changes nothing, what is refused says why
# and leaves nothing; and what is in no row works as with any clang.
. "$(dirname "$0")/lib.sh"

llvm=$ATMAN_LLVM_BINDIR
run_it() { # run_it IMAGE STATUS TEXT: what it does as a guest
    run "$ATMAN_TOOLCHAIN/bin/atman-run" --timeout 60 "$1"
    is "status of $1" "$status" "$2"
    is "output of $1" "$(cat .out)" "$3"
}

# --- refused: status 1, one line, nothing made; when only compiling, too --------
while read -r option reason; do
    for how in '-c hello.c' 'hello.c' '-E hello.c' '-S hello.c'; do
        # shellcheck disable=SC2086
        fails 1 "^atman-cc: ${option%%=*}.*: .*$reason" "$cc" $option $how -o out
        is "lines about $option" "$(cat .out .err | wc -l)" 1
        gone out
    done
done <<'EOF'
-shared one static image
--shared one static image
-m32 64-bit
-m16 64-bit
-mx32 64-bit
--target=x86_64-linux-gnu 64-bit
--target=aarch64-atman-linux-musl 64-bit
-march=native name one
-fsanitize=address no runtime
-fsanitize=undefined,address no runtime
-fsanitize=thread no runtime
-fsanitize=memory no runtime
-fsanitize=leak no runtime
-fsanitize=fuzzer-no-link no runtime
-fsanitize=undefined -fsanitize-minimal-runtime, or -fsanitize-trap=all
-fsanitize-coverage=trace-pc no runtime
--coverage no runtime
-fprofile-arcs no runtime
-fprofile-generate no runtime
-fprofile-instr-generate no runtime
-fmemory-profile no runtime
-fxray-instrument no runtime
-fsplit-stack no runtime
-pg no runtime
-p no runtime
-fopenmp no runtime
--driver-mode=g++ C compiler
--ld-path=/usr/bin/ld linked by ld.atman
--rsp-quoting=windows GNU quoting
-fatman-nothing no such option
-fno-atman-nothing no such option
--atman-nothing no such option
EOF
for option in -shared --shared -Bshareable; do
    fails 1 "^ld\.atman: $option: a guest is one static image" "$cc" hello.c "-Wl,$option" -o out
    gone out
done
rt=$("$cc" -print-resource-dir)/lib/linux/libclang_rt.asan-x86_64.a
fails 1 'libclang_rt\.asan.*no runtime' "$cc" hello.c "$rt" -o out
gone out
# Joined, separate, in a response file; but not as another option's argument, nor behind --.
fails 1 '^atman-cc: -target: ' "$cc" -target i386-linux-gnu -c hello.c
echo '-shared' >args
fails 1 '^atman-cc: -shared: ' "$cc" @args hello.c
passes "$cc" -c hello.c -o -shared
there ./-shared
passes "$cc" -c -I -m32 hello.c
cp hello.c ./-pg.c
passes "$cc" -c ./-pg.c

# What a later word undoes is not refused; nor does an earlier one undo.
while read -r options; do
    # shellcheck disable=SC2086
    passes "$cc" $options -c hello.c -o out
    rm out
done <<'EOF'
-m32 -m64
-march=native -march=x86-64-v2
--target=x86_64-linux-gnu --target=x86_64-atman-linux-musl
-fsanitize=address -fno-sanitize=address
-fsanitize=address,undefined -fno-sanitize=all
-fopenmp -fno-openmp
-fprofile-generate=data -fno-profile-generate
EOF
while read -r options; do
    # shellcheck disable=SC2086
    fails 1 ': .*' "$cc" $options -c hello.c -o out
    gone out
done <<'EOF'
-m64 -m32
-march=x86-64-v2 -march=native
-fno-sanitize=address -fsanitize=address
-fsanitize=undefined -fno-sanitize=vptr
-fsanitize=undefined,address -fno-sanitize=undefined
-fopenmp -fno-openmp -fopenmp
EOF

# --- dropped: the same bytes as without -----------------------------------------
passes "$cc" -O2 hello.c -o plain
passes "$cc" -O2 -c hello.c -o plain.o
for option in -pie -static-pie -rdynamic -dynamic -static -no-pie -shared-libgcc \
    -static-libgcc -rtlib=compiler-rt --rtlib=compiler-rt -unwindlib=libunwind -fident -Qy \
    -m64 -fuse-ld=gold -fuse-ld=bfd -fuse-ld=lld -pipe -pthread -Wl,-pie -Wl,--pie \
    -Wl,-export-dynamic -Wl,-E -Wl,--dynamic-linker,/lib/ld.so -Wl,-Bdynamic -Wl,-dy \
    -Wl,--build-id -Wl,--as-needed -Wl,-soname,x -Wl,-rpath,/lib -Wl,-z,relro -Wl,-z,now \
    -Wl,--hash-style=gnu -Wl,--no-undefined -Wl,-Bstatic -Wl,-z,noexecstack -Wl,-O1 \
    '-lm -lpthread -lrt -ldl -lutil -lcrypt -lresolv -lxnet'; do
    # shellcheck disable=SC2086
    passes "$cc" -O2 hello.c $option -o same
    passes cmp plain same
done
for option in -pie -rdynamic -static -shared-libgcc -fident -Qy -pthread -lm -Wl,-x -s -L.; do
    # A native clang, too, has a warning for what only a link would use.
    passes "$cc" -Wno-unused-command-line-argument -O2 -c hello.c $option -o same.o
    passes cmp plain.o same.o
done

# --- answered: whatever else is on the line -------------------------------------
for beside in '' -shared '-m32 -c' nothing.c '-o out'; do
    # shellcheck disable=SC2086
    passes "$cc" $beside --version
    says '^Atman clang version 19\.'
    says '^atman .*, musl 1\.2\.5, sysroot [0-9a-f]{16}$'
done
passes "$cc" --help
[ "$(wc -l <.out)" -le 24 ]
verdict $? '--help does not fit a screen'

# --- everything else is clang's -------------------------------------------------
cat >check.c <<'EOF'
#include <stdio.h>
#include <string.h>
__attribute__((noinline)) static int add(int a, int b) { return a + b; }
int main(int argc, char **argv) {
    volatile int big = 0x7fffffff;
    char text[8];
    strcpy(text, "ok");
    if (argc > 1)
        big = 1;
    printf("%s %d\n", text, add(big, argc) != 0);
    return argv[0] == 0;
}
EOF
for options in -fPIC -fPIE -fpic -ffreestanding -fno-builtin -fcommon -fno-common -fwrapv -ftrapv \
    -funsigned-char -fshort-enums -fstack-protector-strong -fstack-protector-all \
    -fstack-clash-protection -fcf-protection '-D_FORTIFY_SOURCE=2 -O2' -ftrivial-auto-var-init=zero \
    -ftrivial-auto-var-init=pattern -fzero-call-used-regs=used -fexceptions \
    -fasynchronous-unwind-tables -fno-plt -fvisibility=hidden -fno-semantic-interposition \
    -mtune=native -march=x86-64-v2 -mcmodel=medium -mno-red-zone -mred-zone \
    -fomit-frame-pointer -finline-functions -fno-strict-aliasing -std=c99 -std=gnu17 -ansi \
    -g -g3 -ggdb -gdwarf-4 -gsplit-dwarf -gz -flto -flto=thin '-flto -O2 -fwhole-program-vtables' \
    -fno-integrated-as -save-temps -ftest-coverage -fstack-usage -fdata-sections \
    -fno-function-sections -Wl,--gc-sections -Wl,-z,stack-size=65536 '-nodefaultlibs -lc -lgcc' \
    '-fsanitize=cfi -flto -fvisibility=hidden'; do
    # shellcheck disable=SC2086
    passes "$cc" $options -Wno-deprecated check.c -o checked
    image checked
    # shellcheck disable=SC2086
    run "$cc" $options -c check.c -o checked.o
    is "status of $options -c" "$status" 0
    # shellcheck disable=SC2086
    passes "$cc" $options checked.o -o checked2 2>/dev/null
done
passes "$cc" -fstack-protector-strong -ftrivial-auto-var-init=pattern -fcf-protection -flto -O2 \
    -g -gsplit-dwarf check.c -o checked
run_it checked 0 'ok 1'

# A smashed stack is noticed; a trapping check is SIGILL; the minimal runtime goes on, or
# ends the program, with a line.
cat >smash.c <<'EOF'
#include <string.h>
__attribute__((noinline)) void fill(char *p) { memset(p, 1, 64); }
int main(void) { char a[8]; fill(a); return a[0]; }
EOF
passes "$cc" -O1 -fstack-protector-strong smash.c -o smash
run "$ATMAN_TOOLCHAIN/bin/atman-run" smash
[ "$status" -gt 128 ]
verdict $? "a smashed stack is not noticed (status $status)"
cat >overflow.c <<'EOF'
#include <stdio.h>
int main(int argc, char **argv) {
    int big = 0x7fffffff;
    big += argc;
    printf("went on %d\n", big < 0);
    return argv[0] == 0;
}
EOF
passes "$cc" -fsanitize=undefined -fsanitize-trap=all overflow.c -o trap
run "$ATMAN_TOOLCHAIN/bin/atman-run" trap
is 'status of a trap' "$status" 132
passes "$cc" -fsanitize=undefined -fsanitize-minimal-runtime overflow.c -o minimal
image minimal
run_it minimal 0 'went on 1'
complains '^ubsan: add-overflow by 0x'
passes "$cc" -fsanitize=undefined -fsanitize-minimal-runtime -fno-sanitize-recover=all \
    -c overflow.c
passes "$cc" -fsanitize=undefined -fsanitize-minimal-runtime overflow.o -o minimal
run "$ATMAN_TOOLCHAIN/bin/atman-run" minimal
is 'status of an ended one' "$status" 134
complains '^ubsan: add-overflow by 0x'
"$llvm/llvm-nm" plain | grep -q ubsan && verdict 1 'UBSan is in every image'

# -gsplit-dwarf leaves its second file where clang does, and gdb's lines are there.
mkdir split
passes "$cc" -g -gsplit-dwarf -c hello.c -o split/hello.o
there split/hello.dwo
passes "$cc" split/hello.o -o split/hello
is 'the folder' "$(ls split | tr '\n' ' ')" 'hello hello.dwo hello.o '

# Dependency files, in all their spellings.
for spelling in '-MD' '-MMD' '-MD -MF dep.d' '-MMD -MP -MF dep.d' '-Wp,-MD,dep.d' '-Wp,-MMD,dep.d' \
    '-MD -MT target -MF dep.d' '-MD -MQ target -MF dep.d'; do
    rm -f dep.d out.d
    # shellcheck disable=SC2086
    passes "$cc" $spelling -c hello.c -o out.o
    cat dep.d out.d >deps 2>/dev/null
    grep -qE '^(out\.o|target):.*hello\.c' deps
    verdict $? "$spelling: no dependencies"
done
for spelling in -M -MM '-M -MG' '-MM -MF dep.d'; do
    # shellcheck disable=SC2086
    passes "$cc" $spelling hello.c
done
grep -q mark deps && verdict 1 'a file of ours is among the dependencies'
rm -f out.o
# -### and failures leave nothing behind; -o may come joined, last, or twice.
run "$cc" '-###' -c hello.c -o out.o
gone out.o
echo 'int broken(' >broken.c
run "$cc" -MD -MF broken.d -c broken.c -o broken.o
gone broken.o
passes "$cc" hello.c -o first -o second
gone first
there second

# Several inputs: each its object; with -o it is clang's error.
passes "$cc" -c hello.c twice.c check.c
there check.o
fails 1 'cannot specify -o' "$cc" -c hello.c twice.c -o out
# Assembly, plain and preprocessed, beside C, with options that only C has.
printf '.globl three\nthree:\n mov $3, %%eax\n ret\n' >three.s
printf '#define N 3\n.globl three\nthree:\n mov $N, %%eax\n ret\n' >threepp.S
echo 'int three(void); int main(void) { return three(); }' >main3.c
for source in three.s threepp.S; do
    passes "$cc" -O2 -g -std=c99 main3.c $source -o three
    image three
    passes "$cc" -c $source -o three.o
    passes "$cc" main3.c three.o -o three
done
run_it three 3 ''
# In one line with C, and with unwind tables: what makes an object a compiler's elsewhere.
printf '.globl three\nthree:\n .cfi_startproc\n mov $3, %%eax\n ret\n .cfi_endproc\n' >three.s
passes "$cc" main3.c three.s -o three
rm -f main3.o three.o
passes "$cc" -O2 -c main3.c three.s
passes "$cc" main3.o three.o -o three
rm -f main3.o
fails 1 'no such file' "$cc" -c main3.c missing.s
there main3.o
rm -f one.o
fails 1 'cannot specify -o' "$cc" -c main3.c three.s -o one.o
gone one.o
passes "$cc" -E threepp.S main3.c
# The source from stdin, in each phase.
for phase in -c -S -E -fsyntax-only -M; do
    run sh -c '"$0" "$1" -x c - -o stdin.out <hello.c' "$cc" "$phase"
    is "status of $phase from stdin" "$status" 0
done
run sh -c 'echo "int x;" | "$0" -E -x c -dM - | grep -q __atman__' "$cc"
is 'macros from stdin' "$status" 0

# -nostdlib and its kin; -r; -T; what they are for.
cat >bare.c <<'EOF'
int write(int, const void *, unsigned long);
void _exit(int);
void _start(void) { write(1, "bare\n", 5); _exit(7); }
EOF
passes "$cc" -nostartfiles bare.c -o bare
image bare
run_it bare 7 bare
passes "$cc" -nostdlib bare.c -lc -o bare
run_it bare 7 bare
fails 1 'undefined symbol: (write|_exit)' "$cc" -nostdlib bare.c -o bare
for how in '-r' '-r -nostdlib' '-Wl,-r -nostdlib' '-nostdlib -Xlinker -r' '-Wl,--relocatable -nostdlib'; do
    # shellcheck disable=SC2086
    passes "$cc" $how -fno-builtin twice.o -o joined.o
    object joined.o
    "$llvm/llvm-nm" joined.o | grep -q ' atman_start' && verdict 1 "$how: the runtime is in it"
done
cp "$ATMAN_TOOLCHAIN/lib/atman/atman.ld" own.ld
passes "$cc" hello.c -T own.ld -o own
passes "$cc" hello.c -Town.ld -o own
passes "$cc" hello.c -Wl,-T,own.ld -Wl,-Map=own.map -o own
run_it own 0 'Hello, world'

# The linker's words come through; no checks are in generated code unless asked for.
run "$cc" hello.c -Wl,-v -o out
says 'compatible with GNU linkers'
run "$cc" hello.c -Wl,--stats -o out
is 'status of -Wl,--stats' "$status" 0
passes "$cc" -O0 -c overflow.c -o out.o
"$llvm/llvm-nm" out.o | grep -qE 'ubsan|stack_chk|asan' && verdict 1 'checks by default'

# Headers that are compiled before, and outputs that are no objects.
echo '#define NAME "precompiled"' >pre.h
passes "$cc" -x c-header pre.h -o pre.h.pch
echo 'const char *name = NAME;' >usepre.c
passes "$cc" -include-pch pre.h.pch -c usepre.c
for how in --analyze -emit-llvm\ -S -emit-ast -fsyntax-only -ftime-trace\ -c '-S -fverbose-asm' \
    -fembed-bitcode\ -c -ffat-lto-objects\ -flto\ -c; do
    # shellcheck disable=SC2086
    passes "$cc" $how hello.c -o out.o
done

# What it prints about itself is for scripts.
for question in -dumpmachine -dumpversion -print-search-dirs -print-libgcc-file-name \
    -print-resource-dir -print-target-triple -print-effective-triple -print-multi-lib \
    -print-file-name=libc.a -print-prog-name=ld -print-sysroot --print-sysroot; do
    passes "$cc" $question
    grep -q . .out || [ "$question" = -print-multi-lib ]
    verdict $? "$question says nothing"
done
for name in crt1.o crti.o crtn.o crtbegin.o libc.a libm.a libgcc.a; do
    passes "$cc" -print-file-name=$name
    is "-print-file-name=$name" "$(cat .out)" "$ATMAN_TOOLCHAIN/sysroot/usr/lib/$name"
done

finish
