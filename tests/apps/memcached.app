# SPDX-License-Identifier: MIT
# memcached by ./configure --host with libevent, the second tarball, built in the same way;
# tests/domu/test_memcached.py runs it.
ways=host

build() {
    mkdir event
    tar -xf "$with" -C event --strip-components=1
    (cd event && ./configure ${HOST:+--host="$HOST"} --prefix="$PWD/../installed" \
        --disable-shared --disable-openssl --disable-samples && make -j"$jobs" install)
    ./configure ${HOST:+--host="$HOST"} --with-libevent="$PWD/installed"
    make -j"$jobs" memcached
}
