/* SPDX-License-Identifier: MIT */
/* preadv2 and pwritev2 with RWF_NOWAIT: of what would have to wait, EAGAIN. */
// native:
// stdout-from: native
#define _GNU_SOURCE
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "files/say.h"

enum { NO_WAIT = 8 };

static long move(int number, int fd, void *data, size_t size, long position, long flags) {
    struct iovec parts[2] = {{data, size / 2}, {(char *)data + size / 2, size - size / 2}};

    return syscall(number, (long)fd, parts, 2l, position, 0l, flags);
}

#define READ(...) move(SYS_preadv2, __VA_ARGS__)
#define WRITE(...) move(SYS_pwritev2, __VA_ARGS__)

int main(void) {
    static char data[100000];
    int ends[2];

    SAY(pipe(ends));
    SAY(READ(ends[0], data, 10, -1, NO_WAIT));
    SAY(WRITE(ends[1], "some text", 9, -1, NO_WAIT));
    SAY(READ(ends[0], data, 4, -1, NO_WAIT));
    SAY(READ(ends[0], data, 10, -1, NO_WAIT));
    SAY(READ(ends[0], data, 10, -1, NO_WAIT));
    SAY(READ(ends[0], data, 10, 0, NO_WAIT));
    SAY(READ(ends[1], data, 10, -1, NO_WAIT));
    SAY(READ(99, data, 10, -1, NO_WAIT));
    SAY(WRITE(ends[1], data, sizeof data, -1, NO_WAIT));
    SAY(WRITE(ends[1], data, 10, -1, NO_WAIT));
    SAY(READ(ends[0], data, 10, -1, 1 << 20));
    SAY(READ(ends[0], data, sizeof data, -1, NO_WAIT));
    close(ends[1]);
    SAY(READ(ends[0], data, 10, -1, NO_WAIT));
    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    SAY(READ(ends[0], data, 10, -1, NO_WAIT));
    SAY(WRITE(ends[1], "text", 4, -1, NO_WAIT));
    SAY(READ(ends[0], data, 10, -1, NO_WAIT));
    int counter = eventfd(0, 0);
    SAY(READ(counter, data, 8, -1, NO_WAIT));
    return 0;
}
