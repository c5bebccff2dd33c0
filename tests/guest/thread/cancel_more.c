/* SPDX-License-Identifier: MIT */
/*
 * Cancellation where one does not look for it: before the console is read or written, of a
 * wait that is no cancellation point but is asynchronous, and of the main thread.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <semaphore.h>
#include <signal.h>

static sem_t never;
static pthread_t endless;
static sigset_t blocked;
static volatile int through;

static void in_nanosleep(void) {
    static const struct timespec hour = {3600, 0};

    nanosleep(&hour, NULL);
}

static void in_sem_wait(void) {
    sem_wait(&never);
}

static void in_pause(void) {
    pause();
}

static void in_sigwait(void) {
    int number;

    sigwait(&blocked, &number);
}

static void in_join(void) {
    pthread_join(endless, NULL);
}

/* What it would have moved is not moved: the request is looked at first. */
static void *write_too_late(void *argument) {
    char byte;

    pthread_cancel(pthread_self());
    if (argument)
        CHECK_EQUAL(write(1, "\nwritten in spite of it\n", 24), 0);
    else
        CHECK_EQUAL(read(0, &byte, 1), 0);
    CHECK(!"went on");
    return argument;
}

static void test_console(void) {
    CHECK(finish(start(write_too_late, &never)) == PTHREAD_CANCELED);
    CHECK(finish(start(write_too_late, NULL)) == PTHREAD_CANCELED);
}

/* Asynchronous, a wait that is no such point ends as well; so does one that is. */
static void *wait_asynchronously(void *point) {
    volatile int word = 0;
    int old;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    store(&through, 1);
    if (point)
        ((void (*)(void))point)();
    else
        syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
    CHECK(!"went on");
    return NULL;
}

static void test_asynchronous(void) {
    void *const waits[] = {NULL,
                           (void *)in_nanosleep,
                           (void *)in_sem_wait,
                           (void *)in_pause,
                           (void *)in_sigwait,
                           (void *)in_join};

    for (size_t i = 0; i < LENGTH(waits); i++)
        for (long ms = 0; ms < 12; ms += 5) {
            store(&through, 0);
            pthread_t thread = start(wait_asynchronously, waits[i]);
            CHECK(await(&through, 1));
            sleep_ms(ms);
            CHECK_EQUAL(pthread_cancel(thread), 0);
            CHECK(finish(thread) == PTHREAD_CANCELED);
        }
}

/* The main thread can be cancelled; the program goes on, and the others can join it. */
static pthread_t main_thread;

static void *cancel_main(void *argument) {
    sleep_ms(5);
    CHECK_EQUAL(pthread_cancel(main_thread), 0);
    CHECK(finish(main_thread) == PTHREAD_CANCELED);
    CHECK_EQUAL(load(&through), 78);
    CHECK(getpid() > 0 && kill(getpid(), 0) == 0);
    exit(checks_end());
    return argument;
}

static void note_main(void *argument) {
    (void)argument;
    store(&through, 78);
}

static void test_main(void) {
    store(&through, 77);
    main_thread = pthread_self();
    start(cancel_main, NULL);
    pthread_cleanup_push(note_main, NULL);
    in_pause();
    CHECK(!"went on");
    pthread_cleanup_pop(0);
}

static void *pause_for_ever(void *argument) {
    in_pause();
    return argument;
}

int main(void) {
    sem_init(&never, 0, 0);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    endless = start(pause_for_ever, NULL);
    RUN(test_console);
    RUN(test_asynchronous);
    RUN(test_main);
    return 1;
}
