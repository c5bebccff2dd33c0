/* SPDX-License-Identifier: MIT */
/*
 * Children that die with us: see child.h. The death signal can only be asked for between
 * fork and exec, which posix_spawn (process.h) has no room for. A failing exec is reported
 * through a pipe that a successful one closes.
 */
#include "child.h"

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Makes fds[i] descriptor i. Returns 0 or a negative errno. */
static int place(const int fds[3]) {
    int moved[3];

    for (int i = 0; i < 3; i++) {
        moved[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
        if (moved[i] < 0)
            return -errno;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(moved[i], i) < 0)
            return -errno;
    return 0;
}

/* The child between fork and exec. Returns only on failure, with a negative errno. */
static int become(const struct argv *command, const int fds[3], pid_t parent) {
    sigset_t none;
    int error = place(fds);

    if (error)
        return error;
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return -errno;
    if (getppid() != parent) /* it ended before the line above: nobody is left to tell */
        return -ESRCH;
    return process_exec(command);
}

int child_start(struct child *child, const struct argv *command, const int fds[3]) {
    pid_t parent = getpid();
    int report[2], error = 0;
    ssize_t n;

    if (pipe2(report, O_CLOEXEC) < 0)
        return -errno;
    child->pid = fork();
    if (child->pid == 0) {
        error = become(command, fds, parent);
        n = write(report[1], &error, sizeof error);
        _exit(n == sizeof error ? 127 : 126);
    }
    if (child->pid < 0)
        error = -errno;
    close(report[1]);
    if (child->pid > 0) {
        do
            n = read(report[0], &error, sizeof error);
        while (n < 0 && errno == EINTR);
        child->pidfd = pidfd_open(child->pid, 0);
        if (!error && child->pidfd < 0) {
            error = -errno;
            child_kill(child);
        }
        if (error)
            child_reap(child);
    }
    close(report[0]);
    if (error)
        child->pid = 0;
    return error;
}

void child_kill(const struct child *child) {
    if (child->pid > 0)
        kill(child->pid, SIGKILL);
}

void child_reap(struct child *child) {
    if (child->pid <= 0)
        return;
    process_wait(child->pid, &child->status);
    if (child->pidfd >= 0)
        close(child->pidfd);
    child->pidfd = -1;
    child->pid = 0;
}

bool child_exists(const struct child *child) {
    return child->pid > 0;
}
