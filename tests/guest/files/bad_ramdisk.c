// SPDX-License-Identifier: MIT
// What is wrong with a ramdisk is said with the entry's name, and the program does not go
// on.
// tree: mkdir d; echo x >d/a; echo y >d/b; ln -s l d/l; mkdir e e/l; echo z >e/l/x; echo n >n
// exit: 125
// case: an absolute name
// ramdisk: tar -P -cf - --transform 's,^d/b,/etc/passwd,' d/a d/b 2>/dev/null
// stderr-like: ^atman: ramdisk: entry 2, /etc/passwd: an absolute name$
// case: dots
// ramdisk: tar -P -cf - --transform 's,^d/b,d/../../b,' d/a d/b 2>/dev/null
// stderr-like: ^atman: ramdisk: entry 2, d/../../b: a name with \.\. in it$
// case: a hard link to outside
// tree: ln d/a d/c
// ramdisk: tar -P -cf - --transform 's,^d/a,/a,hS' d/a d/c 2>/dev/null
// stderr-like: ^atman: ramdisk: entry 1, .*: an absolute name$
// case: a circle of links
// ramdisk: tar -cf - -C d l; tar -cf - -C e l/x
// stderr-like: ^atman: ramdisk: entry 2, l/x: symbolic links in its name lead in a circle$
// case: a file where a folder should be
// ramdisk: tar -cf - -C d a; tar -cf - --transform 's,^n,a/n,' n
// stderr-like: ^atman: ramdisk: entry 2, a/n: a part of its name is there and no folder$
// case: a folder where a file should be
// ramdisk: tar -cf - e; tar -cf - --transform 's,^n,e,' n
// stderr-like: ^atman: ramdisk: entry 4, e: a folder with files in it has its name$
// case: cut off
// ramdisk: tar -cf - d | head -c 1500
// stderr-like: ^atman: ramdisk: entry [23], d/[abl]: the archive ends in the midst of it$
// case: cut off, and folders behind it
// tree: head -c 3000 /dev/zero | tr '\0' x >long
// ramdisk: tar -cf - long | head -c 3000
// files: e
// stderr-like: ^atman: ramdisk: entry 1, long: what is behind it is no header: cut or damaged$
// case: without the mark of its end, and folders behind it
// ramdisk: tar -cf - d/a d/b d/l | head -c 2560
// files: e
// stderr-like: ^atman: ramdisk: entry 3, d/l: what is behind it is no header: cut or damaged$
// case: without the mark of its end
// ramdisk: tar -cf - -C d b l | head -c 1536
// stderr-like: ^atman: ramdisk: entry 2, l: the archive ends in the midst of it$
// case: cut off in the midst of compressed data
// ramdisk: tar -cf - d | gzip | head -c 30
// stderr-like: ^atman: ramdisk: (entry .*: )?the compressed data end too early$
// case: a bad checksum
// ramdisk: tar -cf - d/a | gzip | head -c -8; printf abcdefgh
// stderr-like: ^atman: ramdisk: the compressed data do not have their checksum$
// case: a window too large
// ramdisk: tar -cf - d | zstd -q --long=27 --zstd=wlog=27
// stderr-like: ^atman: ramdisk: its window is larger than 8 MiB; zstd with --long=23
// case: no archive
// ramdisk: seq 1 1000
// stderr-like: ^atman: ramdisk: entry 1: neither cpio nor tar$
// case: too large for the memory
// tree: head -c 6000000 /dev/zero >zeros
// ramdisk: tar -cf - zeros | gzip
// memory: 6M
// stderr-like: ^atman: ramdisk: entry 1, zeros: no memory for it; give the domain more$
#include <stdio.h>

int main(void) {
    FILE *file = fopen("/tmp/file", "w");

    puts("not reached");
    return !file;
}
