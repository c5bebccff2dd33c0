/* SPDX-License-Identifier: MIT */
/*
 * Outlets: nothing waits, nothing is lost, and the descriptor's flags, which other
 * processes share, stay as they were.
 */
#include "outlet.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ALL = 800 * 1000 };

/* Writes ALL bytes while the other end reads little by little. */
static void check_slow_reader(int out, int in) {
    struct outlet outlet;
    char piece[997], bytes[500];
    int flags = fcntl(out, F_GETFL);
    size_t made = 0, seen = 0;

    outlet_open(&outlet, out);
    CHECK_EQ(fcntl(out, F_GETFL), flags);
    fcntl(in, F_SETFL, O_NONBLOCK);
    while (made < ALL) {
        for (size_t i = 0; i < sizeof piece; i++)
            piece[i] = (char)(made++ * 7);
        outlet_add(&outlet, piece, sizeof piece);
    }
    CHECK(outlet_pending(&outlet));
    CHECK(outlet_full(&outlet));
    while (seen < made) {
        ssize_t n = read(in, bytes, sizeof bytes);

        if (n < 0) {
            CHECK_EQ(errno, EAGAIN);
            CHECK(outlet_pending(&outlet));
            outlet_flush(&outlet);
            continue;
        }
        for (ssize_t i = 0; i < n; i++, seen++)
            if (bytes[i] != (char)(seen * 7)) {
                CHECK_EQ(bytes[i], (char)(seen * 7));
                return;
            }
    }
    CHECK(!outlet_pending(&outlet));
    CHECK_EQ(outlet.error, 0);
    outlet_close(&outlet);
    CHECK_EQ(fcntl(out, F_GETFL), flags);
    close(out);
    close(in);
}

TEST(a_pipe) {
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    check_slow_reader(ends[1], ends[0]);
}

TEST(a_socket) {
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    check_slow_reader(pair[1], pair[0]);
}

/* The position, and with it what others write, is the descriptor's own. */
TEST(a_file_goes_on_where_it_is) {
    char name[] = "/tmp/atman-outlet.XXXXXX", bytes[16] = "";
    int fd = mkstemp(name);
    struct outlet outlet;

    CHECK(fd >= 0);
    unlink(name);
    CHECK_EQ(write(fd, "one ", 4), 4);
    outlet_open(&outlet, fd);
    outlet_add(&outlet, "two ", 4);
    CHECK(!outlet_pending(&outlet));
    outlet_close(&outlet);
    CHECK_EQ(write(fd, "three", 5), 5);
    CHECK_EQ(pread(fd, bytes, sizeof bytes - 1, 0), 13);
    CHECK_TEXT(bytes, "one two three");
    close(fd);
}

TEST(a_reader_that_has_gone) {
    struct outlet outlet;
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    CHECK_EQ(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    close(ends[0]);
    outlet_add(&outlet, "x", 1);
    CHECK_EQ(outlet.error, EPIPE);
    CHECK(!outlet_pending(&outlet));
    outlet_add(&outlet, "y", 1);
    CHECK(!outlet_pending(&outlet));
    CHECK(!outlet_full(&outlet));
    outlet_close(&outlet);
    close(ends[1]);
}

TEST(a_full_disk) {
    int fd = open("/dev/full", O_WRONLY);
    struct outlet outlet;

    outlet_open(&outlet, fd);
    outlet_add(&outlet, "x", 1);
    CHECK_EQ(outlet.error, ENOSPC);
    outlet_close(&outlet);
    close(fd);
}
