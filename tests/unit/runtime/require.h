/* SPDX-License-Identifier: MIT */
/*
 * REQUIRE: as test.h's CHECK, but nothing goes on behind it. For long random runs, where
 * the first difference is the one that tells, and for fakes, which see the runtime do
 * what it must not.
 */
#ifndef ATMAN_TEST_REQUIRE_H
#define ATMAN_TEST_REQUIRE_H

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition)                                                                 \
    do {                                                                                   \
        if (!(condition))                                                                  \
            require_failed(__FILE__, __LINE__, #condition, "");                            \
    } while (0)

/* With the values that a reader will want, as printf takes them. */
#define REQUIRE_SAYING(condition, ...)                                                     \
    do {                                                                                   \
        char require_text[256];                                                            \
        if (!(condition)) {                                                                \
            snprintf(require_text, sizeof require_text, __VA_ARGS__);                      \
            require_failed(__FILE__, __LINE__, #condition, require_text);                  \
        }                                                                                  \
    } while (0)

_Noreturn static inline void require_failed(const char *file, int line, const char *what,
                                            const char *more) {
    fprintf(stderr, "%s:%d: %s%s%s\n", file, line, what, *more ? ": " : "", more);
    fflush(NULL);
    _Exit(1);
}

#endif
