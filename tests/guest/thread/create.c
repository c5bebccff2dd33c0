/* SPDX-License-Identifier: MIT */
/*
 * Starting, joining and detaching threads: arguments and results, what each has of its own,
 * what it inherits, and that the memory of those who ended comes back.
 */
// native: -pthread
// stdout-from: checks
// memory: 24M
// debug: all
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <signal.h>
#include <stdalign.h>

enum { MANY = 50 };

static volatile int go, count;

static void *add_one(void *argument) {
    return (char *)argument + 1;
}

static void test_results(void) {
    static const uintptr_t values[] = {0, 1, 0x7fffffff, 0xfffffffe, UINT64_MAX - 1};
    pthread_t threads[MANY];

    for (size_t i = 0; i < LENGTH(values); i++)
        CHECK_EQUAL(finish(start(add_one, (void *)values[i])), values[i] + 1);
    for (int i = 0; i < MANY; i++)
        threads[i] = start(add_one, (void *)(long)i);
    for (int i = MANY; i-- > 0;)
        CHECK_EQUAL(finish(threads[i]), i + 1);
    CHECK_EQUAL(pthread_join(start(add_one, NULL), NULL), 0);
}

static void leave(int depth) {
    if (depth == 10)
        pthread_exit((void *)77);
    if (depth < 20)
        leave(depth + 1);
}

static void *leave_deep(void *argument) {
    leave(0);
    return argument;
}

static void test_exit(void) {
    CHECK_EQUAL(finish(start(leave_deep, NULL)), 77);
}

static void *wait_for_go(void *argument) {
    add(&count, 1);
    CHECK(await(&go, 1));
    return argument;
}

static void test_join_variants(void) {
    struct timespec limit;
    void *result = NULL;

    store(&go, 0);
    pthread_t thread = start(wait_for_go, (void *)5);
    CHECK_EQUAL(pthread_tryjoin_np(thread, &result), EBUSY);
    limit = from_now(CLOCK_REALTIME, 20);
    CHECK_EQUAL(pthread_timedjoin_np(thread, &result, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    CHECK_EQUAL(pthread_timedjoin_np(thread, &result, &limit), ETIMEDOUT);
    store(&go, 1);
    limit = from_now(CLOCK_REALTIME, 30000);
    CHECK_EQUAL(pthread_timedjoin_np(thread, &result, &limit), 0);
    CHECK_EQUAL(result, 5);
    thread = start(add_one, (void *)6);
    while (pthread_tryjoin_np(thread, &result) == EBUSY)
        sleep_ms(1);
    CHECK_EQUAL(result, 7);
}

/* A thread that waits for itself: glibc notices; musl waits for ever, or to the limit. */
static void *join_self(void *argument) {
    struct timespec limit = from_now(CLOCK_REALTIME, 20);
    int error = pthread_timedjoin_np(pthread_self(), NULL, &limit);

    CHECK(error == EDEADLK || (error == ETIMEDOUT && is_past(CLOCK_REALTIME, &limit)));
    return argument;
}

static void *join_other(void *argument) {
    return finish((pthread_t)argument);
}

/* From any thread, one after another. */
static void test_join_chain(void) {
    pthread_t thread;

    finish(start(join_self, NULL));
    store(&go, 0);
    thread = start(wait_for_go, (void *)9);
    for (int i = 0; i < 10; i++)
        thread = start(join_other, (void *)thread);
    store(&go, 1);
    CHECK_EQUAL(finish(thread), 9);
}

static void test_detach(void) {
    pthread_attr_t attributes;
    pthread_t thread;

    store(&go, 0);
    store(&count, 0);
    CHECK_EQUAL(pthread_detach(start(wait_for_go, NULL)), 0);
    pthread_attr_init(&attributes);
    CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
    start_with(&attributes, wait_for_go, NULL);
    CHECK(await(&count, 2));
    store(&go, 1);
    thread = start(add_one, NULL);
    sleep_ms(5);
    CHECK_EQUAL(pthread_detach(thread), 0); /* it has ended already */
    pthread_attr_destroy(&attributes);
}

/* 24 MiB would not do for the stacks of 3,000 threads. */
static void *touch_stack(void *argument) {
    volatile char used[16384];

    for (size_t i = 0; i < sizeof used; i += 4096)
        used[i] = 1;
    add(&count, 1);
    return argument;
}

static void test_memory_returns(void) {
    store(&count, 0);
    for (int i = 0; i < 1500; i++) {
        finish(start(touch_stack, NULL));
        CHECK_EQUAL(load(&count), i + 1);
    }
    store(&count, 0);
    for (int i = 0; i < 1500; i++) {
        CHECK_EQUAL(pthread_detach(start(touch_stack, NULL)), 0);
        if (i % 20 == 19 && !CHECK(await(&count, i + 1)))
            break;
    }
}

static _Thread_local int own = 5, zero;
static _Thread_local alignas(64) char aligned[100] = "start";

static void *use_own(void *argument) {
    int number = (int)(long)argument;

    CHECK(own == 5 && zero == 0 && !strcmp(aligned, "start"));
    CHECK_EQUAL((uintptr_t)aligned % 64, 0);
    own = zero = number;
    errno = number;
    snprintf(aligned, sizeof aligned, "%d", number);
    for (int i = 0; i < 20; i++) {
        if (i % 2)
            sched_yield();
        else
            sleep_ms(1);
        CHECK(own == number && zero == number && atoi(aligned) == number);
        CHECK(errno == number || !number);
    }
    return &own;
}

static void test_own(void) {
    pthread_t threads[20];
    void *places[20];

    own = 1;
    for (int i = 0; i < 20; i++)
        threads[i] = start(use_own, (void *)(long)(i + 100));
    for (int i = 0; i < 20; i++) {
        places[i] = finish(threads[i]);
        CHECK(places[i] != &own);
    }
    CHECK(own == 1 && zero == 0);
    own = 5;
}

static volatile int tids[MANY];

static void *identify(void *argument) {
    int number = (int)(long)argument;

    tids[number] = gettid_now();
    CHECK(getpid() != tids[number]);
    CHECK(pthread_equal(pthread_self(), pthread_self()));
    add(&count, 1);
    CHECK(await(&go, 1));
    CHECK_EQUAL(gettid_now(), tids[number]);
    return (void *)pthread_self();
}

static void test_identity(void) {
    pthread_t threads[MANY];

    CHECK_EQUAL(gettid_now(), getpid());
    store(&count, 0);
    store(&go, 0);
    for (int i = 0; i < MANY; i++)
        threads[i] = start(identify, (void *)(long)i);
    CHECK(await(&count, MANY));
    for (int i = 0; i < MANY; i++)
        for (int j = 0; j < i; j++)
            if (tids[i] == tids[j] || pthread_equal(threads[i], threads[j]))
                CHECK(!"two threads have one number");
    store(&go, 1);
    for (int i = 0; i < MANY; i++)
        CHECK(finish(threads[i]) == (void *)threads[i]);
}

static void *see_mask(void *argument) {
    sigset_t mask;

    CHECK_EQUAL(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    CHECK(sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGUSR2));
    sigaddset(&mask, SIGUSR2);
    CHECK_EQUAL(pthread_sigmask(SIG_SETMASK, &mask, NULL), 0);
    return argument;
}

static void test_mask(void) {
    sigset_t mask, before;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &mask, &before);
    finish(start(see_mask, NULL));
    finish(start(see_mask, NULL));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void *name_itself(void *argument) {
    char name[16], *mine = argument;

    CHECK_EQUAL(pthread_setname_np(pthread_self(), mine), 0);
    CHECK_EQUAL(pthread_setname_np(pthread_self(), "sixteen letters!"), ERANGE);
    sched_yield();
    CHECK_EQUAL(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    CHECK(!strcmp(name, mine));
    CHECK_EQUAL(pthread_getname_np(pthread_self(), name, 1), ERANGE);
    return NULL;
}

static void test_names(void) {
    pthread_t one = start(name_itself, "one"), two = start(name_itself, "fifteen letters");

    finish(one);
    finish(two);
}

static void *start_more(void *argument) {
    long depth = (long)argument;

    return depth ? (char *)finish(start(start_more, (void *)(depth - 1))) + depth : NULL;
}

static void test_nested(void) {
    CHECK_EQUAL(finish(start(start_more, (void *)20)), 210);
}

int main(void) {
    RUN(test_results);
    RUN(test_exit);
    RUN(test_join_variants);
    RUN(test_join_chain);
    RUN(test_detach);
    RUN(test_own);
    RUN(test_identity);
    RUN(test_mask);
    RUN(test_names);
    RUN(test_nested);
    RUN(test_memory_returns);
    return checks_end();
}
