/* SPDX-License-Identifier: MIT */
/*
 * The runtime's log channel: lines, control lines, doorbells, and what only looks like
 * them.
 */
#include "runlog.h"
#include "test.h"

static struct text got;

static void take(void *context, const char *line) {
    CHECK(context == &got);
    text_addf(&got, "%s|", line);
}

static struct runlog *fresh(void) {
    static struct runlog log;

    text_free(&got);
    text_adds(&got, "");
    runlog_init(&log, take, &got);
    return &log;
}

static void feed(struct runlog *log, const char *text) {
    runlog_feed(log, text, strlen(text));
}

TEST(text_lines) {
    struct runlog *log = fresh();

    feed(log, "one\ntw");
    CHECK_TEXT(got.data, "one|");
    feed(log, "o\r\n\nthree");
    CHECK_TEXT(got.data, "one|two||");
    runlog_end(log);
    CHECK_TEXT(got.data, "one|two||three|");
    CHECK(!log->exited && !log->wants_input && !log->has_ring);
}

TEST(exit_line) {
    struct runlog *log = fresh();

    feed(log, "\x01"
              "exit 4");
    CHECK(!log->exited); /* the number may go on */
    feed(log, "2\nmore\n");
    CHECK(log->exited);
    CHECK_EQ(log->status, 42);
    CHECK_TEXT(got.data, "more|");
    feed(log, "\x01"
              "exit 7\n");
    CHECK_EQ(log->status, 42);
    runlog_end(log);
}

TEST(exit_lines_that_are_none) {
    static const char *const bad[] = {
        "exit",    "exit ",    "exit 256", "exit -1", "exit 0x10", "exit 1 ",
        "exit  1", "exited 1", " exit 1",  "EXIT 1",  "exit one",  "exit 99999999999"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct runlog *log = fresh();

        feed(log, "\x01");
        feed(log, bad[i]);
        feed(log, "\n");
        CHECK(!log->exited);
        CHECK_TEXT(got.data, "");
        runlog_end(log);
    }
}

TEST(only_the_beginning_of_a_line_counts) {
    struct runlog *log = fresh();

    feed(log, "x\x01"
              "exit 1\n");
    CHECK(!log->exited);
    feed(log, "exit 1\n");
    CHECK(!log->exited);
    runlog_end(log);
}

TEST(wishes) {
    struct runlog *log = fresh();

    feed(log, "\x01"
              "stdin\n\x01ring 7f00a123000\n");
    CHECK(log->wants_input);
    CHECK(log->has_ring);
    CHECK_EQ(log->ring, 0x7f00a123000);
    feed(log, "\x01ring 1000\n\x01something new\n");
    CHECK_EQ(log->ring, 0x7f00a123000);
    CHECK_TEXT(got.data, "");
    runlog_end(log);
}

TEST(rings_that_are_none) {
    static const char *const bad[] = {
        "ring",       "ring ",  "ring 0x10", "ring 12345678123456781",
        "ring 1000 ", "ring g", "ring -1",   "ring ABC"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct runlog *log = fresh();

        feed(log, "\x01");
        feed(log, bad[i]);
        feed(log, "\n");
        CHECK(!log->has_ring);
        runlog_end(log);
    }
}

TEST(doorbells_are_no_text) {
    struct runlog *log = fresh();

    feed(log, "\x02on\x02\x02"
              "e\n\x02\x01\x02"
              "exit\x02 3\n\x02");
    CHECK_TEXT(got.data, "one|");
    CHECK(log->exited);
    CHECK_EQ(log->status, 3);
    runlog_end(log);
}

TEST(a_line_without_end_is_cut) {
    struct runlog *log = fresh();

    for (int i = 0; i < 3 * LINES_MAX; i++)
        feed(log, "x");
    CHECK_EQ(got.length, 3 * LINES_MAX + 3);
    runlog_end(log);
    CHECK_EQ(got.length, 3 * LINES_MAX + 3);
}

TEST(nul_bytes_are_dropped) {
    struct runlog *log = fresh();

    runlog_feed(log, "a\0b\n", 4);
    CHECK_TEXT(got.data, "ab|");
    runlog_end(log);
    text_free(&got);
}
