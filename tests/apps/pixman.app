# SPDX-License-Identifier: MIT
# Pixman by Meson's cross file: its tests, which make pictures at random and compare their
# checksums, run by Meson as processes, and as guests. Left out is what takes minutes, and
# fence-image-self-test, which tries in a copy of its process whether memory is protected.
ways=meson
tools='meson:meson ninja:ninja-build'
options='--vcpus 2'
used='check-formats affine-test blitters-test composite-traps-test glyph-test pixel-test
    region-test rotate-test scaling-test thread-test trap-crasher'
quick='a1-trap-test alpha-loop alphamap combiner-test composite-traps-test fetch-test glyph-test
    gradient-crash-test infinite-loop oob-test pdf-op-test pixel-test radial-invalid region-test
    rotate-test scaling-crash-test scaling-helpers-test thread-test trap-crasher'

build() {
    printf '[properties]\nneeds_exe_wrapper = false\n' >process.ini
    meson setup out -Dgtk=disabled -Dlibpng=disabled -Dopenmp=disabled -Ddemos=disabled \
        ${HOST:+--cross-file "$share/atman.ini" --cross-file process.ini} &&
        for name in $used; do echo "test/$name"; done | xargs ninja -C out -j"$jobs"
}

check() {
    # shellcheck disable=SC2086  # a list of words
    meson test -C out --num-processes "$jobs" $quick
}

program() {
    echo out/test/check-formats
}

# With numbers a test makes the pictures from one to another, with one number it shows that one.
workload() {
    run src a8r8g8b8 r5g6b5
    while read -r test pictures; do
        image=$PWD/out/test/$test
        echo "--- $test $pictures"
        # shellcheck disable=SC2086  # a list of words
        run $pictures </dev/null
    done <<END
rotate-test 1 2000
composite-traps-test 1 1000
glyph-test 1 200
blitters-test 1 20000
blitters-test 4711
scaling-test 1 5000
scaling-test 77
affine-test 1 5000
pixel-test
region-test
thread-test
trap-crasher
END
}
