/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous cancellation of threads that compute, wherever they run; cleanup handlers
 * and their order, in all ways by which a thread ends.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "random.h"
#include "thread/thread.h"

enum { THREADS = 8 };

static volatile int running, cleaned;

static void count_clean(void *argument) {
    (void)argument;
    add(&cleaned, 1);
}

static void spin(void) {
    for (volatile unsigned long n = 0;; n++)
        ;
}

static void *compute(void *argument) {
    int old = -1;

    pthread_cleanup_push(count_clean, NULL);
    CHECK_EQUAL(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old), 0);
    CHECK_EQUAL(old, PTHREAD_CANCEL_DEFERRED);
    add(&running, 1);
    spin();
    pthread_cleanup_pop(0);
    return argument;
}

static void test_computing(void) {
    for (int round = 0; round < 5; round++) {
        store(&running, 0);
        store(&cleaned, 0);
        pthread_t thread = start(compute, NULL);
        CHECK(await(&running, 1));
        CHECK_EQUAL(pthread_cancel(thread), 0);
        CHECK(finish(thread) == PTHREAD_CANCELED);
        CHECK_EQUAL(cleaned, 1);
    }
}

static void test_several(void) {
    pthread_t threads[THREADS];

    store(&running, 0);
    store(&cleaned, 0);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(compute, NULL);
    CHECK(await(&running, THREADS));
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_cancel(threads[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(finish(threads[i]) == PTHREAD_CANCELED);
    CHECK_EQUAL(cleaned, THREADS);
}

/* Without a limit to when it comes. */
static void test_any_time(void) {
    for (int round = 0; round < 60; round++) {
        store(&running, 0);
        pthread_t thread = start(compute, NULL);
        while (!load(&running))
            sched_yield();
        for (uint64_t i = random_below(3000); i > 0; i--)
            __asm__ volatile("");
        CHECK_EQUAL(pthread_cancel(thread), 0);
        CHECK(finish(thread) == PTHREAD_CANCELED);
    }
}

static volatile int may_go;

/* Deferred, it computes on; made asynchronous, it ends there. */
static void *compute_deferred(void *argument) {
    int old;

    store(&running, 1);
    while (!load(&may_go))
        ;
    add(&running, 1);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    pthread_testcancel();
    add(&running, 1);
    return argument;
}

static void test_deferred(void) {
    store(&may_go, 0);
    pthread_t thread = start(compute_deferred, NULL);
    CHECK(await(&running, 1));
    CHECK_EQUAL(pthread_cancel(thread), 0);
    sleep_ms(10);
    CHECK_EQUAL(pthread_tryjoin_np(thread, NULL), EBUSY);
    store(&may_go, 1);
    CHECK(finish(thread) == PTHREAD_CANCELED);
    CHECK_EQUAL(running, 2);
}

static void *cancel_itself(void *argument) {
    int old;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    pthread_cancel(pthread_self());
    CHECK(!"went on");
    return argument;
}

static void *forbid(void *argument) {
    int old;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    pthread_cancel(pthread_self());
    CHECK_EQUAL(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old), 0);
    CHECK_EQUAL(old, PTHREAD_CANCEL_ASYNCHRONOUS);
    sleep_ms(1);
    return argument;
}

static void test_itself(void) {
    CHECK(finish(start(cancel_itself, NULL)) == PTHREAD_CANCELED);
    CHECK_EQUAL(finish(start(forbid, (void *)4)), 4);
}

static char order[20];

static void note(void *text) {
    strcat(order, text);
}

enum how { RETURN, EXIT, CANCEL, EXIT_INSIDE };

static void inner(enum how how) {
    pthread_cleanup_push(note, "c");
    if (how == EXIT_INSIDE)
        pthread_exit((void *)1);
    pthread_cleanup_pop(1);
}

static void *with_handlers(void *argument) {
    enum how how = (enum how)(long)argument;

    pthread_cleanup_push(note, "a");
    pthread_cleanup_push(note, "b");
    inner(how);
    if (how == EXIT)
        pthread_exit((void *)1);
    if (how == CANCEL) {
        pthread_cancel(pthread_self());
        sleep_ms(1);
    }
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(1);
    return (void *)1;
}

/* The last one first; those that were popped not at all, unless they shall run. */
static void test_handlers(void) {
    static const struct {
        enum how how;
        const char *order;
        void *result;
    } cases[] = {{RETURN, "ca", (void *)1},
                 {EXIT, "cba", (void *)1},
                 {CANCEL, "cba", PTHREAD_CANCELED},
                 {EXIT_INSIDE, "cba", (void *)1}};

    for (size_t i = 0; i < LENGTH(cases); i++) {
        *order = '\0';
        CHECK(finish(start(with_handlers, (void *)(long)cases[i].how)) == cases[i].result);
        if (!CHECK(!strcmp(order, cases[i].order)))
            printf("    case %zu: %s\n", i, order);
    }
}

/* Handlers may wait, and are not cancelled again. */
static void wait_in_handler(void *argument) {
    pthread_cancel(pthread_self());
    pthread_testcancel();
    sleep_ms(2);
    add(argument, 1);
}

static void *cleaned_slowly(void *argument) {
    pthread_cleanup_push(wait_in_handler, argument);
    pthread_cleanup_push(wait_in_handler, argument);
    pthread_cancel(pthread_self());
    pthread_testcancel();
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return argument;
}

static void test_waiting_handlers(void) {
    volatile int calls = 0;

    CHECK(finish(start(cleaned_slowly, (void *)&calls)) == PTHREAD_CANCELED);
    CHECK_EQUAL(calls, 2);
}

int main(void) {
    random_start();
    RUN(test_computing);
    RUN(test_several);
    RUN(test_any_time);
    RUN(test_deferred);
    RUN(test_itself);
    RUN(test_handlers);
    RUN(test_waiting_handlers);
    return checks_end();
}
