/* SPDX-License-Identifier: MIT */
/* Much data over TCP, by many threads, in pieces of all sizes, and both ways at once. */
// vcpus: 1 2
// memory: 96M
// stdout-from: checks
// native: -pthread
// timeout: 180
#define _GNU_SOURCE
#include "net.h"

#include <sys/mman.h>
#include <sys/sendfile.h>

enum { PAIRS = 4, BYTES = 3000000, PIECE = 70000 };

struct end {
    int fd;
    uint32_t seed; /* of what it sends */
};

/* Bytes that are known by their place. */
static unsigned char byte_at(uint32_t seed, size_t at) {
    return (unsigned char)((at * 2654435761u + seed) >> 13);
}

static void *send_all(void *argument) {
    const struct end *end = argument;
    static const size_t sizes[] = {1, 7, 1000, 1460, 4096, 33333, PIECE};
    unsigned char *buffer = malloc(PIECE);

    for (size_t done = 0, turn = 0; done < BYTES; turn++) {
        size_t n = sizes[(turn + end->seed) % LENGTH(sizes)];
        n = n < BYTES - done ? n : BYTES - done;
        for (size_t i = 0; i < n; i++)
            buffer[i] = byte_at(end->seed, done + i);
        if (!CHECK(!write_all(end->fd, buffer, n)))
            break;
        done += n;
    }
    CHECK(!shutdown(end->fd, SHUT_WR));
    free(buffer);
    return NULL;
}

static void *receive_all(void *argument) {
    const struct end *end = argument;
    unsigned char *buffer = malloc(PIECE);
    size_t done = 0, wrong = 0, turn = 0;

    for (;;) {
        ssize_t n = read(end->fd, buffer, turn++ % 3 ? PIECE : 999);
        if (n <= 0) {
            CHECK_EQUAL(n, 0);
            break;
        }
        for (ssize_t i = 0; i < n; i++)
            wrong += buffer[i] != byte_at(end->seed, done + (size_t)i);
        done += (size_t)n;
    }
    CHECK_EQUAL(done, BYTES);
    CHECK_EQUAL(wrong, 0);
    free(buffer);
    return NULL;
}

static void test_both_ways(void) {
    struct end ends[PAIRS * 2][2];
    pthread_t threads[PAIRS * 4];
    unsigned count = 0;

    for (unsigned i = 0; i < PAIRS; i++) {
        int pair[2];
        connect_pair(pair);
        for (unsigned k = 0; k < 2; k++) {
            ends[2 * i + k][0] = (struct end){pair[k], 2 * i + k};
            ends[2 * i + k][1] = (struct end){pair[!k], 2 * i + k};
            pthread_create(&threads[count++], NULL, send_all, &ends[2 * i + k][0]);
            pthread_create(&threads[count++], NULL, receive_all, &ends[2 * i + k][1]);
        }
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < PAIRS * 2; i++)
        CHECK(!close(ends[i][0].fd));
}

/* What does not fit is not taken, and a poll says when there is room again. */
static void test_full(void) {
    static char buffer[PIECE];
    size_t sent = 0, got = 0;
    ssize_t n;
    int ends[2];

    connect_pair(ends);
    set_number(ends[0], SOL_SOCKET, SO_SNDBUF, 65536);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    while ((n = write(ends[0], buffer, PIECE)) > 0)
        sent += (size_t)n;
    CHECK(n < 0 && errno == EAGAIN);
    CHECK_EQUAL(poll_one(ends[0], POLLOUT, 0), 0);
    while (!(poll_one(ends[0], POLLOUT, 0) & POLLOUT) &&
           (n = read(ends[1], buffer, PIECE)) > 0)
        got += (size_t)n;
    CHECK(poll_one(ends[0], POLLOUT, 10000) & POLLOUT);
    CHECK(!shutdown(ends[0], SHUT_WR));
    while ((n = read(ends[1], buffer, PIECE)) > 0)
        got += (size_t)n;
    CHECK_EQUAL(got, sent);
    close(ends[0]);
    close(ends[1]);
}

static void test_sendfile(void) {
    struct end from = {.seed = 5}, to = {.seed = 5};
    int file = memfd_create("file", 0), ends[2];
    pthread_t thread;
    off_t at = 0;

    CHECK(!ftruncate(file, BYTES));
    unsigned char *map = mmap(NULL, BYTES, PROT_WRITE, MAP_SHARED, file, 0);
    for (size_t i = 0; i < BYTES; i++)
        map[i] = byte_at(from.seed, i);
    munmap(map, BYTES);
    connect_pair(ends);
    to.fd = ends[1];
    pthread_create(&thread, NULL, receive_all, &to);
    while (at < BYTES)
        if (!CHECK(sendfile(ends[0], file, &at, BYTES - (size_t)at) > 0))
            break;
    close(ends[0]);
    pthread_join(thread, NULL);
    close(ends[1]);
    close(file);
}

int main(void) {
    RUN(test_both_ways);
    RUN(test_full);
    RUN(test_sendfile);
    return checks_end();
}
