/* SPDX-License-Identifier: MIT */
/*
 * 10 MB of output of all 256 byte values arrive byte for byte: the host's build of this
 * program writes the same. Sizes of single writes go from 1 byte to more than a megabyte.
 */
// native:
// stdout-from: native
// case: by write
// args: write 10000000
// case: through stdio
// args: stdio 2000000
// case: one write
// args: once 3000000
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "random.h"

enum { LARGEST = 10000000 };

static unsigned char data[LARGEST];

static void put(const unsigned char *at, size_t size) {
    while (size) {
        ssize_t n = write(1, at, size);
        if (n <= 0)
            exit(3);
        at += n;
        size -= (size_t)n;
    }
}

static void put_random_parts(size_t total) {
    static const size_t limits[] = {4, 300, 5000, 1300000};

    for (size_t done = 0, n; done < total; done += n) {
        n = 1 + random_below(limits[random_below(4)]);
        if (n > total - done)
            n = total - done;
        if (random_below(2)) {
            struct iovec parts[] = {{data + done, n / 3}, {data + done + n / 3, n - n / 3}};
            ssize_t written = writev(1, parts, 2);
            if (written > 0)
                n = (size_t)written;
            else
                exit(4);
        } else {
            put(data + done, n);
        }
    }
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";

    size_t total = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

    random_start();
    for (size_t i = 0; i < total; i++) /* all values, evenly, then anything */
        data[i] = i < 1 << 16 ? (unsigned char)(i ^ i >> 8) : (unsigned char)random_next();
    if (!strcmp(how, "write"))
        put_random_parts(total);
    else if (!strcmp(how, "once"))
        put(data, total);
    else if (fwrite(data, 1, total, stdout) != total)
        return 5;
    return 0;
}
