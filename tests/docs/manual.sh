# SPDX-License-Identifier: MIT
# The manual pages: mandoc has nothing to say about them but that lines are long and that other
# packages' pages are not here; every installed command has one; what one page says of another
# is there; and of what the sources know all is said.
. "$(dirname "$0")/../driver/lib.sh"
: "${ATMAN_BUILD:?}"

docs=$ATMAN_SOURCE/docs
for page in "$docs"/*.[137]; do
    run mandoc -T lint -W style "$page"
    is "${page##*/}" "$(cat .out .err | grep '^mandoc: .*:[0-9]*:' |
        grep -v 'STYLE: input text line longer\|STYLE: referenced manual not found')" ''
done
printf '.Dd today\n.Dt X 1\n.Os\n.Sh NAME\n.Nope\n' >bad.1
run mandoc -T lint -W style bad.1
says '^mandoc: .*Nope'

run cmake --install "$ATMAN_BUILD" --prefix "$work/a prefix"
is 'status of the installation' "$status" 0
man="$work/a prefix/share/man"
there "$man/man3/atman_xenstore.3"
for command in "$work/a prefix/bin"/*; do
    there "$man/man1/${command##*/}.1"
done
for name in x86_64-atman-linux-musl-ar x86_64-atman-linux-musl-pkg-config; do
    passes mandoc -T ascii "$man/man1/$name.1"
    col -bx <.out | grep -q "$name"
    verdict $? "the page of $name is about something else"
done
for name in x86_64-atman-linux-musl-gcc x86_64-atman-linux-musl-cc atman-c++; do
    cmp -s "$man/man1/$name.1" "$docs/atman-cc.1"
    verdict $? "$name has another page than atman-cc"
done
cmp -s "$man/man1/x86_64-atman-linux-musl-ld.1" "$docs/ld.atman.1"
verdict $? "ld has another page than ld.atman"

sed -n 's/^\.Xr \(l*d*\.*atman[a-z-]*\) \([0-9]\).*/\1.\2/p; s/.* Xr \(l*d*\.*atman[a-z-]*\) \([0-9]\).*/\1.\2/p' \
    "$docs"/*.[17] | sort -u >named
is 'pages named' "$(tr '\n' ' ' <named)" 'atman-cc.1 atman-core.1 atman-run.1 atman-tools.1 atman.7 ld.atman.1 '
while read -r page; do
    there "$docs/$page"
done <named

# links FOLDER: those of the pages there that lead nowhere.
links() {
    (cd "$1" && for page in README.md docs/*.md; do
        grep -oE '\]\([^)#:]+\)' "$page" | tr -d '])(' | while read -r link; do
            [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
        done
    done)
}
is 'links to nowhere' "$(links "$ATMAN_SOURCE")" ''
is 'installed links to nowhere, but for the tests' \
    "$(links "$work/a prefix/share/doc/atman" | grep -v ': tests/')" ''

# text PAGE: as it is read.
text() {
    mandoc -T ascii -O width=200 "$docs/$1" | col -bx
}
# The settings of the command line, the exit statuses, the files, the options of ld.atman.
text atman.7 >overview
sed -n 's/^ *{"\([a-z]*\)=", set.*/\1/p; s/^ *{"\([a-z]*\)=", trace_set.*/\1/p' \
    "$ATMAN_SOURCE/runtime/init/config.c" >settings
[ "$(wc -l <settings)" -ge 13 ]
verdict $? 'the settings were not found'
while read -r name; do
    grep -q "^ *atman.$name=\|, atman.$name=" overview
    verdict $? "atman(7) lacks atman.$name="
done <settings
for file in "$ATMAN_SOURCE"/sdk/*.cmake "$ATMAN_SOURCE"/sdk/atman.ini "$ATMAN_SOURCE"/sdk/config.site; do
    grep -q "${file##*/}" overview
    verdict $? "atman(7) lacks ${file##*/}"
done
text ld.atman.1 >linker
grep -o '{LD, [A-Z]*, [A-Z]*, "[^"]*"' "$ATMAN_SOURCE/driver/rules.c" |
    awk -F '"' '{ sub(/^-+/, "", $2); sub(/=.*/, "", $2); print $2 }' |
    grep -v 'libclang_rt\|^no-atman\|^atman$\|^atman-process\|pic-executable\|call_shared' |
    sort -u >options
[ "$(wc -l <options)" -ge 14 ]
verdict $? 'the options were not found'
while read -r option; do
    grep -qE -- "--?$option" linker
    verdict $? "ld.atman(1) lacks -$option"
done <options

# What its page says about calling it.
cp hello.c main.c
passes "$cc" -c main.c
lib=$("$cc" -print-sysroot)/usr/lib
passes "$ATMAN_TOOLCHAIN/bin/x86_64-atman-linux-musl-ld" -o kernel \
    "$lib/crt1.o" "$lib/crti.o" main.o -lc "$lib/crtn.o"
image kernel
passes "$ATMAN_TOOLCHAIN/bin/atman-run" kernel
is 'what it prints' "$(cat .out)" 'Hello, world'

finish
