# SPDX-License-Identifier: MIT
# ccache, distcc and bear around the compiler; those that are not here are not tried.
. "$(dirname "$0")/lib.sh"

PATH=$ATMAN_TOOLCHAIN/bin:$PATH
export PATH
tried=''

if command -v ccache >/dev/null; then
    tried="$tried ccache"
    CCACHE_DIR=$work/cache CCACHE_COMPILERCHECK="%compiler% --version"
    export CCACHE_DIR CCACHE_COMPILERCHECK
    mkdir cache
    hits() {
        ccache --print-stats | awk '/_cache_hit\t/ { n += $2 } END { print n + 0 }'
    }
    passes "$cc" -O2 -g -c hello.c -o plain.o
    for time in 1 2; do
        passes ccache atman-cc -O2 -g -MD -c hello.c -o cached.o
        passes cmp plain.o cached.o
    done
    is 'hits' "$(hits)" 1
    for source in three.s three.S; do
        printf '.globl three\nthree:\n ret\n' >$source
        passes ccache atman-cc -c $source -o three.o
        object three.o
    done
    # Another sysroot is another compiler.
    mkdir copy
    for part in bin libexec lib sysroot; do
        cp -R "$ATMAN_TOOLCHAIN/$part" copy/
    done
    passes ccache "$work/copy/bin/atman-cc" -O2 -g -MD -c hello.c -o cached.o
    is 'hits of a copy' "$(hits)" 2
    echo >>copy/sysroot/usr/lib/libm.a
    passes ccache "$work/copy/bin/atman-cc" -O2 -g -MD -c hello.c -o cached.o
    is 'hits after a change of the sysroot' "$(hits)" 2
    passes ccache atman-cc cached.o -o image
    image image
fi

if command -v bear >/dev/null; then
    tried="$tried bear"
    printf 'all: hello.o\n\t$(CC) hello.o -o hello\n' >Makefile
    run bear -- make CC=atman-cc
    is 'status of bear' "$status" 0
    image hello
    run python3 -c 'import json
for entry in json.load(open("compile_commands.json")):
    print(entry["file"].rsplit("/", 1)[-1], entry["arguments"][0].rsplit("/", 1)[-1])'
    says '^hello\.c (atman-cc|clang)$'
fi

if command -v distcc >/dev/null && command -v distccd >/dev/null; then
    tried="$tried distcc"
    port=$((20000 + $$ % 20000))
    user=$(id -un) # as root the server wants to be somebody else
    [ "$user" != root ] || user=$(id -un distccd 2>/dev/null || echo nobody)
    distccd --no-detach --daemon --allow 127.0.0.1 --listen 127.0.0.1 --port $port \
        --enable-tcp-insecure --log-stderr --jobs 2 --user "$user" 2>distccd.log &
    server=$!
    mkdir distcc
    tries=0
    until env DISTCC_HOSTS="127.0.0.1:$port" DISTCC_FALLBACK=0 DISTCC_DIR="$work/distcc" \
        distcc atman-cc -O2 -c hello.c -o far.o >.out 2>.err || [ $((tries += 1)) -ge 50 ]; do
        sleep 0.2 # until the server listens
        rm -rf distcc/* # where distcc notes that a server does not answer
    done
    status=$((tries < 50 ? 0 : 1))
    is 'status of distcc' "$status" 0
    tries=0
    until grep -q 'COMPILE_OK' distccd.log || [ $((tries += 1)) -ge 50 ]; do
        sleep 0.2 # the client has its object before the server says so
    done
    [ $tries -lt 50 ]
    verdict $? 'the server has compiled nothing'
    kill $server
    wait $server 2>/dev/null
    passes "$cc" -O2 -c hello.c -o near.o
    object far.o
    passes "$cc" far.o -o far
    image far
fi

[ -n "$tried" ] || {
    echo 'SKIPPED: neither ccache nor bear nor distcc is here'
    exit 77
}
echo "tried:$tried"
finish
