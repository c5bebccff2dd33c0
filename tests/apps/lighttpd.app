# SPDX-License-Identifier: MIT
# lighttpd by ./configure --host as its INSTALL says for a static build, without what other
# libraries would add; tests/domu/test_web.py runs it.
ways=host

build() {
    for module in access accesslog alias auth authn_file cgi deflate dirlisting evhost expire \
        extforward fastcgi indexfile proxy redirect rewrite scgi setenv simple_vhost ssi \
        staticfile status userdir; do
        echo "PLUGIN_INIT(mod_$module)"
    done >src/plugin-static.h
    LIGHTTPD_STATIC=yes ./configure -C ${HOST:+--host="$HOST"} --enable-static=yes \
        --without-pcre2 --without-bzip2 --without-zlib
    make -j"$jobs"
}
