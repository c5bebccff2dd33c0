/* SPDX-License-Identifier: MIT */
/*
 * System calls by the `syscall` instruction: each does what the C library's function does,
 * errors come as negative numbers, and numbers that are none are ENOSYS. From main and from
 * a thread, and with handlers and restorers that a program brings itself.
 */
// native: -pthread
// vcpus: 1 2 4
// case: calls
// args: calls
// stdout-like: raw
// stdout-like: raw
// stdout-like: \d+ checks, 0 failed
// case: the end
// args: end
// stdout:
// exit: 77
#define _GNU_SOURCE
#include "raw/raw.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, last;

static void test_simple(void) {
    struct utsname raw_name, name;

    CHECK_EQUAL(RAW(SYS_getpid), getpid());
    CHECK_EQUAL(RAW(SYS_getppid), getppid());
    CHECK_EQUAL(RAW(SYS_gettid), syscall(SYS_gettid));
    CHECK_EQUAL(RAW(SYS_write, 1, "raw\n", 4), 4);
    CHECK_EQUAL(RAW(SYS_uname, &raw_name), 0);
    uname(&name);
    CHECK(!strcmp(raw_name.release, name.release));
    CHECK_EQUAL(RAW(SYS_sched_yield), 0);
}

static void test_time(void) {
    struct timespec t = {0}, ten = {.tv_nsec = 10 * MILLISECOND};
    int64_t before = read_clock(CLOCK_MONOTONIC);

    CHECK_EQUAL(RAW(SYS_clock_gettime, CLOCK_MONOTONIC, &t), 0);
    int64_t now = t.tv_sec * SECOND + t.tv_nsec;
    CHECK(now >= before && now <= read_clock(CLOCK_MONOTONIC));
    CHECK_EQUAL(RAW(SYS_nanosleep, &ten, NULL), 0);
    CHECK(read_clock(CLOCK_MONOTONIC) >= now + 10 * MILLISECOND);
    CHECK(labs((long)(RAW(SYS_time, NULL) - time(NULL))) <= 1);
}

static void test_memory(void) {
    char *p = (char *)RAW(SYS_mmap, NULL, 3 * 4096, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK((unsigned long)p < -4096ul);
    p[0] = p[3 * 4096 - 1] = 1;
    CHECK_EQUAL(RAW(SYS_mprotect, p, 4096, PROT_READ), 0);
    CHECK_EQUAL(RAW(SYS_munmap, p, 3 * 4096), 0);
    CHECK_EQUAL(RAW(SYS_mmap, NULL, 0, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), -EINVAL);
    CHECK_EQUAL(RAW(SYS_munmap, 1, 4096), -EINVAL);
}

static void test_errors(void) {
    static const long numbers[] = {-1, 999, 100000, 0x7fffffff};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        CHECK_EQUAL(RAW(numbers[i], 1, 2, 3), -ENOSYS);
    CHECK_EQUAL(RAW(SYS_write, 99, "x", 1), -EBADF);
    CHECK_EQUAL(RAW(SYS_write, 1, 8, 1), -EFAULT);
    CHECK_EQUAL(RAW(SYS_clock_gettime, CLOCK_MONOTONIC, 0xffff888000000000), -EFAULT);
    CHECK_EQUAL(RAW(SYS_clock_gettime, 999, 0), -EINVAL);
    CHECK_EQUAL(RAW(SYS_kill, 0x3fffffff, SIGUSR1), -ESRCH);
}

static void count(int signal, siginfo_t *info, void *context) {
    (void)info, (void)context;
    calls++;
    last = signal;
}

/* As the kernel has it, with the program's own way back. */
struct kernel_action {
    handler_function *handler;
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

void own_restorer(void);
__asm__(".text\nown_restorer: mov $15, %eax\n syscall\n");

static long send_self(void) {
    return RAW(SYS_tgkill, getpid(), RAW(SYS_gettid), SIGUSR1);
}

static void test_signals(void) {
    struct kernel_action action = {count, SA_SIGINFO | 0x04000000, own_restorer, 0}, old;
    unsigned long set = 1ul << (SIGUSR1 - 1), pending = 0;
    struct timespec zero = {0};

    CHECK_EQUAL(RAW(SYS_rt_sigaction, SIGUSR1, &action, &old, 8), 0);
    calls = 0;
    CHECK_EQUAL(send_self(), 0);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(send_self(), 0);
    CHECK_EQUAL(calls, 2);
    CHECK_EQUAL(RAW(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8), 0);
    CHECK_EQUAL(send_self(), 0);
    CHECK_EQUAL(calls, 2);
    CHECK_EQUAL(RAW(SYS_rt_sigpending, &pending, 8), 0);
    CHECK_EQUAL(pending, set);
    CHECK_EQUAL(RAW(SYS_rt_sigtimedwait, &set, NULL, &zero, 8), SIGUSR1);
    CHECK_EQUAL(RAW(SYS_rt_sigtimedwait, &set, NULL, &zero, 8), -EAGAIN);
    CHECK_EQUAL(send_self(), 0);
    CHECK_EQUAL(RAW(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8), 0);
    CHECK_EQUAL(calls, 3);
    /* pending when the wait begins */
    unsigned long none = 0;
    CHECK_EQUAL(RAW(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8), 0);
    CHECK_EQUAL(send_self(), 0);
    CHECK_EQUAL(RAW(SYS_rt_sigsuspend, &none, 8), -EINTR);
    CHECK_EQUAL(calls, 4);
    CHECK_EQUAL(RAW(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8), 0);
}

static pthread_t sleeper;
static volatile int awake;

static void *disturb(void *argument) {
    while (!awake) {
        sleep_ns(3 * MILLISECOND);
        pthread_kill(sleeper, SIGUSR1);
    }
    return argument;
}

static void test_interrupted(void) {
    struct timespec hour = {3600, 0}, left = {0};
    pthread_t thread;
    int word = 0;

    calls = awake = 0;
    sleeper = pthread_self();
    CHECK_EQUAL(pthread_create(&thread, NULL, disturb, NULL), 0);
    CHECK_EQUAL(RAW(SYS_nanosleep, &hour, &left), -EINTR);
    CHECK(calls >= 1 && left.tv_sec >= 3500 && left.tv_sec < 3600);
    CHECK_EQUAL(RAW(SYS_futex, &word, 128, 0, 0), -EINTR);
    CHECK_EQUAL(RAW(SYS_pause), -EINTR);
    awake = 1;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

static void test_all(void) {
    test_simple();
    test_time();
    test_memory();
    test_errors();
    test_signals();
    test_interrupted();
}

static void *run(void *argument) {
    test_all();
    return argument;
}

int main(int argc, char **argv) {
    pthread_t thread;

    if (argc > 1 && !strcmp(argv[1], "end")) {
        RAW(SYS_write, 1, "\n", 1);
        RAW(SYS_exit_group, 77);
    }
    test_all();
    CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    return checks_end();
}
