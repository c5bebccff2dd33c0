/* SPDX-License-Identifier: MIT */
/* log/log.c: one write a line, whole lines only, and nothing above the level. */
#include "log/log.h"

#include "console/console.h"
#include "test.h"
#include "xen/time.h"

/* The clock. */
static uint64_t now = 1500000000;

uint64_t xen_time_system(void) {
    return now;
}

static char written[512];
static unsigned writes;

void console_log(const char *line, size_t size) {
    CHECK(size < sizeof written);
    memcpy(written, line, size);
    written[size] = '\0';
    writes++;
}

/* What was written since the last call. */
static const char *take(void) {
    static char taken[sizeof written];

    strcpy(taken, written);
    written[0] = '\0';
    return taken;
}

TEST(quiet_by_default) {
    log_warn("not this");
    log_debug("nor this");
    CHECK_EQ(writes, 0);
    log_error("image %s: %d pages", "hello", 3);
    CHECK_TEXT(take(), "atman: image hello: 3 pages\n");
    CHECK_EQ(writes, 1);
}

TEST(levels) {
    static const char *const lines[] = {"atman: e\n", "atman: w\n",
                                        "atman: [0.000000] d\n"};

    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        log_set_level((enum log_level)level);
        log_error("e");
        CHECK_TEXT(take(), lines[0]);
        log_warn("w");
        CHECK_TEXT(take(), level >= LOG_WARN ? lines[1] : "");
        log_debug("d");
        CHECK_TEXT(take(), level >= LOG_DEBUG ? lines[2] : "");
    }
}

TEST(times) {
    log_set_level(LOG_DEBUG);
    log_set_start(500000000);
    log_debug("d");
    CHECK_TEXT(take(), "atman: [1.000000] d\n");
    now += 23456999;
    log_info("i");
    CHECK_TEXT(take(), "atman: [1.023456] i\n");
    log_warn("w");
    CHECK_TEXT(take(), "atman: w\n");
    log_set_start(0);
}

/* A message of any length is a line. */
TEST(cut) {
    char text[400];

    for (size_t length = 150; length < sizeof text; length++) {
        memset(text, 'x', length);
        text[length] = '\0';
        log_error("%s", text);
        const char *line = take();
        size_t end = strlen(line);
        CHECK(end >= 150 && end <= sizeof "atman: " + length);
        CHECK(line[end - 1] == '\n');
        CHECK_EQ(strspn(line + 7, "x"), end - 8);
    }
}
