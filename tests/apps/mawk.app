# SPDX-License-Identifier: MIT
# mawk: a report from a table of our own, in a guest.
ways='configure host'

build() {
    case $1 in
    configure) ./configure ;;
    host) ./configure --host="$HOST" ;;
    esac
    make -j"$jobs"
}

check() {
    make check
}

program() {
    echo mawk
}

files() {
    awk 'BEGIN { for (i = 1; i <= 30000; i++)
        printf "%d;name%d;%.2f;%s\n", i, i * 7919 % 211, i * 31 % 1009 / 7, i % 3 ? "yes" : "no" }' >table
    cp "$tests/mawk/report.awk" .
}

workload() {
    run -F ';' -f report.awk table | sort
    run 'BEGIN { printf "%d %5.3e %x %c|%-8s|\n", 1e9, 1 / 3, 255, 65, "left"; exit 3 }'
    run 'BEGIN { while ((getline line < "table") > 0) n += length(line); print n, substr("abc", 2) }'
    run '{ gsub(/[aeiou]+/, "<&>"); print toupper($0), match($0, /n.*m/), RLENGTH }' report.awk
}
