# SPDX-License-Identifier: MIT
# Lua by plain make, without a line editor.
ways=make

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
}

workload() {
    run work.lua one 'two words'
    run -e 'print(("x"):rep(3, ","))'
    run -e 'error("on purpose")'
}
