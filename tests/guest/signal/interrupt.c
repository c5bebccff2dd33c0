/* SPDX-License-Identifier: MIT */
/*
 * What a handled signal does to a thread that waits: EINTR with the time that remains, or,
 * where SA_RESTART says so and POSIX lets it, nothing at all.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "signal/disturb.h"

/* ns: Linux lets a sleep end that much later, and counts it as left. */
enum { SLACK = 50000 };

static sem_t semaphore;
static int word;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
}

/* Goes to sleep again for what remains until all of it has passed. */
static void sleep_in_pieces(int kind, int flags) {
    const int64_t wanted = 150 * MILLISECOND;
    struct timespec left = to_timespec(wanted);
    int64_t began = read_clock(CLOCK_MONOTONIC), last = wanted;
    pthread_t thread = begin(count, flags);
    int pieces = 0;

    for (;; pieces++) {
        int error;
        if (kind == 0)
            error = nanosleep(&left, &left) ? errno : 0;
        else
            error = clock_nanosleep(kind == 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME, 0, &left,
                                    &left);
        if (!error)
            break;
        CHECK_EQUAL(error, EINTR);
        int64_t now = left.tv_sec * SECOND + left.tv_nsec;
        CHECK(now <= last + SLACK && now >= 0);
        last = now;
    }
    CHECK(read_clock(CLOCK_MONOTONIC) - began >= wanted);
    CHECK(pieces >= 1 && calls >= pieces);
    end(thread);
}

static void test_sleep(void) {
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART)
        for (int kind = 0; kind < 3; kind++)
            sleep_in_pieces(kind, flags);
    pthread_t thread = begin(count, 0);
    unsigned left = sleep(3);
    CHECK(left >= 1 && left <= 3); /* a busy machine */
    CHECK_FAILS(usleep(900000), EINTR);
    end(thread);
}

static void test_absolute_sleep(void) {
    int64_t until = read_clock(CLOCK_MONOTONIC) + 200 * MILLISECOND;
    struct timespec t = to_timespec(until), left = {77, 77};
    pthread_t thread = begin(count, 0);
    int error, pieces = 0;

    while ((error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left)) == EINTR)
        pieces++;
    CHECK_EQUAL(error, 0);
    CHECK(pieces >= 1 && read_clock(CLOCK_MONOTONIC) >= until);
    CHECK(left.tv_sec == 77 && left.tv_nsec == 77); /* only what is relative remains */
    end(thread);
}

static void *post_later(void *argument) {
    for (int patience = 10000; calls < 3 && patience; patience--)
        sleep_ns(MILLISECOND);
    if (argument)
        __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &word, 1 /* FUTEX_WAKE */, 1);
    sem_post(&semaphore);
    return NULL;
}

static void test_semaphore(void) {
    struct timespec far = to_timespec(read_clock(CLOCK_REALTIME) + 100 * SECOND);
    pthread_t poster, thread = begin(count, 0);

    CHECK_EQUAL(sem_init(&semaphore, 0, 0), 0);
    CHECK_FAILS(sem_wait(&semaphore), EINTR);
    CHECK_FAILS(sem_timedwait(&semaphore, &far), EINTR);
    end(thread);
    thread = begin(count, SA_RESTART);
    CHECK_EQUAL(pthread_create(&poster, NULL, post_later, NULL), 0);
    CHECK_EQUAL(sem_wait(&semaphore), 0);
    CHECK(calls >= 3);
    CHECK_EQUAL(pthread_join(poster, NULL), 0);
    end(thread);
}

static long wait_on_word(const struct timespec *t) {
    return syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, t, NULL, 0);
}

static void test_futex(void) {
    struct timespec far = {100, 0};
    pthread_t poster, thread = begin(count, 0);

    word = 0;
    CHECK_FAILS(wait_on_word(NULL), EINTR);
    CHECK_FAILS(wait_on_word(&far), EINTR);
    end(thread);
    thread = begin(count, SA_RESTART);
    CHECK_EQUAL(pthread_create(&poster, NULL, post_later, &word), 0);
    /* Made again after a handler it may find the word changed before the wake. */
    CHECK(!wait_on_word(NULL) || errno == EAGAIN);
    CHECK(calls >= 3);
    CHECK_EQUAL(pthread_join(poster, NULL), 0);
    CHECK_EQUAL(sem_trywait(&semaphore), 0);
    word = 0;
    CHECK_FAILS(wait_on_word(&far), EINTR); /* with a limit, always */
    end(thread);
}

/* These never say EINTR. */
static void test_mutex_and_condition(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_t thread = begin(count, 0);
    struct timespec limit = to_timespec(read_clock(CLOCK_REALTIME) + 150 * MILLISECOND);

    CHECK_EQUAL(pthread_mutex_lock(&lock), 0);
    CHECK_EQUAL(pthread_mutex_timedlock(&lock, &limit), ETIMEDOUT);
    limit = to_timespec(read_clock(CLOCK_REALTIME) + 150 * MILLISECOND);
    int error; /* may wake for nothing */
    do
        error = pthread_cond_timedwait(&condition, &lock, &limit);
    while (!error);
    CHECK_EQUAL(error, ETIMEDOUT);
    CHECK(read_clock(CLOCK_REALTIME) >= limit.tv_sec * SECOND + limit.tv_nsec);
    pthread_mutex_unlock(&lock);
    CHECK(calls >= 2);
    end(thread); /* and join goes on through whatever is sent */
}

/* A signal that is ignored, or blocked, disturbs nobody. */
static void test_undisturbed(void) {
    struct timespec t = to_timespec(30 * MILLISECOND), left = {77, 77};
    pthread_t thread = begin(count, 0);

    signal(SIGUSR1, SIG_IGN);
    CHECK_EQUAL(nanosleep(&t, &left), 0);
    block(SIGUSR1);
    handle(SIGUSR1, count, 0);
    calls = 0;
    CHECK_EQUAL(nanosleep(&t, &left), 0);
    CHECK(left.tv_sec == 77 && left.tv_nsec == 77);
    CHECK_EQUAL(calls, 0);
    end(thread);
    unblock(SIGUSR1);
}

int main(void) {
    period_ms = 5;
    test_sleep();
    test_absolute_sleep();
    test_semaphore();
    test_futex();
    test_mutex_and_condition();
    test_undisturbed();
    return checks_end();
}
