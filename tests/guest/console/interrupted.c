/* SPDX-License-Identifier: MIT */
/*
 * A read that waits for input and signals: it is EINTR, or goes on if the handler is one
 * with SA_RESTART. By the C library's function and by a `syscall` instruction. The next
 * line of input is sent when one of output has come.
 */
// stdin: dialogue one two three
// stdout: interrupted
// stdout: interrupted
// stdout: one two three
// vcpus: 1 2
#include "raw/raw.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, answers;

/* What is to be read next comes only after several calls. */
static void tick(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    if (++calls == 5 && answers)
        (void)!write(1, "interrupted\n", 12);
}

static long read_line(int by_hand, char *line) {
    long n = by_hand ? RAW(SYS_read, 0, line, 100) : read(0, line, 100);

    if (n > 0)
        line[n - 1] = 0; /* in place of the line's end */
    return n < 0 && !by_hand ? -errno : n;
}

int main(void) {
    struct itimerval often = {{0, 3000}, {0, 3000}}, off = {{0, 0}, {0, 0}};
    char line[3][100] = {"", "", ""};
    int errors = 0;

    read_line(0, line[0]);
    for (int by_hand = 0; by_hand < 2; by_hand++) {
        answers = 0;
        handle(SIGALRM, tick, 0);
        setitimer(ITIMER_REAL, &often, NULL);
        errors += read_line(by_hand, line[1 + by_hand]) != -EINTR;
        handle(SIGALRM, tick, SA_RESTART);
        answers = 1;
        calls = 0;
        errors += read_line(by_hand, line[1 + by_hand]) <= 0;
        setitimer(ITIMER_REAL, &off, NULL);
    }
    printf("%s %s %s\n", line[0], line[1], line[2]);
    return errors;
}
