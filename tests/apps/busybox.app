# SPDX-License-Identifier: MIT
# BusyBox with its default configuration and a shell that does as much as it can in its own
# process, which is three settings of BusyBox's: a guest has no fork. Linux's musl-gcc knows
# no kernel headers, so that side takes the sysroot's for those that are not musl's.
ways=make
memory=64M

build() {
    compiler=$CC
    [ "$CC" = atman-cc ] ||
        compiler="$CC -static -idirafter $ATMAN_TOOLCHAIN/sysroot/usr/include"
    make defconfig
    for setting in FEATURE_PREFER_APPLETS FEATURE_SH_STANDALONE FEATURE_SH_NOFORK; do
        sed -i "s/^# CONFIG_$setting is not set/CONFIG_$setting=y/" .config
    done
    yes '' | make oldconfig
    make -j"$jobs" HOSTCC=gcc CC="$compiler" busybox
}

program() {
    echo busybox
}

files() {
    cp "$tests"/busybox/* .
    mkdir etc
    echo root:x:0:0:root:/root:/bin/sh >etc/passwd
    echo root:x:0: >etc/group
    awk 'BEGIN { for (i = 0; i < 2000; i++) print i, i * i % 977, "the same" }' >text
    awk 'BEGIN { for (i = 0; i < 2000; i++) if (i % 97) print i, i * i % 977, i % 400 ? "the same" : "other" }' >other
    awk '{ print $2 }' text | sort -n | uniq >numbers
    gzip -9n <text >text.gz
    bzip2 <text >text.bz2
    tar --sort=name --mtime=@1000000000 --owner=0 --group=0 --format=ustar -cf some.tar text part.sh work.sh
    mkdir -p folder/below
    cp part.sh folder/below/
    ln -s below/part.sh folder/link
}

# try APPLET ARGUMENTS...: and what it says on stderr. (A guest that a signal ends reports
# registers there, so that one is only run.)
try() {
    echo "--- $*"
    run "$@" 2>"$work/said"
    cat "$work/said"
}

shells() {
    for shell in ash hush; do
        try $shell lines.sh lines
        try $shell work.sh one 'two words'
        try $shell -c 'f() { echo "$0 $1"; exit 7; }; f "$2"' name a 'b c'
        run $shell -c 'trap "echo bye" EXIT; while :; do kill -TERM $$; done'
    done
    try sh lines.sh ash-lines
    try sh -c 'unset x; echo ${x?is not set}; echo never'
    try sh -c 'if'
    try sh -n work.sh
    try sh -c 'exec sort -n "$0"' numbers
    try sh -euc 'echo $1; echo $2' name first
    try sh nothing-like-it
    try sh -c 'echo $((1 / 0)); echo never'
    try sh -s x <"$tests/busybox/part.sh"
}

workload() {
    shells
    while read -r line <&3; do
        eval "try $line" 3<&-
    done 3<"$tests/busybox/applets" </dev/null
}
