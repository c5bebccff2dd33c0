# SPDX-License-Identifier: MIT
# SQLite's shell, over a database of 100,000 rows in a file, and its speedtest1 without the
# times. Most of its own tests are a program with Tcl in it; the one that tries again what
# fuzzers have found needs nothing.
ways=host
tools=tclsh:tcl

build() {
    ./configure --disable-tcl --disable-readline ${HOST:+--host="$HOST"}
    make -j"$jobs" sqlite3 speedtest1
}

check() {
    make -j"$jobs" fuzzcheck
    ./fuzzcheck --limit-mem 100M test/fuzzdata4.db test/fuzzdata6.db
}

program() {
    echo sqlite3
}

files() {
    cp "$tests"/sqlite3/*.sql .
}

speedtest1() {
    run --verify --size 5 "$@" speed.db | sed 's/ *[0-9.]*s$//'
}

workload() {
    run work.db '.read rows.sql'
    run :memory: '.read functions.sql'
    run work.db 'select * from nothing'
    image=$PWD/speedtest1
    speedtest1
    speedtest1 --journal wal --checkpoint
}
