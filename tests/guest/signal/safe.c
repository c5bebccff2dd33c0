/* SPDX-License-Identifier: MIT */
/*
 * Handlers that call what POSIX lets them call, at any moment, also in the middle of the
 * same functions: nothing is held up, nothing broken, errno is the program's.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum { SIGNALS = 150 };

static volatile int calls, wrong, wrong_line, inner;
static sem_t semaphore;

#define EXPECT(x)                                                                          \
    do {                                                                                   \
        if (!(x)) {                                                                        \
            wrong++;                                                                       \
            wrong_line = __LINE__;                                                         \
        }                                                                                  \
    } while (0)

static void count_inner(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    inner++;
}

static void work_in_handler(int signal, siginfo_t *info, void *context) {
    int saved = errno, before = inner;
    struct timespec t, little = {.tv_nsec = 1000};
    struct rlimit limit;
    sigset_t set = set_of(SIGUSR2), old;

    (void)signal, (void)info, (void)context;
    EXPECT(write(1, "", 0) == 0);
    EXPECT(write(77, "", 1) == -1 && errno == EBADF);
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    EXPECT(getpid() > 0);
    EXPECT(sem_post(&semaphore) == 0);
    EXPECT(pthread_sigmask(SIG_BLOCK, &set, &old) == 0);
    EXPECT(raise(SIGUSR2) == 0);
    EXPECT(inner == before && is_pending(SIGUSR2));
    EXPECT(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
    EXPECT(inner == before + 1);
    EXPECT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    EXPECT(nanosleep(&little, NULL) == 0 || errno == EINTR);
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(p != MAP_FAILED && p[4096] == 0);
    p[4096] = 1;
    EXPECT(mprotect(p, 4096, PROT_READ) == 0);
    EXPECT(munmap(p, 8192) == 0);
    calls++;
    errno = saved;
}

/* What the handler interrupts, a different call every time. */
static void work(int i) {
    struct timespec t, little = {.tv_nsec = 20000};
    sigset_t set = set_of(SIGUSR1), old;
    char *p;

    switch (i % 7) {
    case 0:
        p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT(p != MAP_FAILED);
        for (int j = 0; j < 4; j++)
            p[j * 4096] = 1;
        EXPECT(munmap(p, 16384) == 0);
        break;
    case 1:
        p = malloc(300000);
        EXPECT(p != NULL);
        p[100000] = 1;
        free(p);
        break;
    case 2:
        EXPECT(clock_gettime(CLOCK_REALTIME, &t) == 0);
        break;
    case 3:
        EXPECT(pthread_sigmask(SIG_BLOCK, &set, &old) == 0);
        EXPECT(raise(SIGUSR1) == 0 && sigpending(&set) == 0);
        EXPECT(sigismember(&set, SIGUSR1));
        EXPECT(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
        break;
    case 4:
        EXPECT(nanosleep(&little, NULL) == 0 || errno == EINTR);
        break;
    case 5:
        while (sem_trywait(&semaphore) == 0)
            ;
        break;
    default:
        EXPECT(write(1, "", 0) == 0);
    }
    errno = 4711;
    for (volatile int j = 0; j < 100; j++)
        ;
    EXPECT(errno == 4711);
}

int main(void) {
    struct itimerval often = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};

    CHECK_EQUAL(sem_init(&semaphore, 0, 0), 0);
    handle(SIGUSR1, count_inner, 0);
    handle(SIGUSR2, count_inner, 0);
    handle(SIGALRM, work_in_handler, SA_RESTART);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
    for (int i = 0; calls < SIGNALS; i++)
        work(i);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &off, NULL), 0);
    CHECK(calls >= SIGNALS);
    if (!CHECK(wrong == 0))
        printf("    %d times, last in line %d\n", wrong, wrong_line);
    return checks_end();
}
