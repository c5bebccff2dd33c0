/* SPDX-License-Identifier: MIT */
/*
 * Running programs: statuses, descriptors, what happens where there is no program.
 */
#include "process.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct argv shell(const char *script) {
    struct argv command = ARGV_EMPTY;

    argv_push(&command, "/bin/sh");
    argv_push(&command, "-c");
    argv_push(&command, script);
    return command;
}

/* The mapped status of a script that is run to its end. */
static int run(const char *script) {
    struct argv command = shell(script);
    int status = -1;
    pid_t pid;

    CHECK_EQ(process_start(&command, NULL, &pid), 0);
    CHECK_EQ(process_wait(pid, &status), 0);
    argv_free(&command);
    return process_exit_status(status);
}

TEST(statuses) {
    CHECK_EQ(run("exit 0"), 0);
    CHECK_EQ(run("exit 3"), 3);
    CHECK_EQ(run("exit 255"), 255);
    CHECK_EQ(run("kill -KILL $$"), 137);
    CHECK_EQ(run("kill -TERM $$"), 143);
}

TEST(no_such_program) {
    struct argv command = ARGV_EMPTY;
    pid_t pid;

    argv_push(&command, "/nonexistent/program");
    CHECK_EQ(process_start(&command, NULL, &pid), -ENOENT);
    CHECK_EQ(process_exec(&command), -ENOENT);
    argv_free(&command);
}

TEST(a_status_survives_an_ignored_sigchld) {
    signal(SIGCHLD, SIG_IGN);
    CHECK_EQ(run("exit 5"), 5);
}

TEST(capture) {
    struct argv command = shell("cat; echo out; echo err >&2; exit 4");
    char *text = NULL;
    int status = 0;

    CHECK_EQ(process_capture(&command, &text, &status), 0);
    CHECK_TEXT(text, "out\n");
    CHECK_EQ(process_exit_status(status), 4);
    free(text);
    argv_free(&command);
}

TEST(capture_much) {
    struct argv command = shell("head -c 300000 /dev/zero | tr '\\0' x");
    char *text = NULL;
    int status = 0;

    CHECK_EQ(process_capture(&command, &text, &status), 0);
    CHECK_EQ(strlen(text), 300000);
    free(text);
    argv_free(&command);
}

/* 0 and 1 exchanged: neither may overwrite the other before it is placed. */
TEST(descriptors_may_cross) {
    struct argv command = shell("read line; echo \"got $line\"");
    int in[2], out[2], keep[2], status;
    char text[64] = "";
    pid_t pid;

    CHECK_EQ(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    keep[0] = fcntl(0, F_DUPFD_CLOEXEC, 10);
    keep[1] = fcntl(1, F_DUPFD_CLOEXEC, 10);
    fflush(stdout);
    dup2(out[1], 0);
    dup2(in[0], 1);
    CHECK_EQ(process_start(&command, (int[3]){1, 0, PROCESS_INHERIT}, &pid), 0);
    dup2(keep[0], 0);
    dup2(keep[1], 1);
    close(in[0]);
    close(out[1]);
    CHECK_EQ(write(in[1], "line\n", 5), 5);
    close(in[1]);
    CHECK_EQ(process_wait(pid, &status), 0);
    CHECK_EQ(read(out[0], text, sizeof text - 1), 9);
    CHECK_TEXT(text, "got line\n");
    close(out[0]);
    close(keep[0]);
    close(keep[1]);
    argv_free(&command);
}

/* Ends a child of this test like the script and returns its waitpid() status. */
static int end_like(const char *script) {
    struct argv command = shell(script);
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        pid_t inner;

        signal(SIGTERM, SIG_IGN);
        process_start(&command, NULL, &inner);
        process_wait(inner, &status);
        process_end_like(status);
    }
    process_wait(pid, &status);
    argv_free(&command);
    return status;
}

TEST(ends_like_its_child) {
    int status = end_like("exit 9");

    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    status = end_like("kill -KILL $$");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
