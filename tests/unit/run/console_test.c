/* SPDX-License-Identifier: MIT */
/*
 * Taking a domain's console apart: however the stream is cut, output stays byte for byte
 * and the log goes the other way.
 */
#include "console.h"
#include "test.h"

static struct text out, log;

static void put(void *context, const char *bytes, size_t length) {
    (void)context;
    text_add(&out, bytes, length);
}

static void line(void *context, const char *text) {
    (void)context;
    text_addf(&log, "%s|", text);
}

/* Feeds the stream in pieces of this many bytes, and checks both sides. */
static void check(const char *stream, size_t length, size_t step, const char *wanted_out,
                  size_t out_length, const char *wanted_log) {
    struct console console;

    text_free(&out);
    text_free(&log);
    text_adds(&out, "");
    text_adds(&log, "");
    console_init(&console, put, line, NULL);
    for (size_t at = 0; at < length; at += step)
        console_feed(&console, stream + at, length - at < step ? length - at : step);
    console_end(&console);
    CHECK_EQ(out.length, out_length);
    CHECK(out.length == out_length && memcmp(out.data, wanted_out, out_length) == 0);
    CHECK_TEXT(log.data, wanted_log);
}

static void check_all_ways(const char *stream, const char *wanted_out,
                           const char *wanted_log) {
    for (size_t step = 1; step <= strlen(stream) + 1; step++)
        check(stream, strlen(stream), step, wanted_out, strlen(wanted_out), wanted_log);
}

TEST(plain_output) {
    check_all_ways("", "", "");
    check_all_ways("one\ntwo", "one\ntwo", "");
    check_all_ways("\n\n\n", "\n\n\n", "");
    check("a\0b\n\0\xff", 6, 2, "a\0b\n\0\xff", 6, "");
}

TEST(almost_the_log) {
    check_all_ways("atman:", "atman:", "");
    check_all_ways("atman:\n", "atman:\n", "");
    check_all_ways("atmatman: x\n", "atmatman: x\n", "");
    check_all_ways("x atman: x\n", "x atman: x\n", "");
    check_all_ways("atma\n\n atman: x\n", "atma\n\n atman: x\n", "");
}

TEST(a_report_between_output) {
    check_all_ways("before\natman: fatal: bad (SIGSEGV)\natman: backtrace:\n"
                   "atman: end of report\nafter\natman:",
                   "before\nafter\natman:",
                   "atman: fatal: bad (SIGSEGV)|atman: backtrace:|atman: end of report|");
}

TEST(the_log_begins_and_ends) {
    check_all_ways("atman: 1\natman: \n.\natman: 3", ".\n", "atman: 1|atman: |atman: 3|");
    text_free(&out);
    text_free(&log);
}
