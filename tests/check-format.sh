#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails if a C file is not laid out as .clang-format says, or lacks its licence line.
# sysroot/musl/ is laid out as musl is.
set -eu
cd "$(dirname "$0")/.."

files=$(find cmd driver examples runtime tests -name '*.[ch]' | sort)
status=0
for file in $files; do
    case $(head -n 1 "$file") in
    *'SPDX-License-Identifier: MIT'*) ;;
    *) echo "$file: the first line is not its SPDX line"; status=1 ;;
    esac
done
# shellcheck disable=SC2086  # a list of words: no name here has a space
clang-format-19 --dry-run -Werror $files || status=1
exit $status
