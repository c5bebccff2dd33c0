# SPDX-License-Identifier: MIT
# The cache folder: verified by SHA-256 each time a file is used, changed only
# under a lock and only by rename, so that two builds at once, an interrupted
# download or a damaged disk never hand out a wrong file.

# has_hash FILE SHA256: true if the file is there and has that hash.
has_hash() {
    [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$2  -" ]
}

hash_of() {
    sha256sum <"$1" | cut -d ' ' -f 1
}

# Takes the cache's lock until the process ends, and makes $tmp, a folder on
# the cache's file system that goes away with the process. Folders that a
# killed run left behind are removed: nobody else can be using them.
cache_lock() {
    need flock util-linux
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] ||
        die "$cache: cannot be written; choose another folder with -DATMAN_CACHE_DIR="
    exec 9>>"$cache/lock"
    if ! flock -n 9; then
        say "$cache: another build is using it; waiting"
        flock 9
    fi
    rm -rf "$cache"/.tmp.*
    tmp=$(mktemp -d "$cache/.tmp.XXXXXX")
    chmod 755 "$tmp"
    trap 'rm -rf "$tmp"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# take FILE NEW: moves a download, or copies it if apt only made a link to it (it
# does for archives that are folders).
take() {
    if [ -L "$1" ]; then cp -L "$1" "$2"; else mv "$1" "$2"; fi
}

# given_file: the file named by the user is readable.
given_file() {
    [ -f "$file" ] && [ -r "$file" ] ||
        die "$file: cannot be read; ${option:-the option} must name an existing file"
}

# install_unpacked NEW HASH FOLDER: puts NEW in FOLDER's place, and notes which
# content it holds.
install_unpacked() {
    rm -rf "$3" "$3.sha256"
    mv "$1" "$3"
    printf '%s\n' "$2" >"$3.sha256"
}

# is_unpacked HASH FOLDER: FOLDER holds what HASH stands for already.
is_unpacked() {
    [ -d "$2" ] && [ -f "$2.sha256" ] && [ "$(cat "$2.sha256")" = "$1" ]
}
