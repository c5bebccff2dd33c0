# SPDX-License-Identifier: MIT
# A second build of the source, in another folder, is the same to the last byte. It takes
# minutes: label long.
. "$(dirname "$0")/lib.sh"
: "${ATMAN_BUILD:?}"

mkdir 'another'
(cd "$ATMAN_SOURCE" && git ls-files -z --cached --others --exclude-standard | tar -cf - --null -T -) |
    tar -xf - -C another
verdict $? 'the source was not copied'
option() { # as the first build had it
    sed -n "s/^$1:[A-Z]*=\(..*\)/-D$1=\1/p" "$ATMAN_BUILD/CMakeCache.txt"
}
set -- $(for name in ATMAN_LLVM_BINDIR ATMAN_CACHE_DIR ATMAN_DEBUG CMAKE_BUILD_TYPE CMAKE_C_COMPILER; do
    option $name
done)
run cmake -G Ninja -S another -B another/out "$@"
is 'status of cmake' "$status" 0
run cmake --build another/out --target toolchain -j2
is 'status of the build' "$status" 0
contents() {
    (cd "$1" && find . ! -type d | LC_ALL=C sort | while read -r file; do
        if [ -L "$file" ]; then
            printf '%s -> %s\n' "$file" "$(readlink "$file")"
        else
            sha256sum "$file"
        fi
    done)
}
contents "$ATMAN_TOOLCHAIN" >one
contents another/out/toolchain >two
[ "$(wc -l <one)" -gt 500 ]
verdict $? 'the toolchain has hardly any files'
run diff one two
is 'differences' "$status" 0

# So are images: from another folder, by the other toolchain, with link-time optimisation.
mkdir a b
for flags in -O2 '-O2 -flto' '-O2 -flto=thin' '-O2 -fatman-trace'; do
    for folder in a b; do
        cp hello.c twice.c $folder/
    done
    # shellcheck disable=SC2086
    (cd a && "$cc" $flags hello.c twice.c -o kernel)
    # shellcheck disable=SC2086
    (cd b && ../another/out/toolchain/bin/atman-cc $flags hello.c twice.c -o kernel)
    passes cmp a/kernel b/kernel
done

finish
