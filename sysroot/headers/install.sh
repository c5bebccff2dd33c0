#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh LINUX LIBBSD OWN FIRST TO: copies the headers in these folders into the sysroot's
# TO, but those of FIRST into TO/../local/include, which compilers look into before TO. Of
# Linux's folders those that the C library has a version of its own of stay out.
set -eu
linux=$1 libbsd=$2 own=$3 first=$4 to=$5

before=$to/../local/include
mkdir -p "$to/atman" "$to/bsd/sys" "$to/sys" "$before/sys"
for folder in "$linux"/* "$linux"/x86_64-linux-gnu/asm; do
    name=${folder##*/}
    case $name in
    x86_64-linux-gnu | scsi) continue ;;
    esac
    rm -rf "${to:?}/$name"
    cp -R "$folder" "$to/$name"
done
cp "$libbsd"/bsd/sys/*.h "$to/bsd/sys/"
cp "$own"/sys/*.h "$to/sys/"
cp "$own"/atman/*.h "$to/atman/"
cp "$first"/*.h "$before/"
cp "$first"/sys/*.h "$before/sys/"
