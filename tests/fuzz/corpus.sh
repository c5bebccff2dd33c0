#!/bin/sh
# SPDX-License-Identifier: MIT
# corpus.sh FOLDER: makes small archives in it, of all the formats that the host can write.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"
mkdir -p d/e
printf hello >d/f
ln d/f d/g
ln -s ../nowhere d/s
mkfifo d/p
long=$(printf %0120d 0)
mkdir "d/$long"
: >"d/$long/empty"
for format in gnu pax ustar oldgnu; do
    tar --format=$format -cf "$folder/$format.tar" d/e d/f d/g d/s d/p
done
tar --format=pax -cf "$folder/long-pax.tar" "d/$long"
tar --format=gnu -cf "$folder/long-gnu.tar" "d/$long"
if command -v cpio >/dev/null; then
    for format in newc crc odc; do
        find d | cpio --quiet -o -H $format >"$folder/$format.cpio"
    done
else
    # One empty folder, newc.
    printf '%s%s%s%s%s%s\0\0' 070701 000000010000416d0000000000000000 \
        00000001000000000000000000000000 000000000000000000000000 0000000200000000 d \
        >"$folder/newc.cpio"
fi
for archive in "$folder"/gnu.tar "$folder"/newc.cpio; do
    gzip -nc "$archive" >"$archive.gz"
    if command -v zstd >/dev/null; then
        zstd -qc "$archive" >"$archive.zst"
    fi
done
