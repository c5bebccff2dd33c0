# SPDX-License-Identifier: MIT
# Lua by plain make, without a line editor. Its test-suite is a tarball of its own, in none of
# Debian's sources: with cmake -DATMAN_LUA_TESTS=lua-5.4.4-tests.tar.gz it is run, file by file.
ways=make
variables='PATH=/bin'

build() {
    make -j"$jobs" linux CC="$CC"
}

check() {
    make test && src/luac -o compiled "$tests/lua/work.lua" && src/luac -l compiled
}

program() {
    echo src/lua
}

files() {
    cp "$tests/lua/work.lua" .
    [ -z "$with" ] || tar -xf "$with" --strip-components=1
}

workload() {
    run work.lua one 'two words'
    run -e 'print(("x"):rep(3, ","))'
    run -e 'error("on purpose")'
    [ -z "$with" ] || suite
}

# Without what its authors call not portable, other programs for one. Not main.lua, which is
# about starting other programs, nor heavy.lua, which fills memory. literals.lua fails on
# Linux, too: it takes a locale that musl accepts for one that it has.
suite() {
    for file in $(tar -tf "$with" | sed -n 's,^[^/]*/\([a-z0-9]*\.lua\)$,\1,p' | sort); do
        case $file in all.lua | main.lua | heavy.lua) continue ;; esac
        echo "$file"
        # What is left out are random numbers and times.
        run -e '_port, _soft, _nomsg = true, true, true' "$file" |
            grep -Eav 'random (seeds|range)|optimizations \(|orting .* elements in|test done on'
    done
}
