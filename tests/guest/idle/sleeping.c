/* SPDX-License-Identifier: MIT */
/*
 * A guest that waits uses nothing: by the hypervisor's own account, less than 0.1 % of the
 * time on each vCPU, with threads that wait in several ways, and an alarm for processor
 * time that does not pass. What the log says begins when there is a second thread.
 */
// clock: instructions
// options: --log debug
// vcpus: 1 2 4
// stdout: slept
// stderr-like: vCPU 0 ran
// stderr-only: (?!.* vCPU ).*|.* vCPU \d ran \d+ us of \d{8}, 0\.0\d %, and had 1?\d timer .*
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

enum { SECONDS = 60 };

static sem_t never, over;

static void *sleep_in_parts(void *parts) {
    struct timespec t = {SECONDS / (long)parts, 0};

    for (long i = 0; i < (long)parts; i++)
        nanosleep(&t, NULL);
    return NULL;
}

static void *sleep_until(void *argument) {
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += SECONDS;
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
    return argument;
}

static void *wait_in_vain(void *argument) {
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += SECONDS;
    sem_timedwait(&never, &t);
    return argument;
}

static void *wait_for_end(void *argument) {
    sem_wait(&over);
    return argument;
}

int main(void) {
    static void *(*const ways[])(void *) = {sleep_in_parts, sleep_in_parts, sleep_until,
                                            wait_in_vain, wait_for_end};
    enum { THREADS = sizeof ways / sizeof *ways };
    struct itimerval never_spent = {.it_value = {SECONDS, 0}};
    pthread_t threads[THREADS];

    sem_init(&never, 0, 0);
    sem_init(&over, 0, 0);
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, ways[i], (void *)(i + 2));
    setitimer(ITIMER_PROF, &never_spent, NULL);
    sleep_in_parts((void *)1);
    sem_post(&over);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    puts("slept");
    return 0;
}
