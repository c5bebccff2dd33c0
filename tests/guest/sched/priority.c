/* SPDX-License-Identifier: MIT */
/*
 * FIFO and RR priorities on one vCPU (all threads stay on the first): who runs, who is
 * woken first, who gets its share; and priority inheritance, through several mutexes as
 * well. (Natively this needs the right to real-time priorities.)
 */
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

enum { LOW = 10, MIDDLE = 20, HIGH = 30, HIGHEST = 40 };

static char order[64];
static volatile int length, word;

static void note(char letter) {
    order[add(&length, 1)] = letter;
}

static void begin(void) {
    memset(order, 0, sizeof order);
    store(&length, 0);
    store(&word, 0);
}

static void check_order(const char *wanted) {
    if (!CHECK(!strcmp(order, wanted)))
        printf("    %s, expected %s\n", order, wanted);
}

static void become(int policy, int priority) {
    struct sched_param p = {.sched_priority = priority};

    CHECK_EQUAL(pthread_setschedparam(pthread_self(), policy, &p), 0);
}

static pthread_t start_as(int policy, int priority, void *(*run)(void *), void *argument) {
    struct sched_param p = {.sched_priority = priority};
    pthread_attr_t a;

    pthread_attr_init(&a);
    pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&a, policy);
    pthread_attr_setschedparam(&a, &p);
    return start_with(&a, run, argument);
}

static void *wait_and_note(void *letter) {
    CHECK_EQUAL(futex_wait(&word, 0), 0);
    note(*(char *)letter);
    return NULL;
}

/* The more urgent runs before the call that wakes it returns; the less urgent does not. */
static void test_waking(void) {
    begin();
    become(SCHED_FIFO, MIDDLE);
    pthread_t high = start_as(SCHED_FIFO, HIGH, wait_and_note, "h");
    CHECK_EQUAL(futex_wake(&word, 9), 1); /* it ran at once, and waits */
    note('m');
    finish(high);
    check_order("hm");
    begin();
    pthread_t low = start_as(SCHED_FIFO, LOW, wait_and_note, "l");
    await_waiting(&word, 0, 1);
    CHECK_EQUAL(futex_wake(&word, 9), 1);
    note('m');
    for (volatile int i = 0; i < 1000000; i++)
        ;
    note('m');
    finish(low);
    check_order("mml");
}

/* The most urgent is woken first, of equals the one that came first. */
static void test_wake_order(void) {
    static const struct {
        int priority;
        char letter[2];
    } cases[] = {{LOW, "c"}, {HIGH, "a"}, {MIDDLE, "b"}, {LOW, "d"}, {HIGH, "A"}};
    pthread_t threads[LENGTH(cases)];

    begin();
    become(SCHED_FIFO, HIGHEST);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        threads[i] =
            start_as(SCHED_FIFO, cases[i].priority, wait_and_note, (void *)cases[i].letter);
        await_waiting(&word, 0, (long)i + 1);
    }
    for (size_t i = 0; i < LENGTH(cases); i++) {
        CHECK_EQUAL(futex_wake(&word, 1), 1);
        CHECK(await(&length, (int)i + 1));
    }
    for (size_t i = 0; i < LENGTH(cases); i++)
        finish(threads[i]);
    check_order("aAbcd");
}

static volatile int finished;

static void *run_and_note(void *letter) {
    CHECK_EQUAL(futex_wait(&word, 0), 0);
    for (int i = 0; i < 3; i++) {
        note(*(char *)letter);
        for (volatile int n = 0; n < 300000; n++)
            ;
    }
    add(&finished, 1);
    return NULL;
}

static void *yield_and_note(void *letter) {
    CHECK_EQUAL(futex_wait(&word, 0), 0);
    for (int i = 0; i < 3; i++) {
        note(*(char *)letter);
        sched_yield();
    }
    return NULL;
}

/* Lets two equals and one more urgent go at once. */
static void run_three(void *(*run)(void *)) {
    pthread_t threads[3];

    begin();
    for (int i = 0; i < 3; i++) {
        threads[i] = start_as(SCHED_FIFO, i < 2 ? LOW : MIDDLE, run, &"abM"[i]);
        await_waiting(&word, 0, i + 1);
    }
    CHECK_EQUAL(futex_wake(&word, 3), 3);
    for (int i = 0; i < 3; i++)
        finish(threads[i]);
}

/* Equals: first in, first out, without time slices; sched_yield goes to the end. */
static void test_fifo(void) {
    become(SCHED_FIFO, HIGH);
    run_three(run_and_note);
    check_order("MMMaaabbb");
    run_three(yield_and_note);
    check_order("MMMababab");
}

static volatile int stop;
static volatile unsigned long counts[3];

static void *count(void *number) {
    while (!load(&stop))
        counts[(long)number]++;
    return NULL;
}

/* RR threads of one priority share the time; a normal one waits for them. */
static void test_round_robin(void) {
    pthread_t threads[2];

    store(&stop, 0);
    become(SCHED_FIFO, HIGH);
    for (long i = 0; i < 2; i++)
        threads[i] = start_as(SCHED_RR, LOW, count, (void *)i);
    for (int i = 0; i < 100 && !(counts[0] && counts[1]); i++)
        sleep_ms(20);
    store(&stop, 1);
    for (int i = 0; i < 2; i++)
        finish(threads[i]);
    CHECK(counts[0] > 0 && counts[1] > 0);
}

static void test_normal_waits(void) {
    store(&stop, 0);
    counts[0] = counts[2] = 0;
    pthread_t urgent = start_as(SCHED_FIFO, LOW, count, (void *)0);
    pthread_t normal = start_as(SCHED_OTHER, 0, count, (void *)2);
    sleep_ms(50);
    CHECK(counts[0] > 0 && counts[2] == 0);
    struct sched_param p = {.sched_priority = 0};
    CHECK_EQUAL(pthread_setschedparam(urgent, SCHED_OTHER, &p), 0); /* now they are equal */
    for (int i = 0; i < 100 && !counts[2]; i++)
        sleep_ms(10);
    CHECK(counts[2] > 0);
    store(&stop, 1);
    finish(urgent);
    finish(normal);
}

static pthread_mutex_t first, second;

static void make_inheriting(pthread_mutex_t *mutex) {
    pthread_mutexattr_t a;

    pthread_mutexattr_init(&a);
    CHECK_EQUAL(pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT), 0);
    CHECK_EQUAL(pthread_mutex_init(mutex, &a), 0);
}

static void *hold_first(void *argument) {
    pthread_mutex_lock(&first);
    store(&word, 1);
    while (!load(&stop))
        ;
    note('l');
    pthread_mutex_unlock(&first);
    note('L');
    return argument;
}

static void *hold_second(void *argument) {
    pthread_mutex_lock(&second);
    pthread_mutex_lock(&first);
    note('s');
    pthread_mutex_unlock(&first);
    pthread_mutex_unlock(&second);
    note('S');
    return argument;
}

/* Would never let the low one go on, and then the high one could not either. */
static void *spin(void *argument) {
    int64_t end = now_ns(CLOCK_MONOTONIC) + 20 * SECOND;

    note('<');
    while (load(&finished) == 0 && now_ns(CLOCK_MONOTONIC) < end)
        ;
    CHECK(load(&finished));
    note('>');
    return argument;
}

static void *lock_high(void *mutex) {
    pthread_mutex_lock(mutex);
    note('h');
    pthread_mutex_unlock(mutex);
    store(&finished, 1);
    return NULL;
}

static void inherit(int chain) {
    pthread_t low, between = 0, middle, high;

    begin();
    store(&stop, 0);
    store(&finished, 0);
    make_inheriting(&first);
    make_inheriting(&second);
    become(SCHED_FIFO, HIGHEST);
    low = start_as(SCHED_FIFO, LOW, hold_first, NULL);
    CHECK(await(&word, 1));
    if (chain)
        between = start_as(SCHED_FIFO, LOW + 1, hold_second, NULL);
    sleep_ms(20); /* that one waits for the first mutex */
    middle = start_as(SCHED_FIFO, MIDDLE, spin, NULL);
    CHECK(await(&length, 1));
    high = start_as(SCHED_FIFO, HIGH, lock_high, chain ? &second : &first);
    sleep_ms(20); /* waits for the low one, and lends it its priority */
    store(&stop, 1);
    finish(high);
    finish(middle);
    if (chain)
        finish(between);
    finish(low);
}

static void test_inheritance(void) {
    inherit(0);
    check_order("<lh>L");
}

static void test_inheritance_chain(void) {
    inherit(1);
    check_order("<lsh>SL");
}

int main(void) {
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(0, &set);
    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
    RUN(test_waking);
    RUN(test_wake_order);
    RUN(test_fifo);
    RUN(test_round_robin);
    RUN(test_normal_waits);
    RUN(test_inheritance);
    RUN(test_inheritance_chain);
    return checks_end();
}
