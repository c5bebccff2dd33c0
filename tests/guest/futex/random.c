/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait at random on a few words, with and without time limits and bits, while
 * others wake and requeue at random: as many waits end with success as wake-ups were
 * reported, and nobody is left behind.
 */
// native: -pthread
// stdout-from: checks
// debug: all
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "random.h"
#include "futex/futex.h"

enum { WAITERS = 12, WAKERS = 3, WORDS = 5, TIME_MS = 500 };

static volatile int words[WORDS];
static volatile int stop, left, woken, reported, early;

static uint64_t next(uint64_t *state) {
    *state = *state * 6364136223846793005 + 1442695040888963407;
    return *state >> 33;
}

static void wait_once(uint64_t *state) {
    volatile int *word = &words[next(state) % WORDS];
    int realtime = (int)(next(state) % 2);
    clockid_t clock = realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int64_t until = now_ns(clock) + (int64_t)(next(state) % (2 * MS));
    struct timespec limit = time_of(until);
    int bits = next(state) % 3 ? -1 : (int)(1 << next(state) % 4);
    /* one in four is without a limit, and is woken at the end at the latest */
    long result =
        futex(word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE | (realtime ? FUTEX_REALTIME : 0), 0,
              next(state) % 4 ? &limit : NULL, NULL, bits);

    if (result == 0)
        add(&woken, 1);
    else if (errno == ETIMEDOUT)
        add(&early, now_ns(clock) < until);
    else
        CHECK(errno == EAGAIN && load(&stop));
}

static void *wait_often(void *seed) {
    uint64_t state = (uint64_t)seed;

    while (!load(&stop))
        wait_once(&state);
    add(&left, 1);
    return NULL;
}

/* How many it woke, as the call says. */
static long wake_once(uint64_t *state) {
    volatile int *word = &words[next(state) % WORDS], *to = &words[next(state) % WORDS];
    long count = (long)(next(state) % 4);

    switch (next(state) % 5) {
    case 0: /* moves only, and counts those */
        CHECK(futex(word, FUTEX_REQUEUE | FUTEX_PRIVATE, 0, (void *)count, to, 0) <= count);
        return 0;
    case 1:
        CHECK(futex(word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 0, (void *)count, to,
                    load(word)) <= count);
        return 0;
    case 2:
        return futex(word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, (int)count + 1, NULL, NULL,
                     (int)(1 + next(state) % 15));
    case 3:
        return futex(word, FUTEX_WAKE_OP | FUTEX_PRIVATE, (int)count + 1, (void *)1l, to,
                     WAKE_OP(OP_ADD, 0, CMP_EQ, 0));
    default:
        return futex_wake(word, (int)count + 1);
    }
}

static void *wake_often(void *seed) {
    uint64_t state = (uint64_t)seed;

    while (!load(&stop)) {
        long count = wake_once(&state);

        if (CHECK(count >= 0))
            add(&reported, (int)count);
        if (next(&state) % 4 == 0)
            sched_yield();
    }
    return NULL;
}

int main(void) {
    pthread_t threads[WAITERS + WAKERS];

    random_start();
    for (int i = 0; i < WAITERS + WAKERS; i++)
        threads[i] = start(i < WAITERS ? wait_often : wake_often, (void *)random_next());
    sleep_ms(TIME_MS);
    store(&stop, 1);
    for (int i = WAITERS; i < WAITERS + WAKERS; i++)
        finish(threads[i]);
    for (int i = 0; i < WORDS; i++)
        store(&words[i], 1);
    while (load(&left) < WAITERS) {
        for (int i = 0; i < WORDS; i++)
            add(&reported, (int)futex_wake(&words[i], WAITERS));
        sched_yield();
    }
    for (int i = 0; i < WAITERS; i++)
        finish(threads[i]);
    printf("%d woken\n", woken);
    CHECK_EQUAL(woken, reported);
    CHECK(woken > WAITERS && early == 0);
    return checks_end();
}
