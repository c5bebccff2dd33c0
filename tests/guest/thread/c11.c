/* SPDX-License-Identifier: MIT */
/* C11's threads, mutexes, conditions, thread-specific storage and call_once. */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <limits.h>
#include <signal.h>
#include <threads.h>

enum { THREADS = 8, ROUNDS = 300 };

static mtx_t mutex;
static cnd_t condition;
static tss_t key;
static once_flag once = ONCE_FLAG_INIT;
static volatile int destroyed, initialised, turn;
static int guarded;

static int give_back(void *argument) {
    return (int)(long)argument;
}

static int leave(void *argument) {
    thrd_exit((int)(long)argument + 1);
}

static void test_threads(void) {
    thrd_t thread, other;
    int result = -1;

    CHECK_EQUAL(thrd_create(&thread, give_back, (void *)-5l), thrd_success);
    CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
    CHECK_EQUAL(result, -5);
    CHECK_EQUAL(thrd_create(&thread, leave, (void *)(long)(INT_MAX - 1)), thrd_success);
    CHECK_EQUAL(thrd_create(&other, give_back, NULL), thrd_success);
    CHECK(!thrd_equal(thread, other) && thrd_equal(thrd_current(), thrd_current()));
    CHECK_EQUAL(thrd_detach(other), thrd_success);
    CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
    CHECK_EQUAL(result, INT_MAX);
    thrd_yield();
}

static void test_sleep(void) {
    struct timespec time = {.tv_nsec = 5 * MS};
    int64_t started = now_ns(CLOCK_MONOTONIC);

    CHECK_EQUAL(thrd_sleep(&time, NULL), 0);
    CHECK(now_ns(CLOCK_MONOTONIC) - started >= 5 * MS);
    time.tv_nsec = SECOND;
    CHECK(thrd_sleep(&time, NULL) < 0);
}

static void nothing(int signal) {
    (void)signal;
}

static volatile int slept;
static struct timespec left;

static int sleep_long(void *argument) {
    struct timespec time = {3600, 0};
    sigset_t none;

    sigemptyset(&none); /* musl 1.2.5 starts such threads with all signals blocked */
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    store(argument, thrd_sleep(&time, &left));
    return 0;
}

/* -1, and not another negative number, says that it was a signal. */
static void test_sleep_interrupted(void) {
    struct sigaction action = {.sa_handler = nothing};
    thrd_t thread;

    sigaction(SIGUSR1, &action, NULL);
    store(&slept, 77);
    CHECK_EQUAL(thrd_create(&thread, sleep_long, (void *)&slept), thrd_success);
    for (int i = 0; i < 2000 && load(&slept) == 77; i++) {
        pthread_kill(thread, SIGUSR1);
        sleep_ms(2);
    }
    CHECK_EQUAL(thrd_join(thread, NULL), thrd_success);
    CHECK_EQUAL(slept, -1);
    CHECK(left.tv_sec >= 3500 && left.tv_sec < 3600);
}

static int count(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL(mtx_lock(&mutex), thrd_success);
        guarded++;
        CHECK_EQUAL(mtx_unlock(&mutex), thrd_success);
    }
    return argument != NULL;
}

static int refused(void *timed) {
    struct timespec limit = from_now(CLOCK_REALTIME, 10);

    CHECK_EQUAL(mtx_trylock(&mutex), thrd_busy);
    if (timed) {
        CHECK_EQUAL(mtx_timedlock(&mutex, &limit), thrd_timedout);
        CHECK(is_past(CLOCK_REALTIME, &limit));
    }
    return 0;
}

static void test_mutexes(void) {
    static const int types[] = {mtx_plain, mtx_timed, mtx_recursive,
                                mtx_timed | mtx_recursive};
    thrd_t threads[THREADS];

    for (size_t i = 0; i < LENGTH(types); i++) {
        CHECK_EQUAL(mtx_init(&mutex, types[i]), thrd_success);
        CHECK_EQUAL(mtx_lock(&mutex), thrd_success);
        if (types[i] & mtx_recursive) {
            CHECK_EQUAL(mtx_lock(&mutex), thrd_success);
            CHECK_EQUAL(mtx_trylock(&mutex), thrd_success);
            CHECK(mtx_unlock(&mutex) == 0 && mtx_unlock(&mutex) == 0);
        }
        thrd_create(&threads[0], refused, types[i] & mtx_timed ? &mutex : NULL);
        thrd_join(threads[0], NULL);
        CHECK_EQUAL(mtx_unlock(&mutex), thrd_success);
        guarded = 0;
        for (int j = 0; j < THREADS; j++)
            CHECK_EQUAL(thrd_create(&threads[j], count, NULL), thrd_success);
        for (int j = 0; j < THREADS; j++)
            CHECK_EQUAL(thrd_join(threads[j], NULL), thrd_success);
        CHECK_EQUAL(guarded, THREADS * ROUNDS);
        mtx_destroy(&mutex);
    }
}

/* Each in its turn. */
static int take_turns(void *argument) {
    int number = (int)(long)argument;

    CHECK_EQUAL(mtx_lock(&mutex), thrd_success);
    for (int i = 0; i < 30; i++) {
        while (turn % THREADS != number)
            CHECK_EQUAL(cnd_wait(&condition, &mutex), thrd_success);
        turn++;
        CHECK_EQUAL(cnd_broadcast(&condition), thrd_success);
    }
    CHECK_EQUAL(mtx_unlock(&mutex), thrd_success);
    return 0;
}

static void test_conditions(void) {
    thrd_t threads[THREADS];
    struct timespec limit = from_now(CLOCK_REALTIME, 10);

    CHECK_EQUAL(mtx_init(&mutex, mtx_plain), thrd_success);
    CHECK_EQUAL(cnd_init(&condition), thrd_success);
    CHECK_EQUAL(mtx_lock(&mutex), thrd_success);
    CHECK_EQUAL(cnd_timedwait(&condition, &mutex, &limit), thrd_timedout);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    CHECK_EQUAL(mtx_unlock(&mutex), thrd_success);
    CHECK_EQUAL(cnd_signal(&condition), thrd_success);
    for (int i = 0; i < THREADS; i++)
        thrd_create(&threads[i], take_turns, (void *)(long)i);
    for (int i = 0; i < THREADS; i++)
        thrd_join(threads[i], NULL);
    CHECK_EQUAL(turn, THREADS * 30);
    cnd_destroy(&condition);
    mtx_destroy(&mutex);
}

static void destroy(void *value) {
    add(&destroyed, (int)(long)value);
}

static void initialise(void) {
    sleep_ms(2);
    add(&initialised, 1);
}

static int use_own(void *argument) {
    call_once(&once, initialise);
    CHECK_EQUAL(load(&initialised), 1);
    CHECK(!tss_get(key));
    CHECK_EQUAL(tss_set(key, argument), thrd_success);
    thrd_yield();
    CHECK(tss_get(key) == argument);
    return 0;
}

static void test_own(void) {
    thrd_t threads[THREADS];

    CHECK_EQUAL(tss_create(&key, destroy), thrd_success);
    for (int i = 0; i < THREADS; i++)
        thrd_create(&threads[i], use_own, (void *)(long)(i + 1));
    for (int i = 0; i < THREADS; i++)
        thrd_join(threads[i], NULL);
    CHECK_EQUAL(destroyed, THREADS * (THREADS + 1) / 2);
    tss_delete(key);
}

static int set_again(void *argument) {
    CHECK_EQUAL(tss_set(key, argument), thrd_success);
    thrd_exit(0);
}

static void destroy_again(void *value) {
    add(&destroyed, 1);
    tss_set(key, value);
}

/* Destructors run as often as there is a value, up to a limit; keys come to an end. */
static void test_own_limits(void) {
    static tss_t keys[2000];
    thrd_t thread;
    int made = 0, result;

    store(&destroyed, 0);
    CHECK_EQUAL(tss_create(&key, destroy_again), thrd_success);
    thrd_create(&thread, set_again, &key);
    thrd_join(thread, NULL);
    CHECK_EQUAL(destroyed, TSS_DTOR_ITERATIONS);
    tss_delete(key);
    while (made < 2000 && (result = tss_create(&keys[made], NULL)) == thrd_success)
        made++;
    CHECK(made >= 120 && made < 2000);
    CHECK_EQUAL(result, thrd_error);
    for (int i = 0; i < made; i++)
        tss_delete(keys[i]);
}

int main(void) {
    RUN(test_threads);
    RUN(test_sleep);
    RUN(test_sleep_interrupted);
    RUN(test_mutexes);
    RUN(test_conditions);
    RUN(test_own);
    RUN(test_own_limits);
    return checks_end();
}
