#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds a program as its own README says, without a patch, and looks whether it works:
#
#   app.sh DESCRIPTION TARBALL WORK
#
# The description (NAME.app beside this) sets
#   ways      how it is built, a word each: make, configure, host, cmake ...
#   memory    of the guest (default 256M)
#   options   of atman-run, more of them
#   variables that the program has in its environment, each NAME=VALUE, without blanks
# and defines functions, which run in the top folder of a source of their own:
#   build WAY   builds it with $CC; $HOST, which Linux's has not, is what --host= takes
#   check WAY   runs its own tests, with images as processes; left out if it has none
#   program     prints where the program is that was built; for the workload
#   files       makes the workload's files in the working folder ($tests: this one); left out if it has none
#   workload    calls `run ARGUMENTS...`: the program, among these files, made anew each time;
#               left out if it is only built here, for tests/domu/test_PROGRAM.py
# What the workload prints as a process (each way), as a guest (the first way) and as a Linux
# program (the first way with musl-gcc as $CC) must be the same, and so must exit statuses.
#
# What was built stays in WORK until tarball, toolchain, runtime or description are others.
# Environment: ATMAN_TOOLCHAIN, the toolchain's folder; ATMAN_APP_JOBS, for each build;
# ATMAN_APP_WITH, a second tarball, which is $with for the description.
set -u
: "${ATMAN_TOOLCHAIN:?}"
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS CONFIG_SITE
LC_ALL=C TZ=UTC PATH=$ATMAN_TOOLCHAIN/bin:$PATH
jobs=${ATMAN_APP_JOBS:-2}
tests=$(dirname "$(realpath "$0")")
share=$ATMAN_TOOLCHAIN/share/atman
export LC_ALL TZ PATH
self=$(realpath "$0") description=$(realpath "$1") tarball=$(realpath "$2")
mkdir -p "$3"
work=$(realpath "$3")
name=$(basename "$description" .app)
with=${ATMAN_APP_WITH:-}
memory=256M options= variables=
# shellcheck disable=SC1090
. "$description"

say() {
    echo "$name: $*"
}

defined() {
    command -v "$1" >/dev/null
}

# --- what runs below a time limit, in a process of its own ---------------------------------

# run ARGUMENTS...: the program in this life; its exit status is part of what it prints.
run() {
    rm -rf "$work/files"
    mkdir "$work/files"
    if defined files; then
        (cd "$work/files" && files) || exit 1
    fi
    status=0
    if [ "$life" = guest ]; then
        # shellcheck disable=SC2046,SC2086  # words on purpose
        atman-run -m "$memory" --timeout 600 $options --files "$work/files" \
            ${variables:+$(printf -- '-e %s ' $variables)} "$image" "$@" || status=$?
    else
        # shellcheck disable=SC2086
        (cd "$work/files" && exec env $variables "$image" "$@") || status=$?
    fi
    echo "[status $status]"
}

if [ $# -gt 3 ]; then
    what=$4 way=$5 life=${6:-}
    case $way in linux) CC=musl-gcc HOST='' ;; *) CC=atman-cc HOST=x86_64-atman-linux-musl ;; esac
    export CC
    cd "$work/$way" || exit 1
    case $way in linux) way=${ways%% *} ;; esac
    ! defined program || image=$PWD/$(program)
    set -e
    "$what" "$way"
    exit
fi

# --- the steps ----------------------------------------------------------------------------

# step LOG WHAT WAY [LIFE]
step() {
    log=$work/$1.log start=$(date +%s)
    shift
    if ! timeout -k 10 1200 sh "$self" "$description" "$tarball" "$work" "$@" \
        >"$log" 2>"$log.2" </dev/null; then
        tail -n 30 "$log" "$log.2" | sed 's/^/    /'
        say "$*: FAILED; the whole story is in $log and $log.2"
        exit 1
    fi
    say "$*: $(($(date +%s) - start)) s"
}

build_all() {
    rm -f "$work/key"
    for way in $ways $(! defined workload || echo linux); do
        rm -rf "${work:?}/$way"
        mkdir "$work/$way"
        tar -xf "$tarball" -C "$work/$way" --strip-components=1 || exit 1
        step "build-$way" build "$way"
    done
    echo "$key" >"$work/key"
}

# same LIFE WAY: it prints what the Linux program prints.
same() {
    step "$1-$2" workload "$2" "$1"
    if ! diff -u "$work/linux-linux.log" "$work/$1-$2.log" >"$work/$1-$2.diff"; then
        head -n 30 "$work/$1-$2.diff" | sed 's/^/    /'
        say "the $1 ($2) does not print what the Linux program prints"
        exit 1
    fi
}

for tool in musl-gcc:musl-tools ${tools:-}; do
    defined "${tool%:*}" || { say "${tool%:*}: not found; apt-get install ${tool#*:}"; exit 1; }
done
key=$({ cat "$description" "$tarball" ${with:+"$with"}; atman-cc --version; musl-gcc -v
    cat "$ATMAN_TOOLCHAIN"/sysroot/usr/lib/*.o "$ATMAN_TOOLCHAIN"/sysroot/usr/lib/*.a; } 2>&1 |
    sha256sum)
[ "$(cat "$work/key" 2>/dev/null)" = "$key" ] || build_all

if ! defined workload; then
    for way in $ways; do
        ! defined check || step "check-$way" check "$way"
    done
    say "built: $ways"
    exit
fi
step linux-linux workload linux linux
grep -q . "$work/linux-linux.log" || { say 'the workload prints nothing'; exit 1; }
for way in $ways; do
    ! defined check || step "check-$way" check "$way"
    same process "$way"
done
same guest "${ways%% *}"
say "works: $ways; $(wc -l <"$work/linux-linux.log") lines are the same"
