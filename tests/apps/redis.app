# SPDX-License-Identifier: MIT
# Redis by plain make, with the C library's malloc; tests/domu/test_redis.py runs it.
ways=make

build() {
    make -j"$jobs" CC="$CC" MALLOC=libc USE_SYSTEMD=no V=1 \
        redis-server redis-benchmark redis-cli
}
