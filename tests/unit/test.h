/* SPDX-License-Identifier: MIT */
/*
 * The harness of the unit tests: include it once, write TEST(name) { ... } blocks with
 * CHECKs in them. It brings main(), which runs them all in order. A failed check says where
 * and what, and the test goes on; the exit status is 1 if a check failed, or if nothing
 * ran.
 */
#ifndef ATMAN_TESTS_UNIT_TEST_H
#define ATMAN_TESTS_UNIT_TEST_H

#include <stdio.h>
#include <string.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

static struct test *test_first, **test_last = &test_first;
static const char *test_current;
static unsigned long test_checks, test_failures;

static inline void test_check(int good, const char *file, int line, const char *what) {
    test_checks++;
    if (good)
        return;
    test_failures++;
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, test_current, what);
}

static inline void test_check_long(long long a, long long b, const char *file, int line,
                                   const char *what) {
    char text[256];

    snprintf(text, sizeof text, "%s: %lld (0x%llx), not %lld", what, a,
             (unsigned long long)a, b);
    test_check(a == b, file, line, text);
}

static inline void test_check_text(const char *a, const char *b, const char *file, int line,
                                   const char *what) {
    char text[1024];

    snprintf(text, sizeof text, "%s: \"%s\", not \"%s\"", what, a ? a : "(null)",
             b ? b : "(null)");
    test_check(a == b || (a && b && strcmp(a, b) == 0), file, line, text);
}

/* A condition; two integers; two strings, of which either may be NULL. */
#define CHECK(condition) test_check(!!(condition), __FILE__, __LINE__, #condition)
#define CHECK_EQ(is, wanted)                                                               \
    test_check_long((long long)(is), (long long)(wanted), __FILE__, __LINE__, #is)
#define CHECK_TEXT(is, wanted) test_check_text(is, wanted, __FILE__, __LINE__, #is)

#define TEST(title)                                                                        \
    static void test_##title(void);                                                        \
    __attribute__((constructor)) static void test_register_##title(void) {                 \
        static struct test entry = {#title, test_##title, NULL};                           \
        *test_last = &entry;                                                               \
        test_last = &entry.next;                                                           \
    }                                                                                      \
    static void test_##title(void)

int main(void) {
    for (struct test *test = test_first; test; test = test->next) {
        test_current = test->name;
        test->run();
    }
    printf("%lu checks, %lu failed\n", test_checks, test_failures);
    return test_failures != 0 || test_checks == 0;
}

#endif
