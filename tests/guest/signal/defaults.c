/* SPDX-License-Identifier: MIT */
/*
 * Without a handler: the domain ends with 128 + signal whoever sent it, a timer, a thread
 * or the processor; a fault that is blocked or ignored ends it too; what is ignored by
 * default does nothing.
 */
// native: -pthread
// case: alarm
// args: alarm
// exit: 142
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGALRM\)$
// case: a timer's signal
// args: timer
// exit: 138
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGUSR1\)$
// case: virtual time
// args: virtual
// exit: 154
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGVTALRM\)$
// case: a blocked fault
// args: blocked
// exit: 139
// stdout: before
// stderr-like: ^atman: fatal: page fault reading 0x123456789000: .*\(SIGSEGV\)$
// case: an ignored fault
// args: ignored
// exit: 139
// stdout: before
// stderr-like: ^atman: fatal: page fault reading 0x123456789000: .*\(SIGSEGV\)$
// case: a fault in the handler for it
// args: twice
// exit: 139
// stdout: before
// stderr-like: ^atman: fatal: page fault reading 0x123456789000: .*\(SIGSEGV\)$
// case: no stack for the handler
// args: no_stack
// exit: 139
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGSEGV\)$
// case: another thread's fault
// args: thread
// exit: 136
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGFPE\)$
// stderr-like: in divide at .*signal/defaults\.c
// case: SIGTERM to a thread
// args: to_thread
// exit: 143
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGTERM\)$
// case: unblocked while pending
// args: pending
// exit: 129
// stdout: before
// stderr-like: ^atman: fatal: .*\(SIGHUP\)$
// case: nothing
// args: nothing
// stdout: before
// stdout: after
#define _GNU_SOURCE
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static char *volatile nowhere = (char *)0x123456789000;

__attribute__((noinline)) static void fault(void) {
    *(volatile char *)nowhere;
}

__attribute__((noinline)) static void divide(void) {
    __asm__ volatile("xor %%ecx, %%ecx\n div %%ecx" ::: "rax", "rcx", "rdx");
}

static void do_alarm(void) {
    struct itimerval t = {.it_value.tv_usec = 20000};

    setitimer(ITIMER_REAL, &t, NULL);
    for (;;)
        pause();
}

static void do_timer(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec t = {.it_value.tv_nsec = 20 * MILLISECOND};
    timer_t timer;

    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &t, NULL);
    for (volatile int i = 0;; i++) /* busy */
        ;
}

static void do_virtual(void) {
    struct itimerval t = {.it_value.tv_usec = 10000};

    setitimer(ITIMER_VIRTUAL, &t, NULL);
    for (volatile int i = 0;; i++)
        ;
}

static void do_blocked(void) {
    block(SIGSEGV);
    fault();
}

static void do_ignored(void) {
    signal(SIGSEGV, SIG_IGN);
    fault();
}

static void fault_again(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    fault();
}

static void do_twice(void) {
    handle(SIGSEGV, fault_again, 0);
    fault();
}

static void do_no_stack(void) {
    handle(SIGILL, fault_again, 0);
    __asm__ volatile("mov %0, %%rsp\n ud2" ::"r"(nowhere + 64) : "memory");
}

static void *divide_in_thread(void *argument) {
    divide();
    return argument;
}

static void do_thread(void) {
    pthread_t thread;

    pthread_create(&thread, NULL, divide_in_thread, NULL);
    for (;;)
        pause();
}

static void *wait_forever(void *argument) {
    for (;;)
        pause();
    return argument;
}

static void do_to_thread(void) {
    pthread_t thread;

    pthread_create(&thread, NULL, wait_forever, NULL);
    pthread_kill(thread, SIGTERM);
    for (;;)
        pause();
}

static void do_pending(void) {
    block(SIGHUP);
    raise(SIGHUP);
    unblock(SIGHUP);
}

static void do_nothing(void) {
    static const int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

    for (int i = 0; i < 4; i++) {
        raise(ignored[i]);
        kill(getpid(), ignored[i]);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*act)(void);
    } acts[] = {
        {"alarm", do_alarm},       {"timer", do_timer},     {"virtual", do_virtual},
        {"blocked", do_blocked},   {"ignored", do_ignored}, {"twice", do_twice},
        {"no_stack", do_no_stack}, {"thread", do_thread},   {"to_thread", do_to_thread},
        {"pending", do_pending},   {"nothing", do_nothing},
    };

    puts("before");
    fflush(stdout);
    for (size_t i = 0; argc > 1 && i < sizeof acts / sizeof *acts; i++)
        if (!strcmp(argv[1], acts[i].name))
            acts[i].act();
    puts("after");
    return 0;
}
