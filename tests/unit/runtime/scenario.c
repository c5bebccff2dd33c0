/* SPDX-License-Identifier: MIT */
/* Children leave by _exit: what they still hold is not a leak, it is the runtime's. */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"

enum { LIMIT_SECONDS = 10 };

static int run_child(void (*body)(void), uint64_t seed) {
    const struct itimerval limit = {.it_value.tv_sec = LIMIT_SECONDS};
    pid_t child = fork();

    if (child < 0) {
        perror("fork");
        exit(1);
    }
    if (!child) {
        setitimer(ITIMER_PROF, &limit, NULL);
        random_start(seed);
        body();
        fflush(stdout);
        _exit(0);
    }
    int status;
    return waitpid(child, &status, 0) == child ? status : -1;
}

bool scenario_run(const char *name, void (*body)(void), unsigned count, uint64_t seed) {
    for (unsigned i = 0; i < count; i++) {
        int status = run_child(body, seed + i);
        if (!status)
            continue;
        bool by_signal = WIFSIGNALED(status);
        fprintf(stderr, "%s: scenario %u failed: %s %d\n", name, i,
                by_signal ? "signal" : "status",
                by_signal ? WTERMSIG(status) : WEXITSTATUS(status));
        return false;
    }
    return true;
}
