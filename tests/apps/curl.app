# SPDX-License-Identifier: MIT
# curl by ./configure --host with Mbed TLS, the second tarball; tests/domu/test_web.py runs it.
ways=host

build() {
    mkdir tls
    tar -xf "$with" -C tls --strip-components=1
    make -C tls -j"$jobs" CC="$CC" DESTDIR="$PWD/installed" lib
    mkdir -p installed/lib
    cp tls/library/*.a installed/lib/
    cp -r tls/include installed/
    ./configure ${HOST:+--host="$HOST"} --disable-shared --enable-static --without-zlib \
        --with-mbedtls="$PWD/installed" --disable-ldap --without-libpsl --without-libidn2 \
        --with-ca-bundle=/etc/ssl/cert.pem
    make -j"$jobs"
}
