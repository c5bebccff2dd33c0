#!/bin/sh
# SPDX-License-Identifier: MIT
# partitions.sh PROGRAM: tables that sfdisk and sgdisk have written are found by PROGRAM as
# sfdisk finds them, but that Linux says an extended partition is of two sectors.
set -eu
program=$1
PATH=$PATH:/sbin:/usr/sbin
if ! command -v sfdisk >/dev/null || ! command -v sgdisk >/dev/null; then
    echo "sfdisk or sgdisk is missing: cmd/bootstrap packages"
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# sfdisk's dump, a line a partition: number, start, size.
listed() {
    sfdisk -d image | sed -n 's/^image\([0-9]*\) : start= *\([0-9]*\), size= *\([0-9]*\), *type=\([^,]*\).*/\1 \2 \3 \4/p' |
        awk '$4 == "5" || $4 == "f" || $4 == "85" { $3 = 2 } { print $1, $2, $3 }' | sort -n
}

# compare COUNT WHAT
compare() {
    listed >wanted
    "$program" image | sort -n >is
    if [ "$(wc -l <wanted)" -ne "$1" ] || ! diff wanted is; then
        echo "not as wanted: $2"
        exit 1
    fi
}

fresh() {
    rm -f image
    truncate -s 64M image
}

fresh
printf ',10M\n,20M,S\n,,L\n' | sfdisk -q -X dos image
compare 3 'three primary ones'

fresh
printf ',10M\n,5M\n,,E\n,2M\n,3M\n,1M\n,4M\n' | sfdisk -q -X dos image
compare 7 'logical ones'
sfdisk -q --delete image 6
compare 6 'one of them deleted'

fresh
printf ',10M\n,20M\n,,\n' | sfdisk -q -X gpt image
compare 3 'GPT by sfdisk'
sfdisk -q --delete image 2
compare 2 'a gap in its numbers'

fresh
sgdisk -n 1:0:+5M -n 7:0:+6M -n 128:0:0 image >/dev/null
compare 3 'GPT by sgdisk'
"$program" image >before
dd if=/dev/zero of=image bs=512 seek=1 count=1 conv=notrunc 2>/dev/null
"$program" image >after
[ -s before ] && cmp before after
dd if=/dev/zero of=image bs=512 seek=131071 count=1 conv=notrunc 2>/dev/null
[ -z "$("$program" image)" ]

fresh
sgdisk -n 1:0:+5M -n 2:0:+6M -h 2 image >/dev/null
[ "$("$program" image | wc -l)" -eq 2 ]
echo "tables of sfdisk and sgdisk are as they say"
