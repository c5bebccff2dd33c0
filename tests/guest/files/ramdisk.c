// SPDX-License-Identifier: MIT
// Archives of all kinds as the domain's ramdisk come to the same tree. The sums are of the
// bytes that the shell commands write.
// flags: -D_GNU_SOURCE
// tree: mkdir -p t/d/e; printf hello >t/d/f; ln t/d/f t/d/g; ln -s ../nowhere t/d/s
// tree: mkfifo t/d/p; : >t/d/e/empty; seq 1 5000 >t/d/big; head -c 8192 t/d/big >t/d/pages
// tree: chmod 4755 t/d/f; chmod 600 t/d/pages; chmod 1777 t/d; touch -d @1000000000 t/d/f
// tree: touch -h -d @5 t/d/s t/d/e
// tree: ln t/d/big t/d/zzz; touch -d @999999999 t/d
// env: SEEN=/d
// stdout: 100644 0:0 2 /d/big 23893 9f95f45b
// stdout: 40755 0:0 2 /d/e at 5
// stdout: 100644 0:0 1 /d/e/empty 0 00000000
// stdout: 104755 0:0 2 /d/f 5 05e918d2 at 1000000000
// stdout: 104755 0:0 2 /d/g 5 05e918d2 at 1000000000
// stdout: 10644 0:0 1 /d/p
// stdout: 100600 0:0 1 /d/pages 8192 77f7c497
// stdout: 120777 0:0 1 /d/s -> ../nowhere at 5
// stdout: 100644 0:0 2 /d/zzz 23893 9f95f45b
// stdout: 1777 999999999
//
// case: files
// files: t
// case: gnu tar
// ramdisk: tar --format=gnu --owner=0 --group=0 -cf - -C t d
// case: pax tar
// ramdisk: tar --format=pax --owner=0 --group=0 -cf - -C t ./d
// case: ustar
// ramdisk: tar --format=ustar --owner=0 --group=0 -cf - -C t d
// case: gzip
// ramdisk: tar --owner=0 --group=0 -cf - -C t d | gzip -9
// case: zstd
// ramdisk: tar --owner=0 --group=0 -cf - -C t d | zstd -q
// case: zstd with a large window
// ramdisk: tar --owner=0 --group=0 -cf - -C t d | zstd -q --zstd=wlog=23
// case: an archive, and folders over it
// tree: mkdir -p first/d; printf other >first/d/f; printf big >first/d/big
// ramdisk: tar --owner=0 --group=0 -cf - -C first d
// files: t
// case: two archives of different kinds
// ramdisk: tar --owner=0 --group=0 -cf - -C t d/p | zstd -q; tar --owner=0 --group=0 -cf - -C t d | gzip
#include "tree.h"

int main(void) {
    struct stat st;

    tree_print(getenv("SEEN"));
    stat("/d", &st);
    printf("%o %lld\n", st.st_mode & 07777, (long long)st.st_mtime);
    return 0;
}
