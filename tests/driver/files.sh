# SPDX-License-Identifier: MIT
# Files in images (--atman-files) and in ramdisks (atman-run --files, --ramdisk, --pack).
. "$(dirname "$0")/lib.sh"

run=$ATMAN_TOOLCHAIN/bin/atman-run
mkdir -p tree/sub 'with, comma'
echo hello >tree/sub/file
echo other >'with, comma/other'
seq 1 2000 >tree/numbers

# The section is there if something refers to it, and begins where a page does.
cat >uses.c <<'END'
#include <stdio.h>
extern const char atman_files_start[], atman_files_end[];
int main(void) {
    printf("%ld %.6s\n", (long)(atman_files_end - atman_files_start), atman_files_start);
    return 0;
}
END
section() {
    "$ATMAN_LLVM_BINDIR/llvm-objcopy" -O binary --only-section=.atman.files "$1" "$2"
}
passes "$cc" --atman-files=tree uses.c -o uses
image uses
passes section uses packed
run grep -c sub/file packed
says '^1$'
run "$ATMAN_LLVM_BINDIR/llvm-readelf" -SW uses
says '\.atman\.files +PROGBITS +[0-9a-f]+000 [0-9a-f]+000 .* A +0 +0 4096$'
passes "$run" uses
says '^[1-9][0-9]* 070701$'

# Stripped as well; -c alone says nothing; twice the same.
passes "$cc" --atman-files=tree uses.c -s -o stripped
passes section stripped packed2
passes cmp packed packed2
passes "$cc" --atman-files=tree -c uses.c -o uses.o
object uses.o
passes "$cc" --atman-files=tree uses.o -o uses2
passes cmp uses uses2

# Several, one with a comma, and places for them.
passes "$cc" --atman-files=tree --atman-files='with, comma:/a/b' uses.c -o several
passes section several packed
run grep -c 'a/b/other' packed
says '^1$'
passes "$run" --files tree --files 'with, comma:/a/b' --pack packed2
passes cmp packed packed2

# A program without files gets none, and its maker is told.
run "$cc" --atman-files=tree hello.c -o without
is 'status' "$status" 0
complains '^ld.atman: without: warning: --atman-files: the program opens no files'
passes "$cc" hello.c -o plain
passes cmp without plain

# What cannot be packed is named, and nothing is left.
refused() {
    pattern=$1
    shift
    fails 1 "^ld.atman: $pattern" "$cc" "$@" uses.c -o refused
    gone refused
    passes rm -rf refused
}
refused '--atman-files: nowhere: No such file or directory' --atman-files=nowhere
refused '--atman-files: uses.c: not a folder' --atman-files=uses.c
refused '--atman-files: tree: the place in the guest' --atman-files=tree:/a/../b
refused '--atman-files: : which folder' --atman-files=
fails 125 '--files: nowhere: No such file' "$run" --files nowhere plain
fails 125 '--files: uses.c: not a folder' "$run" --files uses.c plain
mkdir huge
truncate -s 4G huge/file && {
    refused 'huge/file: 4 GiB and more' --atman-files=huge
    fails 125 'huge/file: 4 GiB and more' "$run" --files huge plain
}
if [ "$(id -u)" != 0 ]; then
    mkdir secret
    echo x >secret/file
    chmod 0 secret/file
    refused 'secret/file: Permission denied' --atman-files=secret
fi

# atman-run: what it says before it runs anything.
fails 125 '--cwd: sub: not a path from / on' "$run" --cwd sub plain
passes "$run" --print-config=libvirt --pack made --files tree --disk 'a file,ro' plain "<'&"
xmllint --xpath '//initrd/text()' .out >.initrd 2>/dev/null ||
    sed -n 's:.*<initrd>\(.*\)</initrd>.*:\1:p' .out >.initrd
is 'ramdisk of libvirt' "$(cat .initrd)" "$PWD/made"
says "<source file='$PWD/a file'/>"
says '<cmdline>atman.name=plain -- &#39;&#60;&#39;.&#39;&#39;&#38;&#39;</cmdline>'
fails 125 'control character' "$run" --print-config=libvirt plain "$(printf 'a\001')"
fails 125 '--print-config: xml: not xl or libvirt' "$run" --print-config=xml plain
fails 125 '--disk: a,b: not FILE or FILE,ro' "$run" --disk a,b plain
passes "$run" --print-config --net --net=bridge=br1 --ip 10.0.0.2/24 plain
there .out
says '^vif = \[ "", "bridge=br1" \]$'
says 'atman.ip=10.0.0.2/24'
passes "$run" --print-config=libvirt --net=mac=00:16:3e:00:00:01 plain
says "<mac address='00:16:3e:00:00:01'/>"
fails 125 '--net: script=x: libvirt' "$run" --print-config=libvirt --net=script=x plain
fails 125 '--net: br1: not KEY=VALUE' "$run" --net=br1 plain
fails 125 '-p: 80: not ' "$run" -p 80 plain
fails 125 '-p: only for a run' "$run" -p 8080:80 --print-config plain
fails 125 '--disk: only an ordinary domain' "$run" --disk a plain
fails 125 '--pack: pack what' "$run" --pack out
fails 125 'none: No such file' "$run" --ramdisk none plain
: >empty
fails 125 'empty: empty, and no archive' "$run" --ramdisk empty plain
mkdir mebi
head -c 9000000 /dev/zero >mebi/file
fails 125 "the guest's 8 MiB do not hold a ramdisk of 9 MiB" "$run" -m 8M --files mebi plain
passes "$run" --print-config --files tree --cwd /sub plain
says '^extra = "atman.name=plain atman.cwd=/sub --"$'
says '^# ramdisk = "FILE"$'
passes "$run" --print-config --pack made --files tree plain
says "^ramdisk = \"$PWD/made\"\$"
passes "$run" --files tree --pack again
cmp -s made again
verdict $? 'the ramdisk beside the configuration is the same as without'
fails 125 '--pack: pack what' "$run" --print-config --pack none plain

# What the guest is told of its host and its time.
passes "$run" --print-config --tz CET-1CEST,M3.5.0 --hostname a.b-c plain
says '^extra = "atman.name=plain atman.tz=CET-1CEST,M3.5.0 atman.hostname=a.b-c --"$'
fails 125 '--tz: a b: not a time zone' "$run" --tz 'a b' plain
fails 125 "--tz: '': not a time zone" "$run" --tz '' plain
fails 125 "--hostname: '': not a name" "$run" --hostname '' plain
fails 125 '--hostname: a b: not a name' "$run" --hostname 'a b' plain
fails 125 '--hostname: -a: not a name' "$run" --hostname=-a plain
name=$(printf '%064d' 0)
passes "$run" --print-config --hostname "$name" plain
fails 125 "--hostname: 0$name: not a name" "$run" --hostname "0$name" plain

# An archive and folders, one behind the other, each at a page.
printf 'an archive' >archive
passes "$run" --ramdisk archive --files tree --pack both
passes "$run" --files tree --pack packed
tail -c +4097 both | cmp -s - packed
verdict $? 'the folders follow the archive a page later'
passes "$run" --files tree plain
finish
