/* SPDX-License-Identifier: MIT */
/*
 * Supervising: signals reach the child, and what it leaves behind ends with it. Each case
 * runs in a process of its own, since supervise() is for use once.
 */
#include "process.h"
#include "supervise.h"
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Supervises the script in a child process, which gets signal_number as soon as the script
 * has written a line; returns the child's waitpid() status. The script's other output goes
 * to text. */
static int supervised(const char *script, int signal_number, char text[64]) {
    struct argv command = ARGV_EMPTY;
    int ends[2], status = 0;
    size_t used = 0;
    ssize_t n;
    pid_t pid;

    argv_push(&command, "/bin/sh");
    argv_push(&command, "-c");
    argv_push(&command, script);
    CHECK_EQ(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        if (supervise(&command, &status) < 0)
            _exit(99);
        argv_free(&command);
        process_end_like(status);
    }
    close(ends[1]);
    /* The end of file comes when the last of the script's processes is gone. */
    while ((n = read(ends[0], text + used, 63 - used)) > 0) {
        if (used == 0 && signal_number)
            kill(pid, signal_number);
        used += (size_t)n;
    }
    text[used] = '\0';
    close(ends[0]);
    process_wait(pid, &status);
    argv_free(&command);
    return status;
}

TEST(a_status_is_passed) {
    char text[64];
    int status = supervised("echo ready; exit 3", 0, text);

    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    CHECK_TEXT(text, "ready\n");
}

TEST(a_signal_is_passed_on) {
    char text[64];
    int status = supervised("trap 'echo got it; exit 0' TERM; echo ready;"
                            "while :; do sleep 0.05; done",
                            SIGTERM, text);

    CHECK_TEXT(text, "ready\ngot it\n");
    /* The child's good end does not hide that somebody wanted us to stop. */
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

TEST(orphans_end_with_the_child) {
    char text[64];
    int status = supervised("(trap 'echo orphan ended; exit' TERM; echo ready;"
                            "while :; do sleep 0.05; done) & wait",
                            SIGINT, text);

    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    CHECK_TEXT(text, "ready\norphan ended\n");
}

TEST(a_child_killed_by_itself) {
    char text[64];
    int status = supervised("kill -SEGV $$", 0, text);

    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}
