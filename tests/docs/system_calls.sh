# SPDX-License-Identifier: MIT
# The table of system calls: it has every call of the header once, with a state; a call of which
# syscalls.def says nothing, or two things, is an error. States against a guest: what is
# ENOSYS there, what is not.
. "$(dirname "$0")/../driver/lib.sh"
: "${ATMAN_BUILD:?}"

header=$ATMAN_TOOLCHAIN/sysroot/usr/include/asm/unistd_64.h
list=$ATMAN_SOURCE/runtime/syscalls.def
page=$ATMAN_BUILD/docs/system-calls.md
make_page() { # make_page HEADER LIST
    run awk -f "$ATMAN_SOURCE/docs/system-calls.awk" "$1" "$2" "$ATMAN_SOURCE"/tests/guest/*/*.c
}
make_page "$header" "$list"
is 'status' "$status" 0
cp .out made
passes cmp made "$page"

awk -F ' *[|] *' '/^\| [0-9]/ { gsub(/`/, "", $3); print $2, $3 }' "$page" | sort >in_page
sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/\2 \1/p' "$header" | sort >in_header
[ "$(wc -l <in_header)" -ge 362 ]
verdict $? 'the header was not understood'
is 'calls that are not in the page' "$(comm -13 in_page in_header)" ''
is 'twice in the page' "$(uniq -d in_page)" ''
is 'rows without a state' "$(grep -E '^\| [0-9]' "$page" |
    grep -vE '\| (whole|whole: .+|in part: .+|ENOSYS: .+) \| ' | head)" ''
is 'without a test' "$(grep -E '\| (whole|in part).* \|  \|$' "$page")" ''

# What is wrong is noticed.
{ cat "$header"; echo '#define __NR_brand_new 499'; } >newer.h
make_page newer.h "$list"
is 'status with a new call' "$status" 1
complains '^system-calls.awk: brand_new: '
for wrong in 's/^ \* none: fork vfork/ * none: vfork/ fork' 's/^ \* none: fork/ * none: fork read/ read' \
    's/^ \* none: fork/ * none: fork nothing/ nothing' 's/^ \* none: splice/ * none: splice fork/ fork' \
    's/^SYSCALL(96,/SYSKALL(96,/ gettimeofday'; do
    sed "${wrong% *}" "$list" >wrong.def
    make_page "$header" wrong.def
    is "status with ${wrong% *}" "$status" 1
    complains "^system-calls.awk: ${wrong##* }: "
done

# A program asks for each call that the page says is ENOSYS, and for getpid.
{
    echo '#include <errno.h>
#include <stdio.h>
#include <unistd.h>
static const struct { int number; const char *name; } calls[] = {'
    awk -F ' *[|] *' '$4 ~ /^ENOSYS/ { gsub(/`/, "", $3); print "{" $2 ", \"" $3 "\"}," }' "$page"
    echo '{39, "getpid"}};
int main(void) {
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        if (syscall(calls[i].number, 0, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS)
            puts(calls[i].name);
    return 0;
}'
} >ask.c
passes "$cc" ask.c -o ask
run "$ATMAN_TOOLCHAIN/bin/atman-run" --timeout 60 ask
is 'not ENOSYS in a guest' "$(cat .out)" getpid

finish
