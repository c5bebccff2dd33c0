#!/bin/sh
# SPDX-License-Identifier: MIT
# nothing.sh FOLDER: a corpus of nothing, where the fuzzer finds its way alone.
mkdir -p "$1"
