// SPDX-License-Identifier: MIT
// Files in the image, alone, and with a ramdisk whose files replace some of them; the
// working folder.
// flags: -D_GNU_SOURCE
// tree: mkdir -p in/d over; printf image >in/d/a; printf image >in/d/b; seq 1 5000 >in/d/big
// tree: printf ramdisk >over/b; seq 1 3000 >over/big; ln -s /d/a in/link
// image-files: in
// case: alone
// args: /d /d/a /link
// stdout: /
// stdout: 100644 0:0 1 /d/a 5 05faa95b
// stdout: 100644 0:0 1 /d/b 5 05faa95b
// stdout: 100644 0:0 1 /d/big 23893 9f95f45b
// stdout: image
// stdout: image
// case: with a ramdisk
// files: over:/d
// options: --cwd /d
// args: . a b ../link
// stdout: /d
// stdout: 100644 0:0 1 ./a 5 05faa95b
// stdout: 100644 0:0 1 ./b 7 3a3b86bb
// stdout: 100644 0:0 1 ./big 13893 db2c2ff1
// stdout: image
// stdout: ramdisk
// stdout: image
// case: what was there is replaced
// tree: mkdir -p r/d r/e; printf x >r/tmp; ln -s /e r/d/dir; ln r/tmp r/e/x
// ramdisk: tar -cf - --owner=0 --group=0 -C in d; tar --owner=0 --group=0 -cf - -C r .
// args: /d /tmp /e/x
// stdout: /
// stdout: 100644 0:0 1 /d/a 5 05faa95b
// stdout: 100644 0:0 1 /d/b 5 05faa95b
// stdout: 100644 0:0 1 /d/big 23893 9f95f45b
// stdout: 120777 0:0 1 /d/dir -> /e
// stdout: x
// stdout: x
// case: a working folder that is not there
// options: --cwd /e
// args: .
// exit: 125
// stderr-like: ^atman: atman\.cwd=/e: no such folder$
// case: a working folder that is a file
// options: --cwd /d/a
// args: .
// exit: 125
// stderr-like: ^atman: atman\.cwd=/d/a: no such folder$
#include "tree.h"

int main(int argc, char **argv) {
    char line[100];

    puts(getcwd(line, sizeof line));
    tree_print(argv[1]);
    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        puts(file && fgets(line, sizeof line, file) ? line : "nothing");
        fclose(file);
    }
    return 0;
}
