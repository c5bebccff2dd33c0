/* SPDX-License-Identifier: MIT */
/* base/format.c against the C library's snprintf, in buffers that end where they end. */
#include "base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "random.h"
#include "require.h"
#include "test.h"

/* What format makes of its arguments in a buffer of that size, as a text of its own. */
#define FORMATTED(is, size, ...)                                                           \
    char is[256];                                                                          \
    do {                                                                                   \
        char *exact = malloc(size);                                                        \
        size_t length = format(exact, size, __VA_ARGS__);                                  \
        CHECK_EQ(length, strlen(exact));                                                   \
        CHECK(length < (size));                                                            \
        strcpy(is, exact);                                                                 \
        free(exact);                                                                       \
    } while (0)

#define SAME(...)                                                                          \
    do {                                                                                   \
        char wanted[256];                                                                  \
        FORMATTED(is, sizeof wanted, __VA_ARGS__);                                         \
        snprintf(wanted, sizeof wanted, __VA_ARGS__);                                      \
        CHECK_TEXT(is, wanted);                                                            \
    } while (0)

TEST(plain) {
    SAME("%s", "");
    SAME("no conversion");
    SAME("%s and %s", "one", "two");
    SAME("%c%c%%%c", 'a', 'b', 'c');
    SAME("%d %d %d %d", 0, -1, INT_MAX, INT_MIN);
    SAME("%ld %ld %lu %lx", LONG_MIN, LONG_MAX, ULONG_MAX, ULONG_MAX);
    SAME("%u %x %u %x", 0u, 0u, UINT_MAX, UINT_MAX);
    SAME("%016lx %02x %3u %03u %1u", 0xabcdefUL, 5u, 7u, 7u, 1234u);
    SAME("%05d %5d %05d %2d", 42, 42, -42, -42);
}

/* A width counts the sign, and blanks come before it. */
TEST(negative_with_blanks) {
    SAME("%5d|%3ld", -42, -7l);
}

TEST(long_is_not_truncated) {
    SAME("%lu", 1ul << 32);
    SAME("%u", (unsigned)((1ul << 32) + 3));
    SAME("%ld", -(1l << 40));
}

/* A mistake in a format shows: what is not understood is copied. */
TEST(unknown_is_copied) {
    static const char *const formats[] = {"%y",  "a %q b", "%08z", "%",
                                          "a %", "%12",    "%l",   "%05lv|"};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        FORMATTED(is, 64, formats[i], 0);
        CHECK_TEXT(is, formats[i]);
    }
}

TEST(cut) {
    for (size_t size = 1; size < 40; size++) {
        char wanted[40];
        FORMATTED(is, size, "%s=%08x %d%c", "a name", 0xbeefu, -12345, '!');
        snprintf(wanted, size, "%s=%08x %d%c", "a name", 0xbeefu, -12345, '!');
        CHECK_TEXT(is, wanted);
    }
}

/* A number, printed with a random conversion, width and size of buffer. */
static void check_random_number(void) {
    static const char *const conversions[] = {"d", "u", "x", "ld", "lu", "lx"};
    uint64_t value = random_one_in(2) ? random_magnitude() : -random_magnitude();
    size_t which = random_below(6), size = random_between(1, 60);
    char width[4] = "", fmt[16], wanted[64], *exact = malloc(size);

    if (random_one_in(2))
        snprintf(width, sizeof width, "%zu", random_between(1, 25));
    snprintf(fmt, sizeof fmt, "%%%s%s%s", random_one_in(2) ? "0" : "", width,
             conversions[which]);
    if (which < 3) {
        format(exact, size, fmt, (unsigned)value);
        snprintf(wanted, size, fmt, (unsigned)value);
    } else {
        format(exact, size, fmt, (unsigned long)value);
        snprintf(wanted, size, fmt, (unsigned long)value);
    }
    REQUIRE_SAYING(!strcmp(exact, wanted), "%s of 0x%llx: \"%s\", not \"%s\"", fmt,
                   (unsigned long long)value, exact, wanted);
    free(exact);
}

TEST(random_numbers) {
    random_start(random_seed());
    for (int i = 0; i < 20000; i++)
        check_random_number();
    CHECK(true);
}
