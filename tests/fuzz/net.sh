#!/bin/sh
# SPDX-License-Identifier: MIT
# net.sh FOLDER: turns of net_ring.c to begin with: a frame that is good, one of two parts with
# an extra entry, a packet and its answer, a word.
set -eu
mkdir -p "$1"
printf '\000\003\000\360\005\006' >"$1/frame"
printf '\000\003\014\000\020\003\001\000\003\000\100\000\006' >"$1/large"
printf '\000\000\202\100\100\000\000\002\000\000\002\001\000\006' >"$1/packet"
printf '\000\005\000\002\000\377\000\000\000\006' >"$1/word"
