# SPDX-License-Identifier: MIT
# Mbed TLS by plain make: its self-test as a guest, its test suites as processes. The self-test
# of timing is left out, since it measures the machine, and the notes on what AES is done with,
# since they tell of the processor.
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
}

# All suites are a quarter of an hour's work for the compiler; these are some of each kind. (Of
# ssl four fail on Linux, too, as certificates have run out.)
check() {
    suites='aes.cbc aria base64 bignum.misc ccm chachapoly cipher.aes ctr_drbg ecdsa ecp entropy
        gcm.aes128_en hkdf md memory_buffer_alloc net pem pk pkparse rsa'
    make -C tests -j"$jobs" check TEST_FLAGS=-v APPS="$(printf 'test_suite_%s ' $suites)"
}

program() {
    echo programs/test/selftest
}

workload() {
    run -x timing | grep -v ' note: using '
    run sha512 nothing
}
