# SPDX-License-Identifier: MIT
# Upstream tarballs of Debian source packages. The SHA-256 decides: any Debian
# revision that carries the tarball will do. Of a big tarball only the wanted
# members are kept, re-packed byte for byte the same by everyone, so that the
# small archive has a hash of its own to check.

# Prints, by apt's signed lists, the version of the source package which has a
# file with the hash, and the file's size in MB.
source_version() {
    apt-cache -c "$apt/apt.conf" showsrc --only-source "$name" 2>>"$log" | awk -v hash="$sha256" '
        /^Version:/ { version = $2 }
        /^[^ ]/ { field = $1 }
        field == "Checksums-Sha256:" && $1 == hash { printf "%s %.0f\n", version, $2 / 1e6; exit }'
}

# Prints all versions of it that apt offers, for a message.
source_versions() {
    apt-cache -c "$apt/apt.conf" showsrc --only-source "$name" 2>/dev/null |
        sed -n 's/^Version: //p' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# Downloads the tarball to $tmp/tarball.
source_download() {
    apt_open
    found=$(source_version)
    if [ -z "$found" ]; then
        offered=$(source_versions)
        [ -n "$offered" ] ||
            die "$name $version: apt finds no such source package$(apt_complaint "$log"); $(apt_hint)"
        die "$name $version: apt offers $offered, none with SHA-256 $sha256; $(apt_hint)"
    fi
    say "$name $version: downloading (Debian's source ${found% *}, ${found#* } MB)"
    mkdir "$tmp/download"
    : >"$log" # an earlier download's complaint is not this one's
    (
        cd "$tmp/download"
        with_progress "$name $version" "$log" \
            apt-get -c "$apt/apt.conf" -q source --download-only --tar-only "$name=${found% *}"
    ) || die "$name $version: the download failed$(apt_complaint "$log"); $(apt_hint)"
    for downloaded in "$tmp"/download/*; do
        if has_hash "$downloaded" "$sha256"; then
            take "$downloaded" "$tmp/tarball"
            return
        fi
    done
    die "$name $version: what came has not the SHA-256 $sha256; $(apt_hint)"
}

# repack TARBALL makes $tmp/kept from the members to keep, without the tarball's
# top folder, owners, times and order of its own.
repack() {
    need xz xz-utils
    size=$(xz --robot --list "$1" 2>/dev/null | awk '$1 == "totals" { print int($5 / 10240) }')
    patterns=''
    for member in $keep; do
        patterns="$patterns */$member"
    done
    say "$name $version: unpacking$keep"
    mkdir "$tmp/members"
    set -f
    # shellcheck disable=SC2086  # the words are patterns, split on purpose
    tar -xf "$1" -C "$tmp/members" --strip-components=1 \
        --wildcards --no-wildcards-match-slash \
        ${size:+--checkpoint=$((size / 10 + 1))} \
        ${size:+"--checkpoint-action=exec=echo \"obtain: $name $version: unpacked \$((TAR_CHECKPOINT * 100 / $size)) %\" >&2"} \
        $patterns || die "$name $version: $1 cannot be unpacked; see tar's message"
    tar -cf "$tmp/kept" -C "$tmp/members" --sort=name --format=ustar --mtime=@0 \
        --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX .
    set +f
    has_hash "$tmp/kept" "$keep_sha256" ||
        die "$name $version: re-packed to SHA-256 $(hash_of "$tmp/kept"), not $keep_sha256; use GNU tar"
}

# Prints the path of the verified tarball, or of the re-packed one with --keep.
obtain_source() {
    want=${keep_sha256:-$sha256}
    cached=$cache/$name-$version.$(printf %.12s "$want").tar
    if [ -n "$file" ]; then
        given_file
        if has_hash "$file" "$want"; then
            say "$name $version: $file"
            printf '%s\n' "$file"
            return
        fi
        has_hash "$file" "$sha256" ||
            die "$file: SHA-256 is $(hash_of "$file"), that of $name $version is $sha256"
    fi
    if has_hash "$cached" "$want"; then
        say "$name $version: from the cache, $cached"
    else
        [ ! -e "$cached" ] || say "$name $version: damaged in the cache; getting it again"
        cache_lock
        has_hash "$cached" "$want" || source_fetch
    fi
    printf '%s\n' "$cached"
}

# Puts the wanted file into the cache; the lock is held.
source_fetch() {
    if [ -z "$file" ]; then
        source_download
        file=$tmp/tarball
    fi
    if [ -n "$keep" ]; then
        repack "$file"
        mv "$tmp/kept" "$cached"
    else
        mv "$file" "$cached"
    fi
    say "$name $version: verified, now in the cache: $cached"
}

# unpack_tar TARBALL SHA256 FOLDER: the folder holds the tarball's content; done
# anew only when that is another one. Files get the time of the unpacking, so that
# what was built from older content is older than they are.
unpack_tar() {
    is_unpacked "$2" "$3" && return
    has_hash "$1" "$2" || die "$1: SHA-256 is not $2; remove it and configure again"
    mkdir -p "$3.new"
    rm -rf "$3.new"
    mkdir "$3.new"
    tar -xmf "$1" -C "$3.new" || die "$1: cannot be unpacked; see tar's message"
    install_unpacked "$3.new" "$2" "$3"
}
