/* SPDX-License-Identifier: MIT */
/*
 * Input frames, and their way through a socket that takes little at a time.
 */
#include "port.h"
#include "test.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

TEST(frames) {
    struct text queue = TEXT_EMPTY;
    char bytes[600];

    memset(bytes, 'x', sizeof bytes);
    port_frames(&queue, bytes, 0);
    CHECK_EQ(queue.length, 0);
    port_frames(&queue, "a", 1);
    CHECK_EQ(queue.length, 2);
    CHECK(memcmp(queue.data,
                 "\x01"
                 "a",
                 2) == 0);
    text_drop(&queue, 2);
    port_frames(&queue, bytes, sizeof bytes);
    CHECK_EQ(queue.length, 603);
    CHECK_EQ((unsigned char)queue.data[0], 255);
    CHECK_EQ((unsigned char)queue.data[256], 255);
    CHECK_EQ((unsigned char)queue.data[512], 90);
    text_free(&queue);
}

/* Reads what is there; undoes the framing. *left: bytes to come of the frame begun. */
static bool receive(int fd, int *left, uint32_t *seen) {
    char bytes[100];
    ssize_t n = read(fd, bytes, sizeof bytes);

    for (ssize_t i = 0; i < n; i++) {
        if (*left == 0) {
            *left = (unsigned char)bytes[i];
            if (*left == 0) {
                CHECK_EQ(i, n - 1); /* nothing follows the end */
                return true;
            }
            continue;
        }
        if (bytes[i] != (char)*seen)
            CHECK_EQ(bytes[i], (char)*seen);
        ++*seen;
        --*left;
    }
    return false;
}

TEST(through_a_slow_socket) {
    struct port port = {.fd = -1};
    static struct input input;
    int pair[2], left = 0;
    uint32_t made = 0, seen = 0;
    const uint32_t all = 1 << 20;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    port.fd = pair[0];
    input.wanted = true;
    for (bool end = false; !end;) {
        if (input_hungry(&input)) {
            input.begin = 0;
            for (input.end = 0; input.end < 3000 && made < all; input.end++)
                input.bytes[input.end] = (char)made++;
            input.ended = made == all;
        }
        port_pump(&port, &input);
        end = receive(pair[1], &left, &seen);
    }
    CHECK_EQ(seen, all);
    CHECK(!port_pending(&port));
    text_free(&port.queue);
    close(pair[0]);
    close(pair[1]);
}

TEST(a_closed_socket_swallows) {
    struct port port = {.fd = -1};
    static struct input input = {.wanted = true, .end = 10};
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[1]);
    port.fd = pair[0];
    port_pump(&port, &input);
    CHECK(!port_pending(&port));
    CHECK_EQ(input.begin, input.end);
    text_free(&port.queue);
    close(pair[0]);
}
