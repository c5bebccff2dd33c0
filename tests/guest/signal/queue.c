/* SPDX-License-Identifier: MIT */
/*
 * sigqueue: the value arrives, real-time signals are queued each, in the order sent, the
 * lowest number first; there is a limit, and what is sent to nobody is refused.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum { KEPT = 400 };

static volatile int count;
static struct {
    int signal, code, value;
    pid_t pid;
    uid_t uid;
} got[KEPT];

static void keep(int signal, siginfo_t *info, void *context) {
    (void)context;
    if (count < KEPT) {
        got[count].signal = signal;
        got[count].code = info->si_code;
        got[count].value = info->si_value.sival_int;
        got[count].pid = info->si_pid;
        got[count].uid = info->si_uid;
    }
    count++;
}

static int send(int signal, int value) {
    return sigqueue(getpid(), signal, (union sigval){.sival_int = value});
}

static void test_value(void) {
    const int signals[] = {SIGUSR1, SIGRTMIN, SIGRTMAX, SIGCHLD};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        count = 0;
        handle(signals[i], keep, 0);
        CHECK_EQUAL(send(signals[i], 1234 + (int)i), 0);
        CHECK(count == 1 && got[0].signal == signals[i] && got[0].code == SI_QUEUE);
        CHECK_EQUAL(got[0].value, 1234 + (int)i);
        CHECK(got[0].pid == getpid() && got[0].uid == getuid());
    }
    count = 0;
    int here, *pointer = &here;
    CHECK_EQUAL(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = pointer}), 0);
    CHECK_EQUAL(count, 1);
}

static void hold(int lowest, int how) {
    sigset_t set = set_of(0);

    for (int i = lowest; i <= lowest + 3; i++)
        sigaddset(&set, i);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    CHECK_EQUAL(sigprocmask(how, &set, NULL), 0);
}

/*
 * Linux sets up a handler for each pending signal before the first of them runs, so the
 * order of delivery is seen with sigwaitinfo; with handlers, if they block one another.
 */
static void test_order(void) {
    int base = SIGRTMIN + 2;
    sigset_t all;
    siginfo_t info;

    hold(base, SIG_BLOCK);
    for (int i = 0; i < 200; i++)
        CHECK_EQUAL(send(base + i % 4, i), 0);
    CHECK_EQUAL(send(SIGUSR2, 777), 0);
    CHECK_EQUAL(send(SIGUSR2, 778), 0); /* merged */
    sigfillset(&all);
    CHECK_EQUAL(sigwaitinfo(&all, &info), SIGUSR2); /* the others first */
    CHECK(info.si_value.sival_int == 777 && info.si_code == SI_QUEUE);
    for (int i = 0; i < 200; i++) {
        CHECK_EQUAL(sigwaitinfo(&all, &info), base + i / 50);
        CHECK(info.si_signo == base + i / 50 && info.si_code == SI_QUEUE);
        CHECK_EQUAL(info.si_value.sival_int, i % 50 * 4 + i / 50);
    }
    struct timespec zero = {0};
    CHECK_FAILS(sigtimedwait(&all, &info, &zero), EAGAIN);
    /* one signal's own order with a handler */
    count = 0;
    handle(base, keep, 0);
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(send(base, i), 0);
    CHECK_EQUAL(count, 0);
    hold(base, SIG_UNBLOCK);
    CHECK_EQUAL(count, 100);
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(got[i].value, i);
}

/* kill, tgkill and sigqueue of the same real-time signal: each arrives, with its own code.
 */
static void test_mixed(void) {
    int signal = SIGRTMIN + 1;

    block(signal);
    count = 0;
    handle(signal, keep, 0);
    CHECK_EQUAL(send(signal, 1), 0);
    CHECK_EQUAL(kill(getpid(), signal), 0);
    CHECK_EQUAL(send(signal, 2), 0);
    unblock(signal);
    CHECK_EQUAL(count, 3);
    CHECK(got[0].code == SI_QUEUE && got[0].value == 1);
    CHECK_EQUAL(got[1].code, SI_USER);
    CHECK(got[2].code == SI_QUEUE && got[2].value == 2);
    /* to this thread, with a code and a value of one's own */
    siginfo_t own = {.si_signo = signal, .si_code = SI_MESGQ};
    own.si_value.sival_int = 99;
    long tid = syscall(SYS_gettid);
    CHECK_EQUAL(syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, signal, &own), 0);
    CHECK(count == 4 && got[3].code == SI_MESGQ && got[3].value == 99);
    CHECK_FAILS(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0x3ffffff, signal, &own), ESRCH);
    CHECK_FAILS(syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, 65, &own), EINVAL);
}

static void test_limit(void) {
    struct rlimit old, low = {60, 60};
    int signal = SIGRTMIN + 1, sent = 0;

    CHECK_EQUAL(getrlimit(RLIMIT_SIGPENDING, &old), 0);
    CHECK(old.rlim_cur >= 32); /* _POSIX_SIGQUEUE_MAX */
    low.rlim_max = old.rlim_max;
    CHECK_EQUAL(setrlimit(RLIMIT_SIGPENDING, &low), 0);
    block(signal);
    block(SIGUSR1);
    count = 0;
    while (sent < 1000 && send(signal, sent) == 0)
        sent++;
    CHECK_EQUAL(errno, EAGAIN);
    CHECK(sent >= 32 && sent <= 60);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0); /* needs no place in the queue */
    CHECK(is_pending(SIGUSR1));
    unblock(SIGUSR1);
    CHECK_EQUAL(count, 1);
    unblock(signal);
    CHECK_EQUAL(count, sent + 1);
    CHECK_EQUAL(got[sent].value, sent - 1);
    CHECK_EQUAL(send(signal, 5), 0); /* there is room again */
    CHECK_EQUAL(count, sent + 2);
    CHECK_EQUAL(setrlimit(RLIMIT_SIGPENDING, &old), 0);
}

static void test_errors(void) {
    const union sigval v = {0};

    CHECK_FAILS(sigqueue(getpid(), 65, v), EINVAL);
    CHECK_FAILS(sigqueue(getpid(), -1, v), EINVAL);
    CHECK_FAILS(sigqueue(0x3fffffff, SIGUSR1, v), ESRCH);
    CHECK_EQUAL(sigqueue(getpid(), 0, v), 0);
    handle(SIGUSR1, keep, 0);
    signal(SIGUSR1, SIG_IGN);
    count = 0;
    CHECK_EQUAL(sigqueue(getpid(), SIGUSR1, v), 0);
    CHECK_EQUAL(count, 0);
}

int main(void) {
    test_value();
    test_order();
    test_mixed();
    test_limit();
    test_errors();
    return checks_end();
}
