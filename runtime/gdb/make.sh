#!/bin/sh
# SPDX-License-Identifier: MIT
# make.sh SCRIPT PLAIN CHECKED OUTPUT: puts the offsets of two runtimes, which are in
# assembly made from offsets.c, into the script's place for them.
set -eu
script=$1 plain=$2 checked=$3 output=$4

table() { # table NAME ASSEMBLY
    echo "$1 = {"
    sed -n 's/^.*#@ \([a-z0-9._]*\) \([0-9]*\)$/    "\1": \2,/p' "$2"
    echo "}"
}

mkdir -p "$(dirname "$output")"
{
    sed '/^# @OFFSETS@$/,$d' "$script"
    table PLAIN "$plain"
    table CHECKED "$checked"
    sed '1,/^# @OFFSETS@$/d' "$script"
} >"$output.new"
grep -q '"thread.tid": [0-9]' "$output.new"
mv "$output.new" "$output"
