# SPDX-License-Identifier: MIT
# The commands of docs/ci/*.yml, run as the CI services would, on examples/wordcount, with the
# packages that CPack makes. apt-get alone is not the real one: it looks whether the packages
# are installed here, and unpacks a package file instead of installing it.
. "$(dirname "$0")/lib.sh"
: "${ATMAN_BUILD:?}"

tests=$ATMAN_SOURCE/tests/driver
python3 -c 'import yaml' 2>/dev/null || {
    echo 'python3-yaml: not found; apt-get install python3-yaml'
    exit 1
}
run cpack --config "$ATMAN_BUILD/CPackConfig.cmake" -B "$work/packages"
is 'status of cpack' "$status" 0
mkdir -p home bin system
cat >bin/apt-get <<'END'
#!/bin/sh
set -eu
case $1 in update) exit ;; install) shift ;; *) exit 2 ;; esac
there() {
    dpkg-query -W -f '${db:Status-Status}' "$1" | grep -qx installed || {
        echo "apt-get: $1 is not installed here"
        exit 1
    }
}
for word; do
    case $word in
    --no-install-recommends | --yes) ;;
    ./*.deb)
        dpkg-deb -f "$word" Depends | sed 's/([^)]*)//g' | tr -d , | tr ' ' '\n' | grep . |
            while read -r name; do there "$name"; done
        dpkg-deb -x "$word" "$APT_ROOT"
        ;;
    -*) exit 2 ;;
    *) there "$word" ;;
    esac
done
END
chmod +x bin/apt-get
ATMAN_SDK=file://$(echo "$work"/packages/atman-*-x86_64.tar.zst)
ATMAN_DEB=file://$(echo "$work"/packages/atman_*_amd64.deb)
HOME=$work/home APT_ROOT=$work/system PATH=$work/bin:$work/system/usr/bin:/usr/bin:/bin
export ATMAN_SDK ATMAN_DEB HOME APT_ROOT PATH
case $(command -v atman-cc) in ?*) verdict 1 'atman-cc is there before it was installed' ;; esac

# example SERVICE PROJECT: the last output is in .out and .err.
example() {
    rm -rf job
    mkdir job
    run python3 "$tests/ci_run.py" "$1" "$ATMAN_SOURCE/docs/ci/$1.yml" "$2" "$work/job/workspace"
}
cp -r "$ATMAN_SOURCE/examples/wordcount" sound
for service in github gitlab; do
    example $service sound
    is "status of $service's example" "$status" 0
    says '^== artifact .*wordcount$'
done
image job/workspace/out/wordcount
there home/atman/bin/atman-cc
there system/usr/bin/atman-cc

# They notice a mistake in the program.
cp -r sound mistaken
sed -i "s/'.n'/'n'/" mistaken/count.c
for service in github gitlab; do
    example $service mistaken
    is "status of $service's example with a mistake" "$status" 1
done

finish
