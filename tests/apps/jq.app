# SPDX-License-Identifier: MIT
# jq with its regular expressions: oniguruma, the second tarball, is where its git has it.
# Its tests run without valgrind, which does not read what clang 19 writes for debuggers, and
# without mantest, which wants Ruby.
ways='configure host'
tools='autoreconf:autoconf automake:automake libtoolize:libtool bison:bison flex:flex'

build() {
    tar -xf "$with" -C modules/oniguruma --strip-components=1
    autoreconf -fi
    ./configure --with-oniguruma=builtin --disable-valgrind ${HOST:+--host="$HOST"}
    make -j"$jobs"
}

check() {
    make -C modules/oniguruma check
    make check-am TESTS="$(sed -n 's/^TESTS = //p' Makefile | sed 's,tests/mantest,,')"
}

program() {
    echo jq
}

files() {
    cp -r "$source"/tests/modules "$source"/tests/*.test .
    awk 'BEGIN { for (i = 0; i < 5000; i++)
        printf "{\"id\":%d,\"name\":\"n%03d\",\"size\":%.3f,\"tags\":[%d,%s,null]}\n",
            i, i * 7919 % 211, i * 31 % 1009 / 7, i % 13, i % 3 ? "true" : "\"t\\u00e9xt\"" }' >rows
}

workload() {
    source=$PWD
    for test in jq onig base64 optional; do
        run -L modules --run-tests $test.test
    done
    run -s 'group_by(.name) | map({name: .[0].name, n: length, size: (map(.size) | add)}) |
        sort_by(-.size, .name)[:20]' rows
    run -c 'select(.name | test("n(\\d)\\1"; "x")) | [.id, .tags[1], (.size | floor)]' rows
    run -r '[.id, .name, .size] | @csv, @sh, @base64' rows | cksum
    run -n '"a" + 1'
}
