/* SPDX-License-Identifier: MIT */
/* A trace as a user sees it: all calls, some, and one that a jump or a death ends. */
// flags: -fatman-trace
// case: all
// options: --trace
// args: all
// stdout: text
// stderr-like: ^atman: \[1\] 0\.\d{6} arch_prctl\(ARCH_SET_FS, 0x[0-9a-f]+\) = 0 <0\.\d{6}>$
// stderr-like: ^atman: \[1\] 0\.\d{6} writev\(1, \[\{iov_base="text", iov_len=4\}, \{iov_base="\\n", iov_len=1\}\], 2\) = 5 <
// stderr-like: ^atman: .* mmap\(NULL, 8192, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0x[0-9a-f]+ <
// stderr-like: ^atman: .* munmap\(0x[0-9a-f]+, 8192\) = 0 <
// stderr-like: ^atman: .* nanosleep\(\{tv_sec=0, tv_nsec=2000000\} <unfinished \.\.\.>$
// stderr-like: ^atman: .* <\.\.\. nanosleep resumed>, (0x[0-9a-f]+|NULL)\) = 0 <\d\.\d{6}>$
// stderr-like: ^atman: .* close\(77\) = -1 EBADF <
// stderr-like: ^atman: .* exit_group\(0\) = \?$
// case: a group
// options: --trace=memory,close
// args: all memory
// stdout: text
// stderr-like: ^atman: .* mmap\(NULL, 8192
// stderr-like: ^atman: .* close\(77\) = -1 EBADF <
// case: nothing is asked for
// args: all
// stdout: text
// case: no such set
// options: --trace=nothing
// args: all
// stdout: text
// stderr-like: ^atman: atman\.trace=nothing: not a setting
// case: jump
// options: --trace=kill,close
// args: jump
// stderr-like: ^atman: .* kill\(1, SIGUSR1 <unfinished \.\.\.>$
// stderr-like: ^atman: .* close\(78\) = -1 EBADF <
// case: fatal signal
// options: --trace=kill
// args: signal
// exit: 143
// stderr-like: ^atman: .* kill\(1, SIGTERM <unfinished \.\.\.>$
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf back;

static void jump(int signal) {
    (void)signal;
    siglongjmp(back, 1);
}

int main(int argc, char **argv) {
    struct timespec two_ms = {.tv_nsec = 2000000};

    if (argc < 2)
        return 1;
    if (!strcmp(argv[1], "signal"))
        kill(getpid(), SIGTERM);
    if (!strcmp(argv[1], "jump")) {
        signal(SIGUSR1, jump);
        if (!sigsetjmp(back, 1))
            kill(getpid(), SIGUSR1);
        close(78);
        return 0;
    }
    puts("text");
    fflush(stdout);
    void *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(p, 8192);
    nanosleep(&two_ms, NULL);
    close(77);
    return 0;
}
