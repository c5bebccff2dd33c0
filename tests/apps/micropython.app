# SPDX-License-Identifier: MIT
# MicroPython's unix port, by make, with settings of its own that leave out what needs other
# packages (libffi) or what Debian's tarball lacks (TLS, a database, frozen modules).
ways=make
tools='python3:python3'
settings='MICROPY_PY_FFI=0 MICROPY_PY_SSL=0 MICROPY_PY_BTREE=0 FROZEN_MANIFEST='
folders='basics float io import micropython misc unicode extmod stress thread cmdline'

# mpy-cross, which the tests do not need, is run by the port's makefile. What is for Linux is
# linked statically, because so is a guest.
build() {
    case $CC in musl-gcc) settings="$settings LDFLAGS_EXTRA=-static" ;; esac
    make -C mpy-cross -j"$jobs" CC="$CC"
    # shellcheck disable=SC2086  # a list of words
    make -C ports/unix -j"$jobs" CC="$CC" $settings
}

# Its runner starts the image for each test and compares with Python. Left out is what needs
# its unittest, which is not in the tarball, and select_poll_fd, which fails on Linux, too.
check() {
    cd tests
    MICROPY_MICROPYTHON=../ports/unix/build-standard/micropython
    export MICROPY_MICROPYTHON
    # shellcheck disable=SC2086  # a list of words
    ./run-tests.py -j1 -e '/(machine1|marshal_micropython|vfs_rom|ssl_noleak|select_poll_fd)' -d $folders
}

program() {
    echo ports/unix/build-standard/micropython
}

files() {
    cp "$tests"/micropython/*.py .
    cp -r "$OLDPWD"/tests/basics "$OLDPWD"/tests/float "$OLDPWD"/tests/io "$OLDPWD"/tests/unicode .
}

workload() {
    run work.py one 'two words'
    run -c 'import sys; print(sys.implementation[:2]); sys.exit(3)'
    run -c 'print(1 / 0)'
    run suite.py basics float unicode
}
