/* SPDX-License-Identifier: MIT */
/* Calls that cannot be there are ENOSYS, and the log says once which, and who calls. */
// stdout-from: checks
// case: quiet
// case: told
// options: --log warn
// stderr-like: fork \(57\) was called, which is not there \(ENOSYS\):
// stderr-like: #[0-9] 0x[0-9a-f]+ .*call_fork
// stderr-like: execve \(59\) was called
// stderr-like: ptrace \(101\) was called
// stderr-like: a system call \(400\) was called
#define _GNU_SOURCE
#include <spawn.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../check.h"

__attribute__((noinline)) static int call_fork(void) {
    int pid = fork();

    CHECK(pid == -1);
    return pid;
}

int main(void) {
    char *const arguments[] = {"x", NULL};
    int pid;

    for (int i = 0; i < 3; i++)
        CHECK_FAILS(call_fork(), ENOSYS);
    CHECK_FAILS(execv("/bin/sh", arguments), ENOSYS);
    CHECK_FAILS(ptrace(PTRACE_TRACEME, 0, 0, 0), ENOSYS);
    CHECK_FAILS(syscall(400), ENOSYS);
    CHECK_FAILS(syscall(100000), ENOSYS);
    CHECK_FAILS(syscall(-5), ENOSYS);
    CHECK(posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, NULL) == ENOSYS);
    CHECK(system("true") == -1);
    return checks_end();
}
