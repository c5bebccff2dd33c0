# SPDX-License-Identifier: MIT
# Dropbear, an SSH server and its client, by ./configure --host; a guest has no fork, and for
# that the server has a setting. tests/domu/test_dropbear.py runs it.
ways=host

build() {
    echo '#define DEBUG_NOFORK 1' >localoptions.h
    ./configure ${HOST:+--host="$HOST"} --disable-zlib --enable-static
    make -j"$jobs"
}
