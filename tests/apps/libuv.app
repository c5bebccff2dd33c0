# SPDX-License-Identifier: MIT
# libuv by CMake, and its own tests. Started with a test's name twice, their program runs that
# one itself: so are those in libuv/guests tried, which is one for each thing. Those in
# libuv/alike are more of the same, and pass, too; libuv/cannot says why others do not.
ways=cmake
memory=64M
options='--vcpus 2 --cwd /here'
variables=UV_RUN_AS_ROOT=1

# What is for Linux is linked statically, because so is a guest.
build() {
    set -- -S . -B out -DBUILD_TESTING=ON
    case $CC in
    musl-gcc) cmake "$@" -DCMAKE_EXE_LINKER_FLAGS=-static ;;
    *) cmake "$@" --toolchain "$share/atman.cmake" ;;
    esac
    make -C out -j"$jobs" uv_run_tests_a
}

# Its own runner starts processes, so that is to be allowed.
runner() {
    rm -f /tmp/uv-test-sock*
    UV_RUN_AS_ROOT=1 ATMAN_PROCESS=full out/uv_run_tests_a "$@"
}

# fails FOLDER: runs all tests there; prints those that fail.
fails() {
    (cd "$1" && runner) >"$1/tap" 2>&1 || true
    grep -q 'ok 410 ' "$1/tap"
    sed -n 's/^not ok [0-9]* - //p' "$1/tap" | sort
}

# What fails for us alone has a second chance: some tests are in a hurry.
check() {
    fails ../linux >linux-fails
    fails . >fails
    for test in $(comm -13 linux-fails fails); do
        runner "$test"
    done
    sed -n 's/^\(not \)\{0,1\}ok [0-9]* - \([a-z0-9_]*\).*/\2/p' tap | sort >all
    { cat "$tests/libuv/guests" "$tests/libuv/alike" && sed -n '/^#/!s/.* //p' "$tests/libuv/cannot"; } |
        sort | diff all -
}

program() {
    echo out/uv_run_tests_a
}

# As a process it runs in this folder, as a guest below: some tests want not to be in the root.
files() {
    rm -f /tmp/uv-test-sock*
    mkdir -p test here/test
    cp -r "$OLDPWD/test/fixtures" test
    cp -r "$OLDPWD/test/fixtures" here/test
}

# Some say how long something took; what matters is whether they pass.
workload() {
    while read -r test; do
        result=$(run "$test" "$test" </dev/null | tail -n 1)
        echo "$test: $result"
        [ "$result" = '[status 0]' ]
    done <"$tests/libuv/guests"
}
