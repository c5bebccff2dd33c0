/* SPDX-License-Identifier: MIT */
/*
 * What a collector does to look at all stacks: a signal to every thread, whose handler says
 * that it has stopped and waits in sigsuspend for another signal. While they are stopped
 * nobody goes on; afterwards everybody does, as if nothing had been.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <semaphore.h>
#include <sys/mman.h>

#include "check.h"
#include "handlers.h"

enum { THREADS = 6, ROUNDS = 40 };

static sem_t stopped;
static volatile int stop, go, wrong;
static volatile long progress[THREADS];
static volatile int lock_held;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void stop_here(int signal, siginfo_t *info, void *context) {
    int saved = errno, round = go;
    sigset_t others;

    (void)signal, (void)info, (void)context;
    sigfillset(&others);
    sigdelset(&others, SIGUSR2);
    sem_post(&stopped);
    while (go == round)
        sigsuspend(&others);
    sem_post(&stopped);
    errno = saved;
}

static void nothing(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
}

/* Every kind of thing that a thread may be stopped in. */
static void *work(void *argument) {
    long me = (long)argument;
    struct timespec little = {.tv_nsec = 100000};

    while (!stop) {
        progress[me]++;
        switch (me % 4) {
        case 0:
            break; /* busy */
        case 1:
            nanosleep(&little, NULL);
            break;
        case 2:
            pthread_mutex_lock(&lock);
            wrong += lock_held++;
            for (volatile int i = 0; i < 100; i++)
                ;
            lock_held--;
            pthread_mutex_unlock(&lock);
            break;
        default: {
            char *p = malloc(50000);
            memset(p, (int)me, 50000);
            wrong += p[49999] != (char)me;
            free(p);
            munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
        }
        }
    }
    return NULL;
}

static void wait_for_all(void) {
    for (int i = 0; i < THREADS; i++)
        while (sem_wait(&stopped))
            ;
}

int main(void) {
    pthread_t threads[THREADS];
    struct sigaction action = {.sa_sigaction = stop_here,
                               .sa_flags = SA_SIGINFO | SA_RESTART};

    sigfillset(&action.sa_mask); /* the other signal only in sigsuspend */
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    handle(SIGUSR2, nothing, SA_RESTART);
    CHECK_EQUAL(sem_init(&stopped, 0, 0), 0);
    for (long i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    for (int round = 0; round < ROUNDS; round++) {
        long before[THREADS];
        sleep_ns(MILLISECOND);
        for (int i = 0; i < THREADS; i++)
            CHECK_EQUAL(pthread_kill(threads[i], SIGUSR1), 0);
        wait_for_all();
        memcpy(before, (void *)progress, sizeof before);
        sleep_ns(MILLISECOND);
        CHECK(!memcmp(before, (void *)progress, sizeof before));
        go++;
        for (int i = 0; i < THREADS; i++)
            CHECK_EQUAL(pthread_kill(threads[i], SIGUSR2), 0);
        wait_for_all();
    }
    for (int i = 0; i < THREADS; i++) {
        long before = progress[i];
        for (int patience = 20000; progress[i] == before && patience; patience--)
            sleep_ns(MILLISECOND);
        CHECK(progress[i] != before);
    }
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(wrong, 0);
    return checks_end();
}
