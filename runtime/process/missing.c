/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/string.h"
#include "process/process.h"

bool atman_is_guest;

/* Where Linux put argc, the arguments and the environment (process/life.S). */
const unsigned long *atman_process_vector;

static bool is_full(void) {
    const char *const *env = (const char *const *)&atman_process_vector[1];

    for (env += *atman_process_vector + 1; *env; env++)
        if (!strcmp(*env, "ATMAN_PROCESS=full"))
            return true;
    return false;
}

long atman_process_missing(long a, long b, long c, long d, long e, long f, long number) {
    return is_full() ? atman_linux(a, b, c, d, e, f, number) : -ENOSYS;
}
