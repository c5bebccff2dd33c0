/* SPDX-License-Identifier: MIT */
/*
 * Taking a domain's console apart: however the stream is cut, output stays byte for byte
 * and reports go the other way.
 */
#include "console.h"
#include "test.h"

static struct text out, report;

static void put(void *context, const char *bytes, size_t length) {
    (void)context;
    text_add(&out, bytes, length);
}

static void line(void *context, const char *text) {
    (void)context;
    text_addf(&report, "%s|", text);
}

/* Feeds the stream in pieces of this many bytes, and checks both sides. */
static void check(const char *stream, size_t length, size_t step, const char *wanted_out,
                  size_t out_length, const char *wanted_report) {
    struct console console;

    text_free(&out);
    text_free(&report);
    text_adds(&out, "");
    text_adds(&report, "");
    console_init(&console, put, line, NULL);
    for (size_t at = 0; at < length; at += step)
        console_feed(&console, stream + at, length - at < step ? length - at : step);
    console_end(&console);
    CHECK_EQ(out.length, out_length);
    CHECK(out.length == out_length && memcmp(out.data, wanted_out, out_length) == 0);
    CHECK_TEXT(report.data, wanted_report);
}

static void check_all_ways(const char *stream, const char *wanted_out,
                           const char *wanted_report) {
    for (size_t step = 1; step <= strlen(stream) + 1; step++)
        check(stream, strlen(stream), step, wanted_out, strlen(wanted_out), wanted_report);
}

TEST(plain_output) {
    check_all_ways("", "", "");
    check_all_ways("one\ntwo", "one\ntwo", "");
    check_all_ways("\n\n\n", "\n\n\n", "");
    check("a\0b\n\0\xff", 6, 2, "a\0b\n\0\xff", 6, "");
}

TEST(almost_a_report) {
    check_all_ways("atman: fatal", "atman: fatal", "");
    check_all_ways("atman: fatal:\n", "atman: fatal:\n", "");
    check_all_ways("atmatman: fatal: x\n", "atmatman: fatal: x\n", "");
    check_all_ways("x atman: fatal: x\n", "x atman: fatal: x\n", "");
    check_all_ways("atman: \natman: x\n", "atman: \natman: x\n", "");
    check_all_ways("atma\n\natman: end of report\n", "atma\n\natman: end of report\n", "");
}

TEST(a_report_between_output) {
    check_all_ways("before\natman: fatal: bad (SIGSEGV)\natman: backtrace:\n"
                   "atman: end of report\nafter\natman: fat",
                   "before\nafter\natman: fat",
                   "atman: fatal: bad (SIGSEGV)|atman: backtrace:|atman: end of report|");
}

TEST(two_reports) {
    check_all_ways("atman: fatal: 1\natman: end of report\natman: fatal: 2\n"
                   "atman: end of report\n.",
                   ".",
                   "atman: fatal: 1|atman: end of report|atman: fatal: 2|"
                   "atman: end of report|");
}

TEST(a_report_that_breaks_off) {
    check_all_ways("x\natman: fatal: 1\nrip", "x\n", "atman: fatal: 1|rip|");
    text_free(&out);
    text_free(&report);
}
