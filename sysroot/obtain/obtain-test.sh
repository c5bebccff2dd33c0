#!/bin/sh
# SPDX-License-Identifier: MIT
# obtain.sh under faults, offline: apt serves a small archive made here (a source
# tarball, a package) from a folder. Each check gives obtain.sh one fault and
# looks at its exit status, its one-line reason and what is left in the cache.
set -u
script=$(cd "$(dirname "$0")" && pwd)/obtain.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
failed=0

hash() {
    sha256sum <"$1" | cut -d ' ' -f 1
}

check() {
    if [ "$1" = yes ]; then
        echo "ok: $2"
    else
        echo "FAILED: $2"
        sed 's/^/    /' "$dir/messages"
        failed=1
    fi
}

# obtain ARGUMENTS: runs obtain.sh with the test's cache; its answer goes to
# $answer, its messages to a file, its status to $status.
obtain() {
    what=$1
    shift
    status=0
    answer=$("$script" "$what" --cache "$dir/cache" --work "$dir/work" "$@" \
        2>"$dir/messages") || status=$?
}

# fails REASON TITLE: the run failed, gave no answer and said REASON at its end.
fails() {
    if [ "$status" -ne 0 ] && [ -z "$answer" ] &&
        tail -n 1 "$dir/messages" | grep -qF -- "$1"; then
        check yes "$2"
    else
        check no "$2 (status $status, wanted: $1)"
    fi
}

# gives FILE TITLE: the run's answer is a file with FILE's content.
gives() {
    if [ "$status" -eq 0 ] && [ -n "$answer" ] && cmp -s "$answer" "$1"; then
        check yes "$2"
    else
        check no "$2 (status $status, answer $answer)"
    fi
}

# says TEXT TITLE: the run said TEXT.
says() {
    if grep -qF -- "$1" "$dir/messages"; then check yes "$2"; else check no "$2"; fi
}

# none PATTERN TITLE: no file has such a name.
none() {
    # shellcheck disable=SC2086  # a pattern
    set -- "$2" $1
    if [ ! -e "$2" ]; then check yes "$1"; else check no "$1 ($2)"; fi
}

# same GOT WANTED TITLE
same() {
    if [ "$1" = "$2" ]; then check yes "$3"; else check no "$3 (got $1, wanted $2)"; fi
}

clean_cache() {
    rm -rf "$dir/cache"
}

# --- the archive: demo 1.0 as source and as package ------------------------------
archive=$dir/archive
mkdir -p "$archive" "$dir/demo-1.0/lib/part" "$dir/package/DEBIAN" "$dir/package/boot"
echo 'kept' >"$dir/demo-1.0/lib/part/kept.c"
echo 'left out' >"$dir/demo-1.0/lib/other.c"
tar -cJf "$archive/demo_1.0.orig.tar.xz" -C "$dir" demo-1.0
printf 'Package: demo-image\nVersion: 1.0-1\nArchitecture: amd64\nMaintainer: nobody\nDescription: test\n' \
    >"$dir/package/DEBIAN/control"
echo 'image' >"$dir/package/boot/image"
dpkg-deb --build --root-owner-group "$dir/package" "$archive/demo-image_1.0-1_amd64.deb" >/dev/null
tarball=$archive/demo_1.0.orig.tar.xz
deb=$archive/demo-image_1.0-1_amd64.deb
echo 'not read' >"$archive/demo_1.0-1.dsc"

# index FILE FIELD...: one "hash size file" line, as an index lists it.
index() {
    printf ' %s %s %s\n' "$(hash "$1")" "$(stat -c %s "$1")" "${1##*/}"
}
{
    printf 'Package: demo\nBinary: demo-image\nVersion: 1.0-1\nDirectory: .\nFormat: 3.0 (quilt)\n'
    printf 'Checksums-Sha256:\n'
    index "$archive/demo_1.0-1.dsc"
    index "$tarball"
} >"$archive/Sources"
{
    cat "$dir/package/DEBIAN/control"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n' "${deb##*/}" "$(stat -c %s "$deb")" "$(hash "$deb")"
} >"$archive/Packages"
{
    printf 'Origin: test\nSuite: ./\nArchitectures: amd64\nSHA256:\n'
    index "$archive/Sources"
    index "$archive/Packages"
} >"$archive/Release"
printf 'Types: deb deb-src\nURIs: file:%s\nSuites: ./\nTrusted: yes\n' "$archive" \
    >"$dir/test.sources"
export ATMAN_APT_SOURCES="$dir/test.sources"

wanted=$(hash "$tarball")
zero=0000000000000000000000000000000000000000000000000000000000000000
source_demo() {
    obtain source --name demo --version 1.0 --sha256 "$wanted" --option DEMO_TARBALL "$@"
}
package_demo() {
    obtain package --name demo-image --into "$dir/unpacked" --option DEMO_PACKAGE "$@"
}

# --- sources -----------------------------------------------------------------
source_demo
gives "$tarball" 'source: fetched through apt'
cached=$answer

mv "$archive" "$archive.away"
source_demo
gives "$archive.away/demo_1.0.orig.tar.xz" 'source: the cache needs no archive'
head -c 100 "$archive.away/demo_1.0.orig.tar.xz" >"$cached"
source_demo
fails 'demo 1.0: ' 'source: a truncated cache file is not handed out'
mv "$archive.away" "$archive"
source_demo
gives "$tarball" 'source: a truncated cache file is fetched again'
says 'damaged in the cache' 'source: the damage is named'

obtain source --name demo --version 1.0 --sha256 "$zero" --option DEMO_TARBALL
fails "none with SHA-256 $zero" 'source: no offered tarball has the hash'
obtain source --name demolition --version 1.0 --sha256 "$zero" --option DEMO_TARBALL
fails 'apt finds no such source package' 'source: an unknown package'

source_demo --file "$dir/absent.tar"
fails "$dir/absent.tar: cannot be read; DEMO_TARBALL" 'source: the given file is missing'
source_demo --file "$dir/test.sources"
fails "that of demo 1.0 is $wanted" 'source: the given file has another hash'
clean_cache
source_demo --file "$tarball"
gives "$tarball" 'source: the given file is used'
none "$dir/cache" 'source: a given file needs no cache'

# What apt lists and what it delivers differ: apt or we must notice.
cp "$tarball" "$dir/whole.tar.xz"
printf x | dd of="$tarball" bs=1 seek=20 conv=notrunc 2>/dev/null
source_demo
fails 'demo 1.0: the download failed' 'source: the archive delivers other bytes than it lists'
none "$dir/cache/*.tar" 'source: nothing of it is in the cache'
cp "$dir/whole.tar.xz" "$tarball"

# --- a part of a source --------------------------------------------------------
source_demo --keep lib/part --keep-sha256 "$zero"
fails 're-packed to SHA-256' 'part: another content than expected'
part_hash=$(sed -n 's/.*re-packed to SHA-256 \([0-9a-f]*\),.*/\1/p' "$dir/messages")
source_demo --keep lib/part --keep-sha256 "$part_hash"
part=$answer
members=$(tar -tf "$part" 2>/dev/null | grep -v '/$')
same "$members" ./lib/part/kept.c 'part: only the wanted members are kept'
cp "$part" "$dir/part.tar"
clean_cache
source_demo --keep lib/part --keep-sha256 "$part_hash" --file "$dir/part.tar"
gives "$dir/part.tar" 'part: the small archive can be given too'

# --- packages -------------------------------------------------------------------
clean_cache
package_demo
gives_image() {
    answer=$answer/boot/image
    gives "$dir/package/boot/image" "$1"
}
gives_image 'package: fetched through apt and unpacked'
cached=$(ls "$dir"/cache/*.deb)
head -c 200 "$deb" >"$cached"
rm -rf "$dir/unpacked"
package_demo
gives_image 'package: a truncated cache file is fetched again'
says 'damaged in the cache' 'package: the damage is named'
rm -f "$dir"/cache/*.deb
package_demo
gives_image 'package: a cache note without its file is no cached file'
package_demo --file "$dir/absent.deb"
fails "$dir/absent.deb: cannot be read; DEMO_PACKAGE" 'package: the given file is missing'
package_demo --file "$dir/test.sources"
fails 'not a Debian package' 'package: the given file is something else'
obtain package --name other --into "$dir/unpacked" --option OTHER --file "$deb"
fails 'holds the package demo-image' 'package: the given file is another package'
rm -rf "$dir/unpacked"
size=$(stat -c %s "$deb")
head -c $((size - 20)) "$deb" >"$dir/cut.deb"
package_demo --file "$dir/cut.deb"
fails 'cannot be unpacked' 'package: the given file is cut short'
none "$dir/unpacked" 'package: no half-unpacked folder is left'

# --- two at once, and a killed one ----------------------------------------------
clean_cache
mkdir -p "$dir/cache/.tmp.killed"
for i in 1 2; do
    "$script" source --cache "$dir/cache" --work "$dir/work$i" --name demo --version 1.0 \
        --sha256 "$wanted" >"$dir/answer$i" 2>>"$dir/messages" &
done
wait
if [ -s "$dir/answer1" ] && cmp -s "$dir/answer1" "$dir/answer2" &&
    cmp -s "$(cat "$dir/answer1")" "$tarball"; then
    check yes 'cache: two builds at once get the same whole file'
else
    check no 'cache: two builds at once get the same whole file'
fi
none "$dir/cache/.tmp.*" 'cache: nothing temporary is left'
: >"$dir/file"
obtain source --name demo --version 1.0 --sha256 "$wanted" --cache "$dir/file/cache"
fails 'cannot be written; choose another folder' 'cache: a folder that cannot be made'

exit "$failed"
