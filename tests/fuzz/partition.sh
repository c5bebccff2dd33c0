#!/bin/sh
# SPDX-License-Identifier: MIT
# partition.sh FOLDER: the first sectors of disks with an MBR, a chain, a GPT.
set -eu
PATH=$PATH:/sbin:/usr/sbin
mkdir -p "$1"
cd "$1"
truncate -s 4M image
printf ',1M\n,,E\n,1M\n,\n' | sfdisk -q -X dos image >/dev/null
head -c 20000 image >mbr
rm image
truncate -s 4M image
printf ',1M\n,\n' | sfdisk -q -X gpt image >/dev/null
head -c 20000 image >gpt
rm image
# A chain and a GPT within some sectors: slots are at byte 446, types 5, 131 and 238.
{
    head -c 450 /dev/zero
    printf '\005\000\000\000\004\000\000\000\074\000\000\000'
    head -c 48 /dev/zero
    printf '\125\252'
    head -c $((3 * 512 + 450)) /dev/zero
    printf '\203\000\000\000\002\000\000\000\010\000\000\000\000\000\000\000'
    printf '\005\000\000\000\000\000\000\000\010\000\000\000'
    head -c 32 /dev/zero
    printf '\125\252'
} >chain
{
    head -c 450 /dev/zero
    printf '\356\000\000\000\001\000\000\000\077\000\000\000'
    head -c 48 /dev/zero
    printf '\125\252EFI PART\000\000\001\000\134\000\000\000\000\000\000\000\000\000\000\000'
    printf '\001\000\000\000\000\000\000\000\077\000\000\000\000\000\000\000'
    printf '\003\000\000\000\000\000\000\000\074\000\000\000\000\000\000\000'
    head -c 16 /dev/zero
    printf '\002\000\000\000\000\000\000\000\004\000\000\000\200\000\000\000'
    head -c $((512 - 88)) /dev/zero
    printf '\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000'
    head -c 16 /dev/zero
    printf '\004\000\000\000\000\000\000\000\020\000\000\000\000\000\000\000'
} >small
