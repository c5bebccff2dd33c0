# SPDX-License-Identifier: MIT
# Lua 5.1, for its authors' test-suite is among Debian's sources: in gopher-lua, which is the
# second tarball. Of its files, without those that fill the machine or start other programs,
# two fail everywhere, since gopher-lua has changed them.
ways=make
memory=512M

build() {
    make -j"$jobs" posix CC="$CC"
}

check() {
    make test
}

program() {
    echo src/lua
}

files() {
    tar -xf "$with" --strip-components=2 --wildcards '*/_lua5.1-tests/*'
    rm all.lua big.lua main.lua verybig.lua
    cp "$tests/lua51/suite.lua" .
}

# What is left out are times and addresses.
workload() {
    run suite.lua ./*.lua | sed -E 's/0x[0-9a-f]+/ADDRESS/g' | grep -Ev '[0-9.]+ (sec|msec|comparisons)'
}
