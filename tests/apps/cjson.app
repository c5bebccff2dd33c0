# SPDX-License-Identifier: MIT
# cJSON by CMake's toolchain file, its tests by CTest as processes, and as guests. The flags of
# its own make errors of the warnings that clang has about musl's <math.h> (long long in C89).
ways=cmake
memory=64M

build() {
    cmake -S . -B out -DENABLE_CJSON_UTILS=ON -DENABLE_CUSTOM_COMPILER_FLAGS=OFF \
        ${HOST:+--toolchain "$share/atman.cmake" -DCMAKE_CROSSCOMPILING_EMULATOR=} &&
        make -C out -j"$jobs"
}

check() {
    cd out && ctest --output-on-failure
}

program() {
    echo out/cJSON_test
}

files() {
    cp -r "$OLDPWD"/tests/inputs "$OLDPWD"/tests/json-patch-tests .
}

# The tests say where their source is.
workload() {
    run
    for test in parse_examples parse_number print_number print_value misc_tests compare_tests \
        json_patch_tests misc_utils_tests; do
        image=$PWD/out/tests/$test
        run | sed 's|^/.*/||'
    done
}
