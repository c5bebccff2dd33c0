# SPDX-License-Identifier: MIT
# Ending a compile or a link by a signal: it ends at once, all of it, and leaves no output.
. "$(dirname "$0")/lib.sh"

# Stand-ins for the tools that wait until they are told to end, and say so.
mkdir slow
cat >slow/tool <<'EOF'
#!/bin/sh
for word; do [ "$last" = -o ] && out=$word; last=$word; done
trap 'echo ended >>ends; exit 1' INT TERM
echo half >"$out"
echo running >>starts
while :; do sleep 0.02; done
EOF
chmod +x slow/tool

# interrupted SIGNAL COMMAND...: starts it, waits for the tool, signals the one process.
interrupted() {
    signal=$1
    shift
    rm -f starts ends
    # A shell ignores SIGINT for what it runs in the background; setsid's children do not.
    env ATMAN_LLVM="$work/slow" "$@" >.out 2>.err &
    pid=$!
    tries=0
    while [ ! -e starts ] && [ $tries -lt 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -"$signal" $pid
    wait $pid
    status=$?
    is "the tool's end after $signal" "$(cat ends 2>/dev/null)" ended
}

# In the linker, below clang: only atman-cc gets the signal.
ln -s "$ATMAN_LLVM_BINDIR/clang" slow/clang
ln -s tool slow/ld.lld
passes "$cc" -c hello.c
for signal in TERM HUP; do
    interrupted $signal "$cc" hello.o -o kernel
    [ "$status" -gt 128 ]
    verdict $? "status $status after $signal"
    gone kernel
done
interrupted TERM "$ld" hello.o -o kernel
is 'status of ld.atman' "$status" 143
gone kernel

# In the compiler.
rm slow/clang
ln -s tool slow/clang
interrupted TERM "$cc" -c hello.c -o other.o
is 'status of atman-cc' "$status" 143

finish
