/* SPDX-License-Identifier: MIT */
/*
 * A thread that reads while nothing is typed: a handled signal is EINTR, unless SA_RESTART
 * says that it reads on; it can be cancelled; others run meanwhile, and read after it.
 */
// vcpus: 1 2 4
// terminal: 80x25
// stdout-from: checks
#define _GNU_SOURCE
#include "thread/thread.h"

#include <signal.h>
#include <sys/uio.h>

static volatile int ready, calls, result_known;
static long result;
static int error;

static void count(int signal) {
    (void)signal;
    add(&calls, 1);
}

static void handle(int flags) {
    struct sigaction action = {.sa_handler = count, .sa_flags = flags};

    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
}

static void *read_one(void *vector) {
    char byte;
    struct iovec parts[2] = {{&byte, 0}, {&byte, 1}};

    store(&ready, 1);
    result = vector ? readv(0, parts, 2) : read(0, &byte, 1);
    error = errno;
    store(&result_known, 1);
    return NULL;
}

static pthread_t begin(int flags, void *vector) {
    handle(flags);
    store(&ready, 0);
    store(&calls, 0);
    store(&result_known, 0);
    pthread_t thread = start(read_one, vector);
    CHECK(await(&ready, 1));
    sleep_ms(10); /* most likely it waits by now */
    return thread;
}

static void test_interrupted(void) {
    for (int i = 0; i < 4; i++) {
        pthread_t thread = begin(0, i % 2 ? &result : NULL);
        for (int sent = 0; !load(&result_known) && sent < 1000; sent++) {
            CHECK_EQUAL(pthread_kill(thread, SIGUSR1), 0);
            sleep_ms(5); /* the first may come before it waits */
        }
        finish(thread);
        CHECK(result == -1 && error == EINTR);
        CHECK(load(&calls) >= 1);
    }
}

static void test_restarted(void) {
    for (int i = 0; i < 2; i++) {
        pthread_t thread = begin(SA_RESTART, i % 2 ? &result : NULL);
        for (int sent = 1; sent <= 5; sent++) {
            CHECK_EQUAL(pthread_kill(thread, SIGUSR1), 0);
            CHECK(await(&calls, sent));
        }
        sleep_ms(5);
        CHECK_EQUAL(load(&result_known), 0);
        signal(SIGUSR1, SIG_IGN);
        CHECK_EQUAL(pthread_kill(thread, SIGUSR1), 0);
        sleep_ms(5);
        CHECK_EQUAL(load(&result_known), 0);
        CHECK_EQUAL(pthread_cancel(thread), 0);
        CHECK(finish(thread) == PTHREAD_CANCELED);
        CHECK_EQUAL(load(&result_known), 0);
    }
}

static void *read_without_cancellation(void *argument) {
    char byte;
    int old;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    store(&ready, 1);
    result = read(0, &byte, 1);
    error = errno;
    store(&result_known, 1);
    pthread_setcancelstate(old, NULL);
    pthread_testcancel();
    return argument;
}

/* Forbidden, it reads on whoever asks for its end. */
static void test_forbidden(void) {
    handle(0);
    store(&ready, 0);
    store(&result_known, 0);
    pthread_t thread = start(read_without_cancellation, NULL);
    CHECK(await(&ready, 1));
    sleep_ms(10);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    sleep_ms(10);
    CHECK_EQUAL(load(&result_known), 0);
    for (int sent = 0; !load(&result_known) && sent < 1000; sent++) {
        CHECK_EQUAL(pthread_kill(thread, SIGUSR1), 0);
        sleep_ms(5);
    }
    CHECK(finish(thread) == PTHREAD_CANCELED);
    CHECK(result == -1 && error == EINTR);
}

static void *compute(void *argument) {
    for (int i = 0; i < 20; i++)
        sleep_ms(1);
    return argument;
}

/* One that waits for input keeps nobody else from anything. */
static void test_others(void) {
    pthread_t thread = begin(0, NULL), other = start(compute, &result);

    CHECK(finish(other) == &result);
    CHECK_EQUAL(write(1, "written meanwhile\n", 18), 18);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    CHECK(finish(thread) == PTHREAD_CANCELED);
}

int main(void) {
    RUN(test_interrupted);
    RUN(test_restarted);
    RUN(test_forbidden);
    RUN(test_others);
    return checks_end();
}
