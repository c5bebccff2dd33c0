# SPDX-License-Identifier: MIT
# Mbed TLS by plain make: its test suites as processes; as a guest its self-test and the suite
# that reads many files. The self-test of timing is left out, since it measures the machine,
# and the notes on what AES is done with, since they tell of the processor.
ways=make
tools='python3:python3 perl:perl'

build() {
    if [ -n "$HOST" ]; then
        make -j"$jobs" no_test
    else
        make -j"$jobs" lib
        make -C tests mbedtls_test
        make -C programs -j"$jobs" test/selftest
    fi
    make -C tests -j"$jobs" test_suite_x509parse
}

# Two suites fail on Linux, too: their certificates have run out.
check() {
    make -C tests -j"$jobs" check TEST_FLAGS=-v SKIP_TEST_SUITES=ssl,x509parse
}

program() {
    echo programs/test/selftest
}

files() {
    cp -r "$source/tests/data_files" "$source/tests/test_suite_x509parse.datax" .
}

workload() {
    source=$PWD
    run -x timing | grep -v ' note: using '
    run sha512 nothing
    image=$PWD/tests/test_suite_x509parse
    run
}
