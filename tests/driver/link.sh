# SPDX-License-Identifier: MIT
# Linking: what -Wl, passes on, what the linker front end adds, checks and refuses.
. "$(dirname "$0")/lib.sh"

segments() {
    "$ATMAN_LLVM_BINDIR/llvm-readelf" -lW "$1"
}

# -Wl, and -Xlinker reach lld.
passes "$cc" hello.c -o map -Wl,-Map,map.txt
there map.txt
passes "$cc" hello.c -o map -Xlinker -Map=map2.txt
there map2.txt
for option in --as-needed -soname,x -rpath,/lib -z,relro -z,now --hash-style=gnu -O2 \
    --version-script,version --sort-section=name --no-undefined -Bdynamic -export-dynamic \
    -pie --eh-frame-hdr -s; do
    echo '{ global: *; };' >version
    passes "$cc" hello.c -o option "-Wl,$option"
    [ "$option" = -s ] || image option
done
fails 1 "unknown argument '--no-such-flag'" "$cc" hello.c -o bad -Wl,--no-such-flag
gone bad

# The linker's own words, which build systems parse.
run "$cc" -Wl,--version
is 'status of -Wl,--version' "$status" 0
says 'LLD 19.*compatible with GNU linkers'
for option in -v --version; do
    run "$ld" $option
    is "status of ld.atman $option" "$status" 0
    says 'LLD 19.*compatible with GNU linkers'
done
fails 1 'no input files' "$ld"
# libtool takes "supported targets: elf" for shared libraries, of which there are none.
run "$ld" --help
is 'status of --help' "$status" 0
says '^ *--gc-sections'
is 'lines on targets' "$(grep -c 'supported targets' .out)" 0

# Unused functions are dropped, unless the user says no.
echo 'int unused_function(void) { return 1; } int main(void) { return 0; }' >unused.c
has_unused() {
    "$ATMAN_LLVM_BINDIR/llvm-nm" "$1" | grep -q unused_function
}
passes "$cc" unused.c -o gc
has_unused gc && verdict 1 'an unused function is kept'
passes "$cc" unused.c -o nogc -Wl,--no-gc-sections
has_unused nogc
verdict $? '-Wl,--no-gc-sections keeps functions'

# The stack's size is where the runtime looks for it.
passes "$cc" hello.c -o stack -Wl,-z,stack-size=0x123000
image stack
run segments stack
says 'GNU_STACK .* 0x123000 RW '
passes "$cc" hello.c -o stack
run segments stack
says 'GNU_STACK .* 0x000000 RW '

# No build id unless asked for: images of the same program are the same.
notes() {
    "$ATMAN_LLVM_BINDIR/llvm-readelf" -SW "$1" | grep -c 'note.gnu.build-id'
}
passes "$cc" hello.c -o one
is 'build ids' "$(notes one)" 0
passes "$cc" hello.c -o id -Wl,--build-id=sha1
is 'build ids' "$(notes id)" 1
passes "$cc" -c hello.c
passes "$cc" hello.o -o one
passes "$cc" hello.o -o two
passes cmp one two

# -r: no script, no runtime, an object that links later.
passes "$cc" -c hello.c twice.c
passes "$cc" -r hello.o twice.o -nostdlib -o both.o
object both.o
passes "$cc" both.o -o both
image both

# Link-time optimisation.
passes "$cc" -O2 -flto hello.c -o lto
image lto
passes "$cc" -O2 -flto=thin hello.c twice.c -o thin
image thin

# The user's own script replaces ours; our script given by name is as good.
passes "$cc" hello.c -o script -Wl,-T,"$ATMAN_TOOLCHAIN/lib/atman/atman.ld"
image script
passes "$cc" hello.c -o script -T "$ATMAN_TOOLCHAIN/lib/atman/atman.ld"
image script

# The runtime that checks itself; asking for it where nothing is linked is no mistake.
passes "$cc" hello.c -o plain
passes "$cc" -fatman-debug hello.c -o debug
image debug
lib=$ATMAN_TOOLCHAIN/sysroot/usr/lib
if ! cmp -s "$lib/atman.o" "$lib/atman-debug.o"; then # else this build's are both checked
    cmp -s plain debug && verdict 1 '-fatman-debug changes nothing'
fi
passes "$cc" -fatman-debug -fno-atman-debug hello.c -o undone
passes cmp plain undone
passes "$cc" -fatman-debug -c hello.c -o debug.o
passes "$cc" -fatman-debug -E hello.c

# The tracer is there if it is asked for, and else not a byte of it.
has_tracer() {
    "$ATMAN_LLVM_BINDIR/llvm-nm" "$1" | grep -q ' trace_'
}
passes "$cc" -fatman-trace hello.c -o trace
image trace
has_tracer trace
verdict $? '-fatman-trace links no tracer'
has_tracer plain && verdict 1 'the tracer is in every image'
passes "$cc" -fatman-trace -fno-atman-trace hello.c -o undone
passes cmp plain undone
passes "$cc" -fatman-trace -fatman-debug hello.c -o both
image both

# `syscall` instructions of the program bring the dispatcher, and nothing else does: not the
# bytes inside another instruction, nor code that is not linked.
dispatches() {
    "$ATMAN_LLVM_BINDIR/llvm-nm" "$1" | grep -q ' atman_syscall$'
}
raw() { # raw COUNT CODE: an image with that in main, and how many are said to be in it
    printf '.globl main\nmain:\n%s\n ret\n.section .text.unused,"ax"\nsyscall\n' "$2" >raw.s
    run "$cc" -v raw.s -o raw
    is "status of -v" "$status" 0
    complains "^ld\.atman: raw: raw syscall instructions: $1$"
}
dispatches plain && verdict 1 'the dispatcher is in every image'
raw 2 ' mov $39, %eax
 syscall
 syscall'
image raw
dispatches raw
verdict $? 'the dispatcher is not linked'
raw 0 ' mov $0x50f, %eax'
dispatches raw && verdict 1 'the dispatcher is linked for nothing'
raw 1 ' syscall'
passes "$cc" raw.s -s -o stripped
image stripped
passes "$cc" -fatman-trace -Wl,-Map,map.txt raw.s -o raw
passes grep -q 'libatman-dispatch' map.txt
run "$cc" hello.c -o plain
grep -q raw .err && verdict 1 'it is said without -v'
mkdir no-objdump
for tool in "$ATMAN_LLVM_BINDIR"/*; do
    [ "${tool##*/}" = llvm-objdump ] || ln -s "$tool" no-objdump/
done
export ATMAN_LLVM="$work/no-objdump"
raw 'at most 1' ' mov $0x50f, %eax'
unset ATMAN_LLVM
dispatches raw
verdict $? 'without a disassembler the dispatcher is not linked'

# What would be a broken image is refused, and does not stay.
sed '/note\.Xen/d; s/\*(\.note\.GNU-stack)/& *(.note.Xen.*)/' \
    "$ATMAN_TOOLCHAIN/lib/atman/atman.ld" >bare.ld
fails 1 '^ld\.atman: bare: has no Xen notes' "$cc" hello.c -o bare -Wl,-T,bare.ld
gone bare
fails 1 '^ld\.atman: raw: not an ELF file' "$cc" hello.c -o raw -Wl,--oformat=binary
gone raw
fails 1 '^ld\.atman: noentry: the entry point' "$cc" hello.c -o noentry -Wl,-e,0x10
gone noentry
fails 1 'static link of dynamic object' "$cc" hello.c -o dyn /lib/x86_64-linux-gnu/libc.so.6
gone dyn
fails 1 '^ld\.atman: -shared: a guest is one static image' "$cc" hello.c -o so -Wl,-shared
gone so

# Devices as output, as configure uses them.
passes "$cc" hello.c -o /dev/null
[ -c /dev/null ]
verdict $? '/dev/null is still there'

# A link line that is too long for one execve().
awk 'BEGIN { for (i = 0; i < 30000; i++)
    print "-L/nonexistent/folder/with/a/long/name/in/which/nothing/is/found/" i }' >long
[ "$(wc -c <long)" -gt 1500000 ]
verdict $? 'the response file is too short for this test'
passes "$cc" hello.c -o long.img @long
image long.img

finish
