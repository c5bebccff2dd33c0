# SPDX-License-Identifier: MIT
# docs/caveats.md is true: what it lists is tried by caveats.c in a guest, each entry by at
# least one line, and nothing is tried that is not in it.
. "$(dirname "$0")/../driver/lib.sh"

page=$ATMAN_SOURCE/docs/caveats.md
# The names in a row's first cell; a cell with more than names is one entry, without its marks.
awk -F ' *[|] *' '/^\|/ && $2 != "call" && $2 !~ /^-+$/ {
    rest = $2
    gsub(/`[^`]*`(, )?/, "", rest)
    if (rest != "") {
        gsub(/`/, "", $2)
        print $2
        next
    }
    gsub(/`/, "", $2)
    n = split($2, name, ", ")
    for (i = 1; i <= n; i++)
        print name[i]
}' "$page" | sort >listed
is 'named twice' "$(uniq -d listed)" ''
[ "$(wc -l <listed)" -gt 100 ]
verdict $? 'the page was not understood'

# What no program can try: by other tests, or plain from what Atman is.
sort >elsewhere <<'END'
/dev/hvc1
core dumps
files
int $0x80
ioctl(BLKPG)
ioctl(BLKRASET)
ioctl(BLKROSET)
ioctl(BLKSECDISCARD)
signals from outside
the time that computing takes
END
for header in execinfo fts error obstack gnu/libc-version; do
    echo "<$header.h>" >>elsewhere
    echo "#include <$header.h>" >header.c
    fails 1 "'$header.h' file not found" "$cc" -c header.c
done
passes "$cc" -O1 -Wall -Wno-unused-result "$ATMAN_SOURCE/tests/docs/caveats.c" -o caveats
run "$ATMAN_TOOLCHAIN/bin/atman-run" --timeout 120 caveats
is 'status of the guest' "$status" 0
cp .out said
is 'not so' "$(awk -F '\t' '$2 != "so"' said)" ''
cut -f 1 said | sort -u >tried
is 'tried, but not listed' "$(comm -23 tried listed)" ''
sort -u elsewhere tried | comm -13 - listed >untried
is 'listed, but not tried' "$(cat untried)" ''

# The other life: without the image's files, and with Linux's calls.
mkdir files
echo text >files/atman-caveats-text
cat >other.c <<'END'
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
int main(void) {
    int there = access("/atman-caveats-text", F_OK) == 0;
    struct utsname name;

    uname(&name);
    printf("%d %d %d\n", there, !strcmp(name.sysname, "Linux"), (int)fork());
    return 0;
}
END
passes "$cc" other.c --atman-files=files -o other
passes "$ATMAN_TOOLCHAIN/bin/atman-run" --timeout 60 other
is 'in a guest' "$(cat .out)" '1 0 -1'
passes ./other
is 'as a process' "$(cat .out)" '0 1 -1'

finish
