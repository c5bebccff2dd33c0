/* SPDX-License-Identifier: MIT */
/*
 * Thread attributes: what is set is what is got, and what the thread then has; values that
 * make no sense are refused.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <alloca.h>
#include <sys/mman.h>

static pthread_attr_t attributes;

static void test_values(void) {
    struct sched_param parameters = {0};
    void *address = &parameters;
    size_t size = 1;
    int value = -1;

    CHECK_EQUAL(pthread_attr_init(&attributes), 0);
    CHECK(pthread_attr_getdetachstate(&attributes, &value) == 0 &&
          value == PTHREAD_CREATE_JOINABLE);
    CHECK(pthread_attr_getguardsize(&attributes, &size) == 0 && size >= 4096);
    CHECK(pthread_attr_getstacksize(&attributes, &size) == 0 && size >= 65536);
    CHECK(pthread_attr_getinheritsched(&attributes, &value) == 0 &&
          value == PTHREAD_INHERIT_SCHED);
    CHECK(pthread_attr_getschedpolicy(&attributes, &value) == 0 && value == SCHED_OTHER);
    CHECK(pthread_attr_getscope(&attributes, &value) == 0 && value == PTHREAD_SCOPE_SYSTEM);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 300000), 0);
    CHECK(pthread_attr_getstacksize(&attributes, &size) == 0 && size == 300000);
    CHECK_EQUAL(pthread_attr_setguardsize(&attributes, 20000), 0);
    CHECK(pthread_attr_getguardsize(&attributes, &size) == 0 && size == 20000);
    CHECK_EQUAL(pthread_attr_setschedpolicy(&attributes, SCHED_RR), 0);
    CHECK(pthread_attr_getschedpolicy(&attributes, &value) == 0 && value == SCHED_RR);
    parameters.sched_priority = 7;
    CHECK_EQUAL(pthread_attr_setschedparam(&attributes, &parameters), 0);
    parameters.sched_priority = 0;
    CHECK_EQUAL(pthread_attr_getschedparam(&attributes, &parameters), 0);
    CHECK_EQUAL(parameters.sched_priority, 7);
    CHECK_EQUAL(pthread_attr_setstack(&attributes, (void *)0x10000, 65536), 0);
    CHECK_EQUAL(pthread_attr_getstack(&attributes, &address, &size), 0);
    CHECK(address == (void *)0x10000 && size == 65536);
    CHECK_EQUAL(pthread_attr_destroy(&attributes), 0);
}

static void test_refused(void) {
    pthread_attr_init(&attributes);
    CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, 7), EINVAL);
    CHECK_EQUAL(pthread_attr_setinheritsched(&attributes, 7), EINVAL);
    CHECK_EQUAL(pthread_attr_setscope(&attributes, 7), EINVAL);
    CHECK_EQUAL(pthread_attr_setscope(&attributes, PTHREAD_SCOPE_PROCESS), ENOTSUP);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 1000), EINVAL);
    CHECK_EQUAL(pthread_attr_setstack(&attributes, (void *)0x10000, 1000), EINVAL);
    pthread_attr_destroy(&attributes);
}

static int is_inside(const void *address, const pthread_attr_t *a) {
    void *low;
    size_t size;

    CHECK_EQUAL(pthread_attr_getstack(a, &low, &size), 0);
    return (char *)address >= (char *)low && (char *)address < (char *)low + size;
}

/* Uses all but the last few kilobytes of the stack that was asked for. */
__attribute__((noinline)) static int use(size_t size) {
    volatile char *p = alloca(size);

    for (size_t i = 0; i < size; i += 512)
        p[i] = (char)(i / 512);
    for (size_t i = 0; i < size; i += 512)
        if (p[i] != (char)(i / 512))
            return 0;
    return 1;
}

static void *check_stack(void *argument) {
    size_t asked = (size_t)argument, size = 0, guard = 0;
    pthread_attr_t mine;
    char local;

    CHECK_EQUAL(pthread_getattr_np(pthread_self(), &mine), 0);
    CHECK(is_inside(&local, &mine));
    CHECK_EQUAL(pthread_attr_getstacksize(&mine, &size), 0);
    CHECK(size + 8192 >= asked);
    CHECK_EQUAL(pthread_attr_getguardsize(&mine, &guard), 0);
    CHECK(use(asked - 10000));
    pthread_attr_destroy(&mine);
    return (void *)guard;
}

static void test_stack_size(void) {
    static const size_t sizes[] = {20000, 65536, 131072, 1000000, 8 << 20};

    for (size_t i = 0; i < LENGTH(sizes); i++) {
        pthread_attr_init(&attributes);
        CHECK_EQUAL(pthread_attr_setstacksize(&attributes, sizes[i]), 0);
        CHECK((size_t)finish(start_with(&attributes, check_stack, (void *)sizes[i])) >=
              4096);
        pthread_attr_destroy(&attributes);
    }
}

static void test_guard_size(void) {
    static const size_t sizes[] = {0, 4096, 8192, 1 << 20};

    for (size_t i = 0; i < LENGTH(sizes); i++) {
        pthread_attr_init(&attributes);
        CHECK_EQUAL(pthread_attr_setguardsize(&attributes, sizes[i]), 0);
        pthread_attr_setstacksize(&attributes, 65536);
        CHECK_EQUAL(finish(start_with(&attributes, check_stack, (void *)65536ul)),
                    sizes[i]);
        pthread_attr_destroy(&attributes);
    }
}

static void *give_address(void *argument) {
    char *volatile local = (char *)&argument;

    use(20000);
    return local;
}

/* A stack of the program's: from malloc, from mmap, static; used again; still there. */
static void test_own_stack(void) {
    enum { SIZE = 65536 };
    static char still[SIZE] __attribute__((aligned(4096)));
    char *mapped =
        mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *allocated = aligned_alloc(4096, SIZE);
    char *stacks[] = {still, mapped, allocated, still};

    for (size_t i = 0; i < LENGTH(stacks); i++) {
        pthread_attr_init(&attributes);
        CHECK_EQUAL(pthread_attr_setstack(&attributes, stacks[i], SIZE), 0);
        char *local = finish(start_with(&attributes, give_address, NULL));
        CHECK(local >= stacks[i] && local < stacks[i] + SIZE);
        stacks[i][0] = 1;
        pthread_attr_destroy(&attributes);
    }
    CHECK_EQUAL(munmap(mapped, SIZE), 0);
    free(allocated);
}

static void *nothing(void *argument) {
    return argument;
}

/* More than there is room for is EAGAIN, and leaves nothing behind. */
static void test_too_large(void) {
    pthread_t thread;

    pthread_attr_init(&attributes);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 1ul << 47), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(pthread_create(&thread, &attributes, nothing, NULL), EAGAIN);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    finish(start_with(&attributes, nothing, NULL));
    pthread_attr_destroy(&attributes);
}

static void test_detached(void) {
    pthread_attr_t mine;
    int state = -1;

    CHECK_EQUAL(pthread_getattr_np(pthread_self(), &mine), 0);
    CHECK(is_inside(&state, &mine)); /* the main thread's, too */
    CHECK_EQUAL(pthread_attr_getdetachstate(&mine, &state), 0);
    CHECK_EQUAL(state, PTHREAD_CREATE_JOINABLE);
    pthread_attr_destroy(&mine);
}

static volatile int may_end;

static void *stay(void *argument) {
    *(char *volatile *)argument = __builtin_frame_address(0);
    while (!load(&may_end))
        sleep_ms(1);
    return argument;
}

/* Of another thread one learns the same: where its stack is, and whether it is detached. */
static void test_others(void) {
    pthread_attr_t its;
    int state;

    for (int detached = 0; detached < 2; detached++) {
        char *volatile place = NULL;
        size_t guard = 0, size = 0;

        store(&may_end, 0);
        pthread_attr_init(&attributes);
        CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 300000), 0);
        CHECK_EQUAL(pthread_attr_setguardsize(&attributes, 12288), 0);
        pthread_t thread = start_with(&attributes, stay, (void *)&place);
        if (detached)
            CHECK_EQUAL(pthread_detach(thread), 0);
        while (!place)
            sleep_ms(1);
        CHECK_EQUAL(pthread_getattr_np(thread, &its), 0);
        CHECK(is_inside(place, &its));
        CHECK(!is_inside(&state, &its)); /* not this one's */
        CHECK(pthread_attr_getguardsize(&its, &guard) == 0 && guard == 12288);
        CHECK(pthread_attr_getstacksize(&its, &size) == 0 && size >= 290000);
        CHECK(pthread_attr_getdetachstate(&its, &state) == 0 && state == detached);
        pthread_attr_destroy(&its);
        pthread_attr_destroy(&attributes);
        store(&may_end, 1);
        if (!detached)
            finish(thread);
    }
    sleep_ms(20); /* the detached one's word is on this stack */
}

/* What is given at its creation, it has; a detached thread cannot be joined. */
static void test_created_detached(void) {
    char *volatile place = NULL;
    pthread_attr_t its;
    pthread_t thread;
    int state = -1;

    store(&may_end, 0);
    pthread_attr_init(&attributes);
    CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
    CHECK_EQUAL(pthread_create(&thread, &attributes, stay, (void *)&place), 0);
    while (!place)
        sleep_ms(1);
    CHECK_EQUAL(pthread_getattr_np(thread, &its), 0);
    CHECK(pthread_attr_getdetachstate(&its, &state) == 0);
    CHECK_EQUAL(state, PTHREAD_CREATE_DETACHED);
    pthread_attr_destroy(&its);
    pthread_attr_destroy(&attributes);
    store(&may_end, 1);
    sleep_ms(20);
}

static void test_default(void) {
    size_t size = 0;

    CHECK_EQUAL(pthread_getattr_default_np(&attributes), 0);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 3 << 20), 0);
    CHECK_EQUAL(pthread_setattr_default_np(&attributes), 0);
    CHECK_EQUAL(pthread_getattr_default_np(&attributes), 0);
    CHECK(pthread_attr_getstacksize(&attributes, &size) == 0 && size >= 3 << 20);
    finish(start(check_stack, (void *)(3ul << 20)));
}

int main(void) {
    RUN(test_values);
    RUN(test_refused);
    RUN(test_stack_size);
    RUN(test_guard_size);
    RUN(test_own_stack);
    RUN(test_too_large);
    RUN(test_detached);
    RUN(test_others);
    RUN(test_created_detached);
    RUN(test_default);
    return checks_end();
}
