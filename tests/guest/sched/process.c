/* SPDX-License-Identifier: MIT */
/*
 * Clone flags that would make another process are ENOSYS in a guest, as are fork and its
 * kin; the program, also one with threads, goes on.
 */
// stdout-from: checks
// vcpus: 1 2
#define _GNU_SOURCE
#include "sched/raw_thread.h"

#include <spawn.h>
#include <sys/wait.h>

static char stack[16384] __attribute__((aligned(16)));

static int never(void *argument) {
    (void)argument;
    raw_call(SYS_exit_group, 99, 0, 0, 0);
    return 0;
}

static void check_flags(void) {
    static const unsigned long flags[] = {SIGCHLD,
                                          0,
                                          CLONE_VM | CLONE_VFORK | SIGCHLD,
                                          CLONE_VM | SIGCHLD,
                                          CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS,
                                          CLONE_NEWPID | SIGCHLD};

    for (size_t i = 0; i < LENGTH(flags); i++) {
        struct clone_call call = {.flags = flags[i], .stack = stack + sizeof stack};

        if (!CHECK_EQUAL(raw_clone(&call, never, NULL), -ENOSYS))
            printf("    flags %zu\n", i);
    }
}

static void check_functions(void) {
    char *arguments[] = {"true", NULL};
    pid_t child;

    CHECK_FAILS(fork(), ENOSYS);
    CHECK_FAILS(vfork(), ENOSYS);
    CHECK_FAILS(clone(never, stack + sizeof stack, SIGCHLD, NULL), ENOSYS);
    CHECK_FAILS(clone(never, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL), ENOSYS);
    CHECK_EQUAL(posix_spawn(&child, "/bin/true", NULL, NULL, arguments, NULL), ENOSYS);
    CHECK_FAILS(syscall(SYS_clone3, NULL, 0l), ENOSYS);
}

static volatile int stop;

static void *spin(void *argument) {
    while (!load(&stop))
        ;
    return argument;
}

static void *check_all(void *argument) {
    check_flags();
    check_functions();
    return argument;
}

static void test_alone(void) {
    check_all(NULL);
}

static void test_beside_others(void) {
    pthread_t spinner = start(spin, NULL);

    check_all(NULL);
    finish(start(check_all, NULL));
    store(&stop, 1);
    finish(spinner);
}

int main(void) {
    RUN(test_alone);
    RUN(test_beside_others);
    return checks_end();
}
