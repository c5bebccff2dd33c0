/* SPDX-License-Identifier: MIT */
/*
 * Threads until there is no memory for another: EAGAIN, not a crash; those that are there
 * work on, and when they have ended as many fit again.
 */
// stdout-from: checks
// memory: 8M
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <sys/mman.h>

enum { MOST = 20000, STACK = 65536, KEPT = 256 << 10 };

static volatile int go, answered, started;
static pthread_t threads[MOST];

static void *wait_for_go(void *argument) {
    add(&started, 1);
    while (!load(&go))
        sleep_ms(20);
    add(&answered, 1);
    return argument;
}

/* Stacks that are there from the start: so it is the call that fails, not a later touch. */
static int fill(void) {
    pthread_attr_t attributes;
    int count = 0, error = 0;

    pthread_attr_init(&attributes);
    while (count < MOST && !error) {
        char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

        if (stack == MAP_FAILED || mlock(stack, STACK) != 0)
            break; /* out of memory, as wanted */
        pthread_attr_setstack(&attributes, stack, STACK);
        error = pthread_create(&threads[count], &attributes, wait_for_go, stack);
        if (!error)
            count++;
    }
    CHECK(error == 0 || error == EAGAIN);
    return count;
}

static void empty(int count) {
    store(&go, 1);
    for (int i = 0; i < count; i++) {
        char *stack = finish(threads[i]);

        CHECK(stack != NULL);
        CHECK_EQUAL(munmap(stack, STACK), 0);
    }
    CHECK_EQUAL(answered, count);
    store(&go, 0);
    store(&answered, 0);
    store(&started, 0);
}

static void test_until_full(void) {
    int first = 0;

    for (int round = 0; round < 3; round++) {
        char *kept = malloc(KEPT);

        memset(kept, 1, KEPT);
        int count = fill();
        CHECK(await(&started, count));
        free(kept);
        empty(count);
        CHECK(count > 20);
        CHECK(first == 0 || count + 2 >= first);
        first = first ? first : count;
    }
}

int main(void) {
    RUN(test_until_full);
    return checks_end();
}
