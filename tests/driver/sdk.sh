# SPDX-License-Identifier: MIT
# The SDK as it is shipped: made by CPack, installed from the archive, from the .deb and by
# cmake --install, in folders with spaces, moved; builds and boots hello from each.
. "$(dirname "$0")/lib.sh"
: "${ATMAN_BUILD:?}"

# hello_from FOLDER: the commands in its bin make and boot a program.
hello_from() {
    passes "$1/bin/atman-cc" -O2 hello.c -o hello
    image hello
    passes "$1/bin/atman-run" hello
    is "hello from $1" "$(cat .out)" 'Hello, world'
    passes cmp hello expected
    for name in atman-cc atman-run atman-c++ x86_64-atman-linux-musl-gcc x86_64-atman-linux-musl-ar \
        x86_64-atman-linux-musl-pkg-config; do
        [ -x "$1/bin/$name" ]
        verdict $? "$1: no $name"
    done
    passes "$1/bin/x86_64-atman-linux-musl-ar" --version
    fails 1 'C\+\+: not there yet' "$1/bin/x86_64-atman-linux-musl-c++" x.cc
    there "$1/share/man/man1/atman-cc.1"
    for page in porting.md caveats.md system-calls.md ci/github.yml ../examples/wordcount/Makefile; do
        there "$1/share/doc/atman/docs/$page"
    done
    run cmake -S project -B "$work/build" --toolchain "$1/share/atman/atman.cmake"
    is "status of cmake by $1" "$status" 0
    run cmake --build "$work/build"
    image build/main
    rm -rf build
}
mkdir project
printf 'cmake_minimum_required(VERSION 3.16)\nproject(try C)\nadd_executable(main ../hello.c)\n' \
    >project/CMakeLists.txt
passes "$cc" -O2 hello.c -o expected

SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
for time in one two; do
    run cpack --config "$ATMAN_BUILD/CPackConfig.cmake" -B "$work/$time"
    is 'status of cpack' "$status" 0
done
for package in atman-*-x86_64.tar.zst atman_*_amd64.deb; do
    # shellcheck disable=SC2086
    passes cmp one/$package two/$package
done

mkdir 'an archive' 'a package'
passes tar -xf one/atman-*-x86_64.tar.zst -C 'an archive' --strip-components=1
hello_from "$work/an archive"
mv 'an archive' moved
hello_from "$work/moved"

if command -v dpkg-deb >/dev/null; then
    passes dpkg-deb -x one/atman_*_amd64.deb 'a package'
    hello_from "$work/a package/usr"
    passes dpkg-deb -f one/atman_*_amd64.deb Depends
    for package in clang-19 lld-19 llvm-19; do
        says "$package"
    done
fi

run cmake --install "$ATMAN_BUILD" --prefix "$work/a prefix"
is 'status of cmake --install' "$status" 0
hello_from "$work/a prefix"
version() {
    "$1/bin/atman-cc" --version | tail -n 1
}
is 'the version installed' "$(version "$work/a prefix")" "$(version "$ATMAN_TOOLCHAIN")"

finish
