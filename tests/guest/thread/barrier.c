/* SPDX-License-Identifier: MIT */
/*
 * Barriers (also destroyed at once, also on the stack), private and shared; spin locks with
 * more threads than vCPUs.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { MOST = 16, ROUNDS = 60 };

static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static volatile int arrived, serial, parties;
static long guarded;

static void make(int shared, unsigned count) {
    pthread_barrierattr_t a;
    int value = -1;

    CHECK_EQUAL(pthread_barrierattr_init(&a), 0);
    CHECK_EQUAL(pthread_barrierattr_setpshared(&a, 77), EINVAL);
    CHECK_EQUAL(pthread_barrierattr_setpshared(&a, shared), 0);
    CHECK(pthread_barrierattr_getpshared(&a, &value) == 0 && value == shared);
    CHECK_EQUAL(pthread_barrier_init(&barrier, &a, count), 0);
    CHECK_EQUAL(pthread_barrierattr_destroy(&a), 0);
}

/* Nobody passes before all have come; one of them is told so. */
static void *meet(void *argument) {
    int result = 0;

    for (int i = 0; i < ROUNDS; i++) {
        add(&arrived, 1);
        result = pthread_barrier_wait(&barrier);
        CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        CHECK(load(&arrived) >= parties * (i + 1));
        if (result)
            add(&serial, 1);
    }
    /* who is told last may destroy it */
    if (result)
        CHECK_EQUAL(pthread_barrier_destroy(&barrier), 0);
    return argument;
}

static void test_rounds(void) {
    static const int counts[] = {1, 2, 3, MOST};
    pthread_t threads[MOST];

    for (int shared = 0; shared < 2; shared++)
        for (size_t i = 0; i < LENGTH(counts); i++) {
            arrived = serial = 0;
            parties = counts[i];
            make(shared, (unsigned)parties);
            for (int j = 0; j < parties; j++)
                threads[j] = start(meet, NULL);
            for (int j = 0; j < parties; j++)
                finish(threads[j]);
            CHECK_EQUAL(arrived, parties * ROUNDS);
            CHECK_EQUAL(serial, ROUNDS);
        }
}

static void test_wrong(void) {
    CHECK_EQUAL(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
}

static void *meet_once(void *place) {
    pthread_barrier_wait(place);
    return NULL;
}

/* Its memory is used for something else as soon as it may be. */
static void test_short_life(void) {
    for (int i = 0; i < 30; i++) {
        pthread_barrier_t *b = malloc(sizeof *b);

        CHECK_EQUAL(pthread_barrier_init(b, NULL, 2), 0);
        pthread_t thread = start(meet_once, b);
        pthread_barrier_wait(b);
        CHECK_EQUAL(pthread_barrier_destroy(b), 0);
        memset(b, 0xff, sizeof *b);
        finish(thread);
        free(b);
    }
}

static void *count(void *argument) {
    for (int i = 0; i < 2000; i++) {
        if (i % 3 == 0)
            while (pthread_spin_trylock(&spin) == EBUSY)
                ;
        else
            CHECK_EQUAL(pthread_spin_lock(&spin), 0);
        guarded++;
        CHECK_EQUAL(pthread_spin_unlock(&spin), 0);
    }
    return argument;
}

/* A holder that loses its processor gets it again, although the others spin. */
static void test_spin(void) {
    pthread_t threads[4];

    for (int shared = 0; shared < 2; shared++) {
        guarded = 0;
        CHECK_EQUAL(pthread_spin_init(&spin, shared), 0);
        CHECK_EQUAL(pthread_spin_trylock(&spin), 0);
        CHECK_EQUAL(pthread_spin_trylock(&spin), EBUSY);
        CHECK_EQUAL(pthread_spin_unlock(&spin), 0);
        for (int i = 0; i < 4; i++)
            threads[i] = start(count, NULL);
        for (int i = 0; i < 4; i++)
            finish(threads[i]);
        CHECK_EQUAL(guarded, 8000);
        CHECK_EQUAL(pthread_spin_destroy(&spin), 0);
    }
}

int main(void) {
    RUN(test_wrong);
    RUN(test_rounds);
    RUN(test_short_life);
    RUN(test_spin);
    return checks_end();
}
