# SPDX-License-Identifier: MIT
# Binary packages: downloaded and unpacked into the build folder, never
# installed. apt's signatures vouch for the download; its hash is noted beside
# it in the cache, since security updates change the revision and so the hash.

# Prints the cached package's path if it is there and whole.
package_cached() {
    [ -f "$note" ] || return 1
    read -r noted_hash noted_file <"$note" || return 1
    has_hash "$cache/$noted_file" "$noted_hash" && printf '%s\n' "$cache/$noted_file"
}

# Downloads the package into the cache; the lock is held.
package_fetch() {
    apt_open
    candidate=$(apt-cache -c "$apt/apt.conf" show --no-all-versions "$name" 2>>"$log" |
        sed -n 's/^Version: //p')
    [ -n "$candidate" ] ||
        die "$name: apt finds no such package$(apt_complaint "$log"); $(apt_hint)"
    say "$name: downloading revision $candidate"
    mkdir "$tmp/download"
    (
        cd "$tmp/download"
        with_progress "$name" "$log" apt-get -c "$apt/apt.conf" -q download "$name=$candidate"
    ) || die "$name: the download failed$(apt_complaint "$log"); $(apt_hint)"
    for downloaded in "$tmp"/download/*.deb; do
        fetched=$(basename "$downloaded")
        take "$downloaded" "$tmp/$fetched"
        mv "$tmp/$fetched" "$cache/$fetched"
        printf '%s  %s\n' "$(hash_of "$cache/$fetched")" "$fetched" >"$tmp/note"
        mv "$tmp/note" "$note"
    done
    deb=$(package_cached) || die "$name: apt left no package; see $log"
    say "$name $candidate: now in the cache: $deb"
}

# Finds the package: the user's file, the cached one, or apt's. Sets $deb.
package_find() {
    if [ -n "$file" ]; then
        given_file
        is=$(dpkg-deb -f "$file" Package 2>/dev/null) ||
            die "$file: not a Debian package; $option must name $name's"
        [ "$is" = "$name" ] || die "$file: holds the package $is; $option must name $name's"
        deb=$file
    elif deb=$(package_cached); then
        say "$name $(dpkg-deb -f "$deb" Version): from the cache, $deb"
    else
        [ ! -e "$note" ] || say "$name: damaged in the cache; getting it again"
        cache_lock
        deb=$(package_cached) || package_fetch
    fi
}

# Prints the folder that holds the unpacked package.
obtain_package() {
    need dpkg-deb dpkg
    note=$cache/$name.sha256
    package_find
    hash=$(hash_of "$deb")
    if ! is_unpacked "$hash" "$into"; then
        say "$name $(dpkg-deb -f "$deb" Version): unpacking, SHA-256 $hash"
        rm -rf "$into.new"
        mkdir -p "$into.new"
        dpkg-deb -x "$deb" "$into.new" ||
            die "$deb: cannot be unpacked; the file may be cut short"
        install_unpacked "$into.new" "$hash" "$into"
    fi
    printf '%s\n' "$into"
}
