# SPDX-License-Identifier: MIT
# Messages and progress of the set-up scripts ($program names the one that
# runs). stdout belongs to answers and programs, so all of this writes to stderr;
# a message is one line: object, reason, what to do.

say() {
    printf '%s: %s\n' "$program" "$*" >&2
}

die() {
    say "$@"
    exit 1
}

# need COMMAND PACKAGE: ends the run if the command is not there.
need() {
    command -v "$1" >/dev/null 2>&1 || die "$1: not found; apt-get install $2"
}

# with_progress LABEL LOG COMMAND...: runs an apt command that reports to file
# descriptor 3 (APT::Status-Fd), says the percentage at each tenth, appends all
# other output to LOG and returns the command's status.
with_progress() {
    wp_label=$1 wp_log=$2
    shift 2
    {
        wp_status=0
        "$@" 3>&1 >>"$wp_log" 2>&1 || wp_status=$?
        printf 'exit:%s\n' "$wp_status"
    } | {
        status=1 before='' next=0
        while IFS=: read -r kind value percent _; do
            case $kind in
            exit) status=$value ;;
            dlstatus) say_percent downloaded "${percent%%.*}" ;;
            pmstatus) say_percent installed "${percent%%.*}" ;;
            esac
        done
        exit "$status"
    }
}

# For with_progress only, which has set $before and $next.
say_percent() {
    [ "$before" = "$1" ] || next=10
    before=$1
    [ "$2" -ge "$next" ] || return 0
    say "$wp_label: $1 $2 %"
    next=$(($2 - $2 % 10 + 10))
}

# apt_complaint LOG: apt's reason, for a message: " (reason)", or nothing. A
# failed download explains what follows it, so that comes first.
apt_complaint() {
    reason=$(grep -m 1 'Failed to fetch' "$1") ||
        reason=$(grep '^[EW]:' "$1" | grep -v unsandboxed | tail -n 1) || return 0
    printf ' (%s)' "$(printf '%s' "${reason#[EW]: }" | tr -s ' ')"
}
