# SPDX-License-Identifier: MIT
# zlib and its minigzip: text of our own, packed. (Debian's tarball lacks a file that its
# CMakeLists.txt wants everywhere, so configure alone.)
ways=configure

build() {
    ./configure --static && make -j"$jobs"
}

check() {
    make check
}

program() {
    echo minigzip
}

files() {
    awk 'BEGIN { for (i = 0; i < 40000; i++) print i, i * i % 977, "the same again" }' >text
}

workload() {
    for level in -1 -6 -9 -h; do
        run -c $level text | cksum
    done
}
