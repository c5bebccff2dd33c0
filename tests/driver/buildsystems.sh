# SPDX-License-Identifier: MIT
# CMake by the toolchain file, Meson by the cross file, make, and what configure asks.
. "$(dirname "$0")/lib.sh"

PATH=$ATMAN_TOOLCHAIN/bin:$PATH
export PATH
share=$ATMAN_TOOLCHAIN/share/atman
prints() { # prints IMAGE TEXT
    passes "$ATMAN_TOOLCHAIN/bin/atman-run" "$1"
    is "what $1 prints" "$(cat .out)" "$2"
}

# A project with a library that is to be shared, a test, a found package, a check.
mkdir project
cat >project/main.c <<'EOF'
#include <stdio.h>
#include <stdlib.h>
int twice(int);
int main(int argc, char **argv) {
    printf("%d", twice(argc > 1 ? atoi(argv[1]) : 21));
    return 0;
}
EOF
cp twice.c project/
cat >project/CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.16)
project(try C ASM)
include(CheckFunctionExists)
include(CheckIncludeFile)
include(CheckCSourceRuns)
include(CTest)
check_function_exists(fork HAVE_FORK)
check_function_exists(strlcpy HAVE_STRLCPY)
check_function_exists(no_such_function HAVE_NOTHING)
check_include_file(sys/queue.h HAVE_QUEUE)
check_include_file(linux/futex.h HAVE_FUTEX)
check_c_source_runs("int main(void) { return 0; }" RUNS)
check_c_source_runs("int main(void) { return 3; }" RUNS_WRONG)
find_package(Threads REQUIRED)
find_library(HOST_Z z)
find_path(HOST_ZLIB zlib.h)
add_library(twice SHARED twice.c)
add_executable(main main.c)
set_target_properties(main PROPERTIES ENABLE_EXPORTS ON)
target_link_libraries(main twice Threads::Threads m)
add_test(NAME answer COMMAND main 4)
set_tests_properties(answer PROPERTIES PASS_REGULAR_EXPRESSION "^8")
foreach(name HAVE_FORK HAVE_STRLCPY HAVE_NOTHING HAVE_QUEUE HAVE_FUTEX RUNS RUNS_WRONG HOST_Z HOST_ZLIB
    CMAKE_C_COMPILER_ID CMAKE_AR)
  message("${name}: ${${name}}")
endforeach()
install(TARGETS main twice)
EOF
# The build's name holds a space, as folders may.
for generator in 'Unix Makefiles' Ninja; do
    rm -rf 'a build'
    run cmake -G "$generator" -S project -B 'a build' --toolchain "$share/atman.cmake"
    is 'status of cmake' "$status" 0
    for line in 'HAVE_FORK: ' 'HAVE_STRLCPY: 1' 'HAVE_NOTHING: ' 'HAVE_QUEUE: 1' 'HAVE_FUTEX: 1' 'RUNS: 1' \
        'RUNS_WRONG: ' 'HOST_Z: HOST_Z-NOTFOUND' 'HOST_ZLIB: HOST_ZLIB-NOTFOUND' 'CMAKE_C_COMPILER_ID: Clang' \
        "CMAKE_AR: $ATMAN_TOOLCHAIN/bin/x86_64-atman-linux-musl-ar"; do
        grep -qxF "$line" .err
        verdict $? "cmake does not say \"$line\""
    done
    run cmake --build 'a build'
    is 'status of the build' "$status" 0
    there 'a build/libtwice.a'
    image 'a build/main'
    run ctest --test-dir 'a build'
    is 'status of ctest' "$status" 0
    run cmake --install 'a build' --prefix "$work/installed"
    is 'status of the installation' "$status" 0
    image installed/bin/main
    rm -rf installed
done
echo 'project(try CXX)' >project/CMakeLists.txt
run cmake -S project -B cxx --toolchain "$share/atman.cmake"
[ "$status" != 0 ] && grep -q 'C++: not there yet' .err
verdict $? 'cmake does not hear that there is no C++'

if command -v meson >/dev/null && command -v ninja >/dev/null; then
    cat >project/meson.build <<'EOF'
project('try', 'c')
cc = meson.get_compiler('c')
foreach name : ['fork', 'execve', 'popen', 'strlcpy', 'no_such_function']
  message(name + '=' + cc.has_function(name).to_string())
endforeach
message('queue=' + cc.has_header('sys/queue.h').to_string())
message('runs=' + cc.run('int main(void) { return 5; }').returncode().to_string())
message('asan=' + cc.has_argument('-fsanitize=address').to_string())
message('wl=' + cc.has_link_argument('-Wl,--no-such-flag').to_string())
library = library('twice', 'twice.c')
main = executable('main', 'main.c', link_with: library,
  dependencies: [dependency('threads'), cc.find_library('m'), dependency('zlib', required: false)])
test('answer', main, args: ['4'])
EOF
    run meson setup --cross-file "$share/atman.ini" meson project
    is 'status of meson' "$status" 0
    for line in fork=false execve=false popen=false strlcpy=true no_such_function=false queue=true \
        runs=5 asan=false wl=false; do
        says "Message: $line"
    done
    says 'zlib found: NO'
    says 'linker for the host machine: .*lld'
    run meson compile -C meson
    is 'status of the build' "$status" 0
    there meson/libtwice.a
    prints meson/main 42
    run meson test -C meson
    is 'status of meson test' "$status" 0
else
    echo 'no meson here: not tried'
fi

# Plain make, its own rules, and archives.
cat >Makefile <<'EOF'
main: main.o libtwice.a
libtwice.a: libtwice.a(twice.o)
EOF
cp project/main.c .
passes make CC=atman-cc AR=x86_64-atman-linux-musl-ar ARFLAGS=rc
prints main 42

# configure's questions, by its own test programs: for a function, for one that only exists
# by name, for a library; whether options are taken; what it runs is known from config.site.
function_there() {
    cat >conftest.c <<EOF
#define $1 innocuous_$1
#include <limits.h>
#undef $1
char $1 (void);
#if defined __stub_$1 || defined __stub___$1
choke me
#endif
int main (void) { return $1 (); }
EOF
    "$cc" -w -o conftest conftest.c >/dev/null 2>&1
}
for name in strlcpy pthread_create mmap posix_openpt; do
    function_there $name
    verdict $? "configure does not find $name"
done
for name in fork vfork execve popen nothing_like_it; do
    function_there $name && verdict 1 "configure finds $name"
done
echo 'int main(void) { return 0; }' >conftest.c
for no in -shared -march=native -fsanitize=address -fopenmp -m32 -Wl,--no-such-flag -lz \
    "-L/usr/lib/x86_64-linux-gnu -lz" -fno-such-option; do
    # shellcheck disable=SC2086
    run "$cc" conftest.c $no -o conftest
    case $no in
    -L*) continue ;; # found there, and nothing is taken from it
    esac
    [ "$status" = 1 ]
    verdict $? "configure is told yes for $no (status $status)"
done
answer() {
    sh -c 'host_alias=$1; . "$2"; eval "echo \$$3"' sh "$1" "$share/config.site" "$2"
}
is 'malloc(0)' "$(answer x86_64-atman-linux-musl ac_cv_func_malloc_0_nonnull)" yes
is 'fork' "$(answer x86_64-atman-linux-musl ac_cv_func_fork_works)" no
is 'malloc(0) elsewhere' "$(answer x86_64-linux-gnu ac_cv_func_malloc_0_nonnull)" ''
is "the user's own answer" "$(ac_cv_func_fork_works=yes answer x86_64-atman-linux-musl \
    ac_cv_func_fork_works)" yes
for sub in /usr/share/misc/config.sub /usr/share/automake-1.16/config.sub; do
    [ -r "$sub" ] || continue
    passes sh "$sub" x86_64-atman-linux-musl
    is 'config.sub' "$(cat .out)" x86_64-atman-linux-musl
done

finish
