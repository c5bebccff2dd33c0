# SPDX-License-Identifier: MIT
# GNU FriBidi by Meson's cross file: text of several directions. Its tests are programs, and
# scripts that start the image; a second cross file has Meson run both on this machine, as
# processes.
ways=meson
tools='meson:meson ninja:ninja-build python3:python3'

build() {
    printf '[properties]\nneeds_exe_wrapper = false\n' >process.ini
    meson setup out -Ddocs=false \
        ${HOST:+--cross-file "$share/atman.ini" --cross-file process.ini} &&
        ninja -C out -j"$jobs"
}

check() {
    meson test -C out --num-processes "$jobs"
}

program() {
    echo out/bin/fribidi
}

files() {
    cp "$OLDPWD"/test/*.input .
    awk 'NR % 200 == 0' "$OLDPWD/test/unicode-conformance/BidiCharacterTest.txt" >characters
    awk '/^@/ || NR % 50 == 0' "$OLDPWD/test/unicode-conformance/BidiTest.txt" >classes
}

workload() {
    run -c UTF-8 --test test_UTF-8_persian.input test_UTF-8_reordernsm.input
    run -c ISO8859-8 --verbose --clean test_ISO8859-8_hebrew.input
    for text in explicit implicit isolate; do
        run -c CapRTL --verbose --showinput -w 40 test_CapRTL_$text.input
    done
    run --rtl --nopad --nomirror test_UTF-8_persian.input
    run --charsetdesc CapRTL
    run nothing
    for tester in BidiCharacterTest:characters BidiTest:classes; do
        image=$PWD/out/test/unicode-conformance/${tester%:*}
        run "${tester#*:}"
    done
}
