/* SPDX-License-Identifier: MIT */
/*
 * Sizes, times and counts: what is taken, and all that is refused.
 */
#include "size.h"
#include "test.h"

/* The size in kibibytes, or -1. */
static long long size(const char *text) {
    uint64_t kib = 7;

    if (size_parse(text, &kib))
        return (long long)kib;
    CHECK_EQ(kib, 7);
    return -1;
}

static long long seconds(const char *text) {
    int64_t ms = 7;

    if (seconds_parse(text, &ms))
        return ms;
    CHECK_EQ(ms, 7);
    return -1;
}

static long long count(const char *text) {
    unsigned n = 7;

    return count_parse(text, 1, 128, &n) ? (long long)n : -1;
}

TEST(sizes) {
    CHECK_EQ(size("8M"), 8 * 1024);
    CHECK_EQ(size("1G"), 1024 * 1024);
    CHECK_EQ(size("20000K"), 20000);
    CHECK_EQ(size("1k"), 1);
    CHECK_EQ(size("3m"), 3072);
    CHECK_EQ(size("2g"), 2 * 1024 * 1024);
    CHECK_EQ(size("64"), 64 * 1024);
    CHECK_EQ(size("0064M"), 64 * 1024);
    CHECK_EQ(size("1024G"), 1LL << 30);
}

TEST(no_sizes) {
    static const char *const bad[] = {"",
                                      "M",
                                      "-1M",
                                      "+1M",
                                      " 1M",
                                      "1M ",
                                      "1MB",
                                      "1MiB",
                                      "1.5G",
                                      "0",
                                      "0K",
                                      "1T",
                                      "0x1",
                                      "1e3",
                                      "1025G",
                                      "1M\n",
                                      "１M",
                                      "1 M",
                                      "9999999999999999999999K",
                                      "18446744073709551617K",
                                      "4294967297G"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(size(bad[i]), -1);
}

TEST(times) {
    CHECK_EQ(seconds("2"), 2000);
    CHECK_EQ(seconds("0.5"), 500);
    CHECK_EQ(seconds(".25"), 250);
    CHECK_EQ(seconds("1.0"), 1000);
    CHECK_EQ(seconds("1.23456"), 1235);
    CHECK_EQ(seconds("1.234000"), 1234);
    CHECK_EQ(seconds("0.0001"), 1);
    CHECK_EQ(seconds("31622400"), 31622400000LL);
}

TEST(no_times) {
    static const char *const bad[] = {"",    ".", "0",   "0.0", "-1",  "1.",       "1s",
                                      "1,5", "x", "1.x", "1..", "inf", "31622401", "1e2"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(seconds(bad[i]), -1);
}

TEST(counts) {
    CHECK_EQ(count("1"), 1);
    CHECK_EQ(count("128"), 128);
    CHECK_EQ(count("0"), -1);
    CHECK_EQ(count("129"), -1);
    CHECK_EQ(count("4294967297"), -1);
    CHECK_EQ(count("1 "), -1);
    CHECK_EQ(count(""), -1);
}
