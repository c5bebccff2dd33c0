# SPDX-License-Identifier: MIT
# --help of every command: on stdout, with status 0, and no larger than a screen; what it lists
# is in the manual, and all that atman-run's manual lists is in it. A wrong option is an error
# that leads there.
. "$(dirname "$0")/lib.sh"

bin=$ATMAN_TOOLCHAIN/bin

# One line of the 24 is the shell's.
fits() {
    is "lines of $1, above 23" "$(awk 'END { if (NR > 23) print NR }' .out)" ''
    is "columns of $1, above 79" "$(awk 'length > 79' .out)" ''
    there .out
}

# words FILE: the options in a text, one a line.
words() {
    grep -oE '(^|[ ,([])--?[a-zA-Z][a-z-]*' "$1" | tr -d ' ,([' | sort -u
}

# manual PAGE: as text, without the marks of bold and underlined letters.
manual() {
    mandoc -T ascii -O width=200 "$ATMAN_SOURCE/docs/$1" | col -bx
}

for name in atman-cc x86_64-atman-linux-musl-cc x86_64-atman-linux-musl-gcc \
    x86_64-atman-linux-musl-clang atman-run; do
    passes "$bin/$name" --help
    fits "$name --help"
    cp .out "help-$name"
    says 'Manual: man atman-'
done
passes "$bin/atman-core" --help
fits 'atman-core --help'
cp .out help-atman-core
passes "$ATMAN_SOURCE/cmd/bootstrap" help
fits 'bootstrap help'
passes "$ATMAN_SOURCE/cmd/bootstrap" packages
says '^clang-19 '

# Both ways between help and manual.
for name in atman-cc atman-core atman-run; do
    manual $name.1 >"manual-$name"
    words "manual-$name" >in-manual
    words "help-$name" >in-help
    there in-help
    is "only in $name --help" "$(comm -13 in-manual in-help | tr '\n' ' ')" ''
done
sed -n '/^OPTIONS/,/^ARGUMENTS/p' manual-atman-run | grep -E '^     -' >tags
words tags >in-manual
[ "$(wc -l <in-manual)" -ge 20 ]
verdict $? "the manual's options were not found"
is 'only in the manual of atman-run' "$(comm -23 in-manual in-help | tr '\n' ' ')" ''
# The compiler's own, which are in no list of clang's.
for option in --atman-files -fatman-debug -fatman-trace -fatman-foreign -fno-atman-process \
    -print-sysroot; do
    grep -q -- " $option" help-atman-cc
    verdict $? "atman-cc --help lacks $option"
done

# The other names are programs of LLVM, and say so; pkg-config is the host's.
for name in ar nm ranlib strip objcopy objdump readelf size addr2line strings gcc-ar ld pkg-config; do
    passes "$bin/x86_64-atman-linux-musl-$name" --help
    there .out
done
fails 1 '^atman-cc: C\+\+: not there yet' "$bin/atman-c++" --help

# A wrong option.
fails 125 '^atman-run: --nothing: no such option.*--help' "$bin/atman-run" --nothing kernel
is 'stdout' "$(cat .out)" ''
fails 125 '^atman-run: .*--help' "$bin/atman-run"
fails 1 '^atman-core: --nothing: no such option.*--help' "$bin/atman-core" --nothing
fails 1 '^atman-core: which core' "$bin/atman-core"
for option in -fatman-nothing -fno-atman-nothing --atman-nothing; do
    fails 1 "^atman-cc: $option: no such option; atman-cc --help" "$cc" $option hello.c
    is 'stdout' "$(cat .out)" ''
done
fails 1 "^atman-cc: --atman-files: .*--help" "$cc" --atman-files hello.c
fails 1 '^ld\.atman: --atman-nothing: no such option' "$cc" hello.c -Wl,--atman-nothing
fails 1 "unknown argument.*-no-such" "$cc" -no-such hello.c
fails 1 'nothing: unknown command; see cmd/bootstrap help' "$ATMAN_SOURCE/cmd/bootstrap" nothing

finish
