/* SPDX-License-Identifier: MIT */
/*
 * Running a child: see supervise.h. Signals are blocked from before the child starts until
 * its pid is known, so none is lost and none reaches a pid that is not the child's.
 */
#include "supervise.h"

#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const int ending[] = {SIGHUP, SIGINT, SIGTERM};

/* Handlers have no argument to hold these. */
static volatile sig_atomic_t child;
static volatile sig_atomic_t caught;

static void pass_on(int number) {
    caught = number;
    if (child > 0)
        kill((pid_t)child, number);
}

static void install_handlers(void) {
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
        struct sigaction old;

        sigemptyset(&action.sa_mask);
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
}

/* The child is dead; what it had started are our children now. */
static void end_orphans(void) {
    char path[64];
    FILE *children;
    long pid;

    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    children = fopen(path, "re");
    while (children && fscanf(children, "%ld", &pid) == 1)
        kill((pid_t)pid, SIGTERM);
    if (!children)
        return;
    fclose(children);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
}

int supervise(const struct argv *command, int *wait_status) {
    sigset_t set, old;
    siginfo_t info;
    pid_t pid;
    int error;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        sigaddset(&set, ending[i]);
    sigprocmask(SIG_BLOCK, &set, &old);
    install_handlers();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    error = process_start(command, NULL, &pid);
    if (!error)
        child = (sig_atomic_t)pid;
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (error)
        return error;
    /* Until it is reaped the pid stays the child's: no signal can hit a stranger. */
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    child = 0;
    error = process_wait(pid, wait_status);
    if (error)
        return error;
    if (caught)
        *wait_status = caught; /* as waitpid() writes "killed by" */
    if (WIFSIGNALED(*wait_status))
        end_orphans();
    return 0;
}
