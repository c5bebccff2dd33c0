/* SPDX-License-Identifier: MIT */
/*
 * kill to the process group and to everybody, where there is one process: its group is
 * itself; everybody but itself is nobody. Group 1 can only be named as 0, since -1 is
 * everybody. Not for the build host, where there are others.
 */
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
}

int main(void) {
    handle(SIGUSR1, count, 0);
    CHECK_EQUAL(kill(0, SIGUSR1), 0);
    CHECK_EQUAL(calls, 1);
    if (getpgrp() != 1) {
        CHECK_EQUAL(kill(-getpgrp(), SIGUSR1), 0);
        CHECK_EQUAL(killpg(getpgrp(), SIGUSR1), 0);
        CHECK_EQUAL(calls, 3);
    }
    calls = 0;
    CHECK_FAILS(kill(-1, SIGUSR1), ESRCH);
    CHECK_FAILS(kill(-0x3ffffff, SIGUSR1), ESRCH);
    CHECK_FAILS(killpg(-1, SIGUSR1), EINVAL);
    CHECK_FAILS(kill(0, 65), EINVAL);
    CHECK_EQUAL(kill(0, 0), 0);
    CHECK_FAILS(kill((pid_t)0x80000000, SIGUSR1), ESRCH);
    CHECK_EQUAL(calls, 0);
    return checks_end();
}
