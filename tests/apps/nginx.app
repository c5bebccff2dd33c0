# SPDX-License-Identifier: MIT
# nginx by its own configure with PCRE2, the second tarball; tests/domu/test_web.py runs it.
ways=configure

build() {
    mkdir pcre
    tar -xf "$with" -C pcre --strip-components=1
    ./configure --with-cc="$CC" --with-pcre="$PWD/pcre" --without-http_gzip_module \
        --prefix=/srv --error-log-path=/dev/stderr
    make -j"$jobs"
}
