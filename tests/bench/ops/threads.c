/* SPDX-License-Identifier: MIT */
/* Threads: handing a turn back and forth with a futex, and their coming and going. */
#define _GNU_SOURCE
#include "op.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/futex.h, which musl does not bring along. */
enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };

/* Whose turn it is: 0 the main thread's, 1 the other's. */
static atomic_int turn;

static void futex(int operation, int value) {
    if (syscall(SYS_futex, &turn, operation, value, NULL) < 0 && errno != EAGAIN &&
        errno != EINTR)
        op_fail("futex", errno);
}

/* Gives the turn away and waits until it is back. */
static void hand_over(int mine) {
    atomic_store(&turn, !mine);
    futex(FUTEX_WAKE_PRIVATE, 1);
    while (atomic_load(&turn) != mine)
        futex(FUTEX_WAIT_PRIVATE, !mine);
}

static void pin(pthread_t thread, unsigned cpu) {
    cpu_set_t set;
    int error;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    error = pthread_setaffinity_np(thread, sizeof set, &set);
    if (error)
        op_fail("pthread_setaffinity_np", error);
}

static void *partner(void *unused) {
    while (atomic_load(&turn) != 1)
        futex(FUTEX_WAIT_PRIVATE, 0);
    for (;;)
        hand_over(1);
    return unused;
}

static void pingpong_prepare(unsigned cpu) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, partner, NULL);

    if (error)
        op_fail("pthread_create", error);
    pin(pthread_self(), 0);
    pin(thread, cpu);
}

static void pingpong_1_prepare(unsigned long count) {
    (void)count;
    pingpong_prepare(0);
}

static void pingpong_2_prepare(unsigned long count) {
    (void)count;
    pingpong_prepare(1);
}

static void pingpong_run(unsigned long count) {
    while (count--)
        hand_over(0);
}

static void *nothing(void *argument) {
    return argument;
}

static void thread_run(unsigned long count) {
    while (count--) {
        pthread_t thread;
        int error = pthread_create(&thread, NULL, nothing, NULL);

        if (!error)
            error = pthread_join(thread, NULL);
        if (error)
            op_fail("pthread_create and pthread_join", error);
    }
}

const struct op op_pingpong_1 = {"pingpong_1", 1, 1000, pingpong_1_prepare,
                                 pingpong_run, 20};
const struct op op_pingpong_2 = {"pingpong_2", 2, 1000, pingpong_2_prepare,
                                 pingpong_run, 20};
const struct op op_thread = {"thread", 1, 500, NULL, thread_run, 10};
