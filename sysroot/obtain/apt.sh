# SPDX-License-Identifier: MIT
# apt with a private configuration: the machine's archives, keys and proxies,
# but our own list of sources (with deb-src lines, and the next stable release's
# sources beside this one's) and our own state. The machine's configuration is
# read and never written, and no root is needed.

# The release after CODENAME: upstream versions that this one lacks.
next_release() {
    case $1 in
    bookworm) echo trixie ;;
    trixie) echo forky ;;
    esac
}

# signed_by FILE:N prints the Signed-By value (a key file, or the key itself
# with its continuation lines) of the N-th stanza or line of a sources file.
signed_by() {
    sb_file=${1%:*} sb_index=${1##*:}
    case $sb_file in
    *.sources)
        awk -v want="$sb_index" '
            /^#/ { next }
            /^[ \t]*$/ { stanza += inside; inside = 0; field = ""; next }
            { inside = 1 }
            /^[^ \t]/ { field = tolower($1) }
            stanza + 1 == want && field == "signed-by:" {
                sub(/^[Ss]igned-[Bb]y:[ \t]*/, ""); print
            }' "$sb_file"
        ;;
    *)
        sed -n "${sb_index}s/^[^]]*[[ ]signed-by=\([^] ]*\).*/\1/p" "$sb_file" | tr , ' '
        ;;
    esac
}

# stanza TYPES URI SUITE SIGNED-BY prints one entry of a sources file. The keys
# are those of the machine's own entry; without one, apt's trusted keys count.
stanza() {
    printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n' "$1" "$2" "$3"
    printf 'Targets: Packages Sources\n'
    [ -z "$4" ] || printf 'Signed-By: %s\n' "$4"
    printf '\n'
}

# Prints the archives that apt knows, a line each. It tells the Origin only of
# those whose lists it has read; if it has read none, all are told without one.
# Those of security updates are last, and so asked last: they name tarballs of
# the release which only the release's own pool has.
apt_archives() {
    # shellcheck disable=SC2016  # apt fills these in
    fields='$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(SOURCESENTRY)'
    archives=$(apt-get indextargets --format "$fields" 'Created-By: Packages')
    [ -n "$archives" ] || archives=$(apt-get indextargets --no-release-info \
        --format "$fields" 'Created-By: Packages')
    printf '%s\n' "$archives" | sort -u | awk -F'|' '
        $2 ~ /-security$/ { last = last $0 "\n"; next }
        { print }
        END { printf "%s", last }'
}

# Prints our list of sources, made from Debian's archives among them: by the
# Origin, or where that is not known by the release's name.
apt_sources() {
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    following=$(next_release "$codename")
    apt_archives | while IFS='|' read -r uri suite component origin entry; do
        case $component:$origin:$suite in
        main:Debian:*) ;;
        main:?'(ORIGIN)':"$codename"* | main:?'(ORIGIN)':*stable*) ;;
        *) continue ;;
        esac
        case $uri in cdrom:*) continue ;; esac
        key=$(signed_by "$entry")
        stanza 'deb deb-src' "$uri" "$suite" "$key"
        case $suite in
        "$codename" | stable | oldstable)
            [ -z "$following" ] || stanza deb-src "$uri" "$following" "$key"
            ;;
        esac
    done
}

apt_configuration() {
    cat <<END
Dir::Etc::sourcelist "$apt/atman.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures { "amd64"; };
APT::Status-Fd "3";
Dpkg::Use-Pty "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# Makes the private configuration in the work folder ($apt) and reads the lists,
# unless that was done in the last quarter of an hour. A list that cannot be
# read is no error yet: what matters is whether the wanted file is found.
# ATMAN_APT_SOURCES in the environment names a sources file to use instead.
apt_open() {
    need apt-get apt
    apt=$work/apt
    log=$apt/log
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    if [ -n "${ATMAN_APT_SOURCES:-}" ]; then
        cat "$ATMAN_APT_SOURCES" >"$apt/new.sources"
    else
        apt_sources >"$apt/new.sources"
    fi
    [ -s "$apt/new.sources" ] ||
        die "apt: knows no Debian archive; add one to the machine's apt sources"
    if cmp -s "$apt/new.sources" "$apt/atman.sources" &&
        [ -n "$(find "$apt/read" -mmin -15 2>/dev/null)" ]; then
        return
    fi
    mv "$apt/new.sources" "$apt/atman.sources"
    apt_configuration >"$apt/apt.conf"
    : >"$log"
    say "apt: reading the package lists into the build folder (about 30 MB)"
    if with_progress 'apt: package lists' "$log" apt-get -c "$apt/apt.conf" -q update; then
        : >"$apt/read"
    fi
}

# Prints the hint that ends a message: how to build without apt.
apt_hint() {
    printf 'check the network%s' "${option:+, or name a file with -D$option=}"
}
