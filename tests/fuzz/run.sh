#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh PROGRAM FOLDER CORPUS-SCRIPT N: a short run, of N inputs and not of some seconds.
# ATMAN_TEST_SEED repeats one.
set -eu
rm -rf "$2"
sh "$3" "$2"
seed=${ATMAN_TEST_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "seed $seed"
cd "$2"
"$1" -seed="$seed" -runs="$4" -max_len=20000 -rss_limit_mb=0 -verbosity=0 .
