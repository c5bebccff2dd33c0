/* SPDX-License-Identifier: MIT */
/*
 * Descriptors 0 to 2 when they are not a terminal: what can be asked of them, errors, and
 * standard error apart from standard output.
 */
// native:
// stdout-from: checks
// stderr-like: ^first on stderr$
// stderr-like: ^second on stderr$
// stderr-like: ^third by perror: .+$
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

static void test_errors(void) {
    char c;
    struct iovec part = {&c, 1};
    struct stat stat;

    CHECK_FAILS(write(3, "x", 1), EBADF);
    CHECK_FAILS(write(-1, "x", 1), EBADF);
    CHECK_FAILS(read(77, &c, 1), EBADF);
    CHECK_FAILS(writev(3, &part, 1), EBADF);
    CHECK_FAILS(readv(-5, &part, 1), EBADF);
    CHECK_FAILS(writev(1, &part, -1), EINVAL);
    CHECK_FAILS(writev(1, &part, 5000), EINVAL);
    CHECK_FAILS(close(3), EBADF);
    CHECK_FAILS(close(-1), EBADF);
    CHECK_FAILS(fstat(9, &stat), EBADF);
    CHECK_FAILS(fcntl(9, F_GETFD), EBADF);
    CHECK_FAILS(lseek(9, 0, SEEK_SET), EBADF);
    CHECK_FAILS(isatty(9) - 1, EBADF);
    CHECK_EQUAL(write(1, NULL, 0), 0);
    CHECK_EQUAL(writev(1, NULL, 0), 0);
}

static void test_not_a_terminal(void) {
    struct winsize size;

    for (int fd = 0; fd < 3; fd++) {
        CHECK_EQUAL(isatty(fd), 0);
        CHECK_FAILS(ioctl(fd, TIOCGWINSZ, &size), ENOTTY);
        CHECK_FAILS(lseek(fd, 0, SEEK_CUR), ESPIPE);
    }
}

static void test_status(void) {
    for (int fd = 0; fd < 3; fd++) {
        struct stat stat;
        CHECK_EQUAL(fstat(fd, &stat), 0);
        CHECK(!S_ISREG(stat.st_mode) && !S_ISDIR(stat.st_mode));
        CHECK(stat.st_blksize > 0);
        CHECK_EQUAL(fcntl(fd, F_GETFD), 0);
        CHECK_EQUAL(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
        CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
        CHECK(fcntl(fd, F_GETFL) >= 0);
    }
}

static void test_stderr(void) {
    struct iovec parts[] = {{"first ", 6}, {"on ", 3}, {"", 0}, {"stderr\n", 7}};

    CHECK_EQUAL(writev(2, parts, 4), 16);
    CHECK_EQUAL(fprintf(stderr, "%s on stderr\n", "second"), 17);
    errno = ENOTTY;
    perror("third by perror");
}

/* Without a terminal standard output is buffered in full, standard error not at all. */
static void test_stdio(void) {
    static char room[100];

    CHECK_EQUAL(setvbuf(stdin, room, _IOFBF, sizeof room), 0);
    CHECK_EQUAL(getchar(), EOF);
    CHECK(feof(stdin) && !ferror(stdin));
    CHECK_EQUAL(fputc('x', stdin), EOF); /* not for writing */
    CHECK(ferror(stdin));
    clearerr(stdin);
    CHECK(!feof(stdin) && !ferror(stdin));
    CHECK_EQUAL(fileno(stdin) * 100 + fileno(stdout) * 10 + fileno(stderr), 12);
    char text[20];
    FILE *memory = fmemopen(text, sizeof text, "w");
    CHECK(memory && fprintf(memory, "%05d", 42) == 5 && fclose(memory) == 0);
    CHECK(!strcmp(text, "00042"));
}

static void test_closed(void) {
    CHECK_EQUAL(close(0), 0);
    CHECK_FAILS(close(0), EBADF);
    CHECK_FAILS(read(0, NULL, 0), EBADF);
    CHECK_EQUAL(close(2), 0);
    CHECK_FAILS(write(2, "lost", 4), EBADF);
}

int main(void) {
    test_errors();
    test_not_a_terminal();
    test_status();
    test_stderr();
    test_stdio();
    test_closed();
    return checks_end();
}
