# SPDX-License-Identifier: MIT
# expat and its xmlwf, by CMake. (Debian's tarball has no configure, only what makes one.) Of
# its tests' two runners the one in C++ is left out, and CMake builds both or none; so the one
# in C is compiled by hand.
ways=cmake

build() {
    cmake -S expat -B out -DEXPAT_SHARED_LIBS=OFF -DEXPAT_BUILD_TESTS=OFF -DEXPAT_BUILD_DOCS=OFF \
        ${HOST:+--toolchain "$share/atman.cmake"} &&
        make -C out -j"$jobs"
}

check() {
    cd expat
    $CC -O1 -DHAVE_EXPAT_CONFIG_H -I../out -Ilib -o ../out/runtests tests/runtests.c \
        tests/chardata.c tests/memcheck.c tests/minicheck.c tests/structdata.c lib/xml*.c -lm
    ../out/runtests
}

program() {
    echo out/xmlwf/xmlwf
}

files() {
    cp "$tests"/expat/*.xml .
    awk 'BEGIN {
        print "<?xml version=\"1.0\"?>\n<rows>"
        for (i = 0; i < 5000; i++)
            printf "<row n=\"%d\" z=\"&lt;%d\">text &amp; <b>%x</b> &#%d;</row>\n", i, i % 7, i, 200 + i
        print "</rows>"
    }' >rows.xml
}

# What is wrong with each, by xmlwf, and the elements with their attributes, by an example.
workload() {
    for document in rows entities doctype latin wrong unclosed bomb; do
        run -n $document.xml
        run $document.xml
    done
    image=$PWD/out/examples/outline
    for document in entities doctype latin wrong bomb; do
        run <"$tests/expat/$document.xml"
    done
    run <"$work/files/rows.xml"
}
