/* SPDX-License-Identifier: MIT */
/*
 * Running other programs: see process.h. posix_spawn reports a failing exec to the caller,
 * which fork would not, and costs no copy of the address space.
 */
#include "process.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int process_exec(const struct argv *command) {
    execv(command->words[0], command->words);
    return -errno;
}

/* The child starts with no signal blocked. Handlers are gone by exec, and what is ignored
 * stays ignored: that is how nohup reaches a whole tree of processes. */
static int plain_signals(posix_spawnattr_t *attributes) {
    sigset_t none;
    int error;

    sigemptyset(&none);
    error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error)
        error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
    return error;
}

/* Puts fds[i] at descriptor i in the child. Sources below 3 could be overwritten by an
 * earlier one before they are used, so all of them are first moved out of the way. */
static int place_descriptors(posix_spawn_file_actions_t *actions, const int fds[3],
                             int moved[3]) {
    for (int i = 0; i < 3; i++) {
        int error;

        if (fds[i] == PROCESS_INHERIT)
            continue;
        moved[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
        if (moved[i] < 0)
            return errno;
        error = posix_spawn_file_actions_adddup2(actions, moved[i], i);
        if (error)
            return error;
    }
    return 0;
}

int process_start(const struct argv *command, const int fds[3], pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int moved[3] = {-1, -1, -1};
    int error;

    /* Ignored by whoever started us, it would make the kernel throw away the status. */
    signal(SIGCHLD, SIG_DFL);
    error = posix_spawn_file_actions_init(&actions);
    if (error)
        return -error;
    error = posix_spawnattr_init(&attributes);
    if (error)
        goto out_actions;
    error = plain_signals(&attributes);
    if (!error && fds)
        error = place_descriptors(&actions, fds, moved);
    if (!error)
        error = posix_spawn(pid, command->words[0], &actions, &attributes, command->words,
                            environ);
    for (int i = 0; i < 3; i++)
        if (moved[i] >= 0)
            close(moved[i]);
    posix_spawnattr_destroy(&attributes);
out_actions:
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

int process_wait(pid_t pid, int *wait_status) {
    while (waitpid(pid, wait_status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

int process_exit_status(int wait_status) {
    if (WIFSIGNALED(wait_status))
        return 128 + WTERMSIG(wait_status);
    return WEXITSTATUS(wait_status);
}

_Noreturn void process_end_like(int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        const struct rlimit no_core = {0, 0};
        sigset_t set;

        /* The child has left its core file, if any; ours would only hide it. */
        setrlimit(RLIMIT_CORE, &no_core);
        signal(WTERMSIG(wait_status), SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, WTERMSIG(wait_status));
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        raise(WTERMSIG(wait_status));
    }
    exit(process_exit_status(wait_status));
}

/* Everything that can be read from fd, as a new string; 0 or a negative errno. */
static int read_all(int fd, char **text) {
    size_t used = 0, room = 4096;
    char *buffer = must_resize(NULL, room, 1);

    for (;;) {
        ssize_t n = read(fd, buffer + used, room - used - 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int error = errno;

            free(buffer);
            return -error;
        }
        used += (size_t)n;
        buffer[used] = '\0';
        if (n == 0) {
            *text = buffer;
            return 0;
        }
        if (room - used < 2) {
            room *= 2;
            buffer = must_resize(buffer, room, 1);
        }
    }
}

int process_capture(const struct argv *command, char **text, int *wait_status) {
    int pipe_ends[2], nothing, error;
    pid_t pid;

    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0)
        return -errno;
    if (pipe2(pipe_ends, O_CLOEXEC) < 0) {
        error = -errno;
        close(nothing);
        return error;
    }
    error = process_start(command, (int[3]){nothing, pipe_ends[1], PROCESS_INHERIT}, &pid);
    close(nothing);
    close(pipe_ends[1]);
    if (!error) {
        int wait_error;

        error = read_all(pipe_ends[0], text);
        wait_error = process_wait(pid, wait_status);
        if (!error && wait_error) {
            free(*text);
            error = wait_error;
        }
    }
    close(pipe_ends[0]);
    return error;
}
