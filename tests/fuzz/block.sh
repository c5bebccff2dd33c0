#!/bin/sh
# SPDX-License-Identifier: MIT
# block.sh FOLDER: turns of block_ring.c to begin with: an answer that is good, and a word.
set -eu
mkdir -p "$1"
printf '\000\010\003\000\000\000\005\001' >"$1/read"
printf '\001\377\000\100\003\001\000\000\003\000\001\000\005\010' >"$1/write"
printf '\006\002\377\001\377\003\000\006\000\005\001\002\000\002\001' >"$1/indirect"
printf '\000\010\004\010\000\001\002\003\004\005\001' >"$1/producer"
