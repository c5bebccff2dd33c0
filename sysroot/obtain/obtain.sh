#!/bin/sh
# SPDX-License-Identifier: MIT
# Gets third-party sources and packages through apt and keeps them in a cache.
# Invariant: a path printed on stdout is a file or folder that was verified in
# this run; the cache holds complete files only (temporary folder, then rename).
# Everything else that is said goes to stderr, a line a step.
#
#   obtain.sh source  --cache DIR --work DIR --name N --version V --sha256 H
#                     [--keep PATH]... [--keep-sha256 H] [--file F] [--option O]
#                     [--link L]
#   obtain.sh package --cache DIR --work DIR --name N --into DIR
#                     [--file F] [--option O]
#   obtain.sh unpack  --file TARBALL --sha256 H --into DIR
#
# --link makes L a symbolic link to what was got.
set -eu
LC_ALL=C
export LC_ALL
umask 022
here=$(dirname "$0")
program=obtain
. "$here/say.sh"
. "$here/cache.sh"
. "$here/apt.sh"
. "$here/source.sh"
. "$here/package.sh"

what=${1:-}
[ $# -eq 0 ] || shift
cache='' work='' name='' version='' sha256='' keep='' keep_sha256=''
file='' into='' option='' link=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || die "$1: needs a value"
    case $1 in
    --cache) cache=$2 ;;
    --work) work=$2 ;;
    --name) name=$2 ;;
    --version) version=$2 ;;
    --sha256) sha256=$2 ;;
    --keep) keep="$keep $2" ;;
    --keep-sha256) keep_sha256=$2 ;;
    --file) file=$2 ;;
    --into) into=$2 ;;
    --option) option=$2 ;;
    --link) link=$2 ;;
    *) die "$1: unknown option" ;;
    esac
    shift 2
done

case $what in
source)
    got=$(obtain_source)
    [ -z "$link" ] || ln -sfn "$got" "$link"
    printf '%s\n' "$got"
    ;;
package) obtain_package ;;
unpack) unpack_tar "$file" "$sha256" "$into" ;;
*) die "'$what': unknown request; see the top of obtain.sh" ;;
esac
