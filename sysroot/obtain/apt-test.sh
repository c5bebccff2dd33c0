#!/bin/sh
# SPDX-License-Identifier: MIT
# The private list of sources, made from a machine's configuration in all the
# shapes that apt has: which archives are taken, with which keys.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/apt.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/parts" "$dir/lists"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

cat >"$dir/parts/first.sources" <<END
# a comment, and an empty line

Types: deb
URIs: file:/by-key-file
# another comment
Suites: $codename $codename-updates
Components: main contrib
Signed-By: /keys/archive.gpg

Enabled: no
Types: deb
URIs: file:/switched-off
Suites: $codename
Components: main

Types: deb
URIs: file:/by-key
Suites: $codename-security
Components: main
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEXAMPLE
 -----END PGP PUBLIC KEY BLOCK-----
END
cat >"$dir/parts/second.list" <<END
# deb file:/comment $codename main
deb [arch=amd64 signed-by=/keys/a.gpg,/keys/b.gpg] file:/one-line $codename main
deb file:/no-key $codename-updates main
deb file:/tool tool-$codename main
deb file:/other-component $codename stable
END
cat >"$dir/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$dir/parts";
Dir::State::lists "$dir/lists";
END

# entry TYPES URI SUITE [SIGNED-BY]
entry() {
    printf 'Types: %s\nURIs: file:/%s/\nSuites: %s\nComponents: main\n' "$1" "$2" "$3"
    printf 'Targets: Packages Sources\n'
    [ $# -eq 3 ] || printf 'Signed-By: %s\n' "$4"
    printf '\n'
}
following=$(next_release "$codename")
{
    entry 'deb deb-src' by-key-file "$codename-updates" /keys/archive.gpg
    entry 'deb deb-src' by-key-file "$codename" /keys/archive.gpg
    [ -z "$following" ] || entry deb-src by-key-file "$following" /keys/archive.gpg
    entry 'deb deb-src' no-key "$codename-updates"
    entry 'deb deb-src' one-line "$codename" '/keys/a.gpg /keys/b.gpg'
    [ -z "$following" ] || entry deb-src one-line "$following" '/keys/a.gpg /keys/b.gpg'
    entry 'deb deb-src' by-key "$codename-security" '
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEXAMPLE
 -----END PGP PUBLIC KEY BLOCK-----'
} >"$dir/wanted"

APT_CONFIG=$dir/apt.conf
export APT_CONFIG
LC_ALL=C apt_sources >"$dir/got"
diff -u "$dir/wanted" "$dir/got" || {
    echo "apt: the private list of sources is not the wanted one"
    exit 1
}

# apt itself reads as many entries as are meant.
mv "$dir/got" "$dir/got.sources"
entries=$(apt-get indextargets --no-release-info --format '$(REPO_URI)|$(RELEASE)|$(TARGET_OF)' \
    -o Dir::Etc::sourcelist="$dir/got.sources" -o Dir::Etc::sourceparts=/dev/null |
    grep deb-src | sort -u | wc -l)
if [ "$entries" -ne "$(grep -c ^Types "$dir/wanted")" ]; then
    echo "apt: reads $entries entries of the private list"
    exit 1
fi
echo "apt: the private list of sources is right"
