/* SPDX-License-Identifier: MIT */
/* init/config.c: what becomes of each word of the command line. The log is a fake. */
#include "init/config.h"

#include <stdlib.h>

#include "log/log.h"
#include "random.h"
#include "require.h"
#include "test.h"

enum { LINE_BYTES = 1024 }; /* Xen's limit, the NUL included */

static int log_level;

void log_set_level(enum log_level level) {
    log_level = (int)level;
}

/* Reads a copy of line; what is freed here is what the line before left. */
static void read_line(const char *line) {
    static char *copy;
    static const char **words;

    free(copy);
    free(words);
    copy = strdup(line);
    words = malloc(CONFIG_WORDS * sizeof *words);
    config = (struct config){0};
    log_level = -1;
    config_read(copy, words);
    REQUIRE(config.argv == words && config.envp + config.envc == words + CONFIG_WORDS);
    REQUIRE(config.argv + config.argc <= config.envp);
}

/* All settings are as if nothing had been said. */
static void check_untouched(void) {
    CHECK(!config.use_ports);
    CHECK(!config.use_rings);
    CHECK(!config.is_terminal);
    CHECK_EQ(config.terminal_columns, 0);
    CHECK_EQ(config.terminal_rows, 0);
    CHECK_EQ(config.stack_size, 0);
    CHECK_EQ(config.envc, 0);
    CHECK_EQ(log_level, -1);
}

TEST(nothing) {
    read_line("");
    CHECK_EQ(config.argc, 1);
    CHECK_TEXT(config.argv[0], "kernel");
    CHECK_TEXT(config.unknown, NULL);
    check_untouched();
}

TEST(shutdown) {
    read_line("");
    CHECK(!config.shutdown_by_interrupt);
    CHECK_EQ(config.shutdown_limit, 0);
    read_line("atman.shutdown=int atman.shutdown-limit=90");
    CHECK(config.shutdown_by_interrupt);
    CHECK_EQ(config.shutdown_limit, 90);
    read_line("atman.shutdown=int atman.shutdown=term");
    CHECK(!config.shutdown_by_interrupt);
    CHECK_TEXT(config.unknown, NULL);
    read_line("atman.shutdown=kill");
    CHECK_TEXT(config.unknown, "atman.shutdown=kill");
    read_line("atman.shutdown-limit=0");
    CHECK_TEXT(config.unknown, "atman.shutdown-limit=0");
    read_line("atman.shutdown-limit=5s");
    CHECK_TEXT(config.unknown, "atman.shutdown-limit=5s");
    CHECK_EQ(config.shutdown_limit, 0);
}

TEST(arguments) {
    read_line("one 'two words' atman -x=y '' atman.name=me --nodash");
    CHECK_EQ(config.argc, 7);
    CHECK_TEXT(config.argv[0], "me");
    CHECK_TEXT(config.argv[1], "one");
    CHECK_TEXT(config.argv[2], "two words");
    CHECK_TEXT(config.argv[3], "atman");
    CHECK_TEXT(config.argv[4], "-x=y");
    CHECK_TEXT(config.argv[5], "");
    CHECK_TEXT(config.argv[6], "--nodash");
    CHECK_TEXT(config.unknown, NULL);
}

TEST(end_of_settings) {
    read_line("a atman.stack=4096 -- atman.stack=1 -- b atman.what");
    CHECK_EQ(config.stack_size, 4096);
    CHECK_EQ(config.argc, 6);
    CHECK_TEXT(config.argv[1], "a");
    CHECK_TEXT(config.argv[2], "atman.stack=1");
    CHECK_TEXT(config.argv[3], "--");
    CHECK_TEXT(config.argv[4], "b");
    CHECK_TEXT(config.argv[5], "atman.what");
    CHECK_TEXT(config.unknown, NULL);
}

static bool has_variable(const char *wanted) {
    for (unsigned i = 0; i < config.envc; i++)
        if (!strcmp(config.envp[i], wanted))
            return true;
    return false;
}

TEST(environment) {
    read_line("atman.env=A=1 x 'atman.env=B=two words' atman.env=EMPTY= atman.env=C==");
    CHECK_EQ(config.envc, 4);
    CHECK(has_variable("A=1"));
    CHECK(has_variable("B=two words"));
    CHECK(has_variable("EMPTY="));
    CHECK(has_variable("C=="));
    CHECK_EQ(config.argc, 2);
}

TEST(values) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};

    for (int i = 0; i < 4; i++) {
        char line[32];
        snprintf(line, sizeof line, "atman.log=%s", levels[i]);
        read_line(line);
        CHECK_EQ(log_level, i);
    }
    read_line("atman.stack=64K");
    CHECK_EQ(config.stack_size, 64 << 10);
    read_line("atman.stack=3M");
    CHECK_EQ(config.stack_size, 3 << 20);
    read_line("atman.ports=1");
    CHECK(config.use_ports);
    read_line("atman.rings=1");
    CHECK(config.use_rings);
    CHECK(!config.use_ports);
    read_line("atman.join=1");
    CHECK(config.join_errors);
    read_line("atman.tty=132x43");
    CHECK(config.is_terminal);
    CHECK_EQ(config.terminal_columns, 132);
    CHECK_EQ(config.terminal_rows, 43);
    CHECK_TEXT(config.unknown, NULL);
}

/* What start.c says of such a word is that it is ignored. */
TEST(mistakes_change_nothing) {
    static const char *const words[] = {"atman.",
                                        "atman.tty",
                                        "atman.what=1",
                                        "atman.stac=1",
                                        "atman.log=",
                                        "atman.log=loud",
                                        "atman.log=errors",
                                        "atman.ports=0",
                                        "atman.ports=11",
                                        "atman.rings=0",
                                        "atman.join=2",
                                        "atman.stack=",
                                        "atman.stack=0",
                                        "atman.stack=K",
                                        "atman.stack=64k",
                                        "atman.stack=64KB",
                                        "atman.stack=-1",
                                        "atman.tty=",
                                        "atman.tty=x",
                                        "atman.tty=80",
                                        "atman.tty=80x",
                                        "atman.tty=80x24x",
                                        "atman.tty=80*24",
                                        "atman.tty=x24",
                                        "atman.tty=65616x24"};

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        unsigned long before = test_failures;
        read_line(words[i]);
        CHECK_TEXT(config.unknown, words[i]);
        CHECK_EQ(config.argc, 1);
        check_untouched();
        if (test_failures > before)
            fprintf(stderr, "    that was %s\n", words[i]);
    }
}

/* A size that no domain can have is a mistake too, not what is left of it in 64 bits. */
TEST(huge_sizes) {
    static const char *const words[] = {"atman.stack=18446744073709551617",
                                        "atman.stack=18014398509481985K",
                                        "atman.stack=17592186044417M"};

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        read_line(words[i]);
        CHECK_TEXT(config.unknown, words[i]);
        CHECK_EQ(config.stack_size, 0);
    }
}

TEST(first_mistake_is_told) {
    read_line("a atman.one atman.two atman.log=info");
    CHECK_TEXT(config.unknown, "atman.one");
    CHECK_EQ(log_level, LOG_INFO);
}

/* The line with the most words that there can be: every one arrives. */
TEST(most_words) {
    char line[LINE_BYTES];

    for (int i = 0; i < LINE_BYTES - 1; i++)
        line[i] = i & 1 ? ' ' : 'a';
    line[LINE_BYTES - 1] = '\0';
    read_line(line);
    CHECK_EQ(config.argc, 1 + LINE_BYTES / 2);
}

/* Any line: whatever a word is, it is counted once, and nothing outside is touched. */
TEST(random_lines) {
    static const char *const pieces[] = {"atman.",
                                         "atman.env=",
                                         "atman.name=",
                                         "atman.log=",
                                         "atman.stack=",
                                         "atman.tty=",
                                         "debug",
                                         "1",
                                         "99999999",
                                         "K",
                                         "x",
                                         "--",
                                         "'",
                                         "\"",
                                         "\\",
                                         "atman.ports=",
                                         "=",
                                         "a"};

    random_start(random_seed());
    for (int i = 0; i < 5000; i++) {
        char line[LINE_BYTES] = "";
        size_t length = 0;
        while (!random_one_in(100)) {
            const char *piece =
                random_one_in(3) ? " " : pieces[random_below(ARRAY_SIZE(pieces))];
            if (length + strlen(piece) >= sizeof line)
                break;
            length = (size_t)(stpcpy(line + length, piece) - line);
        }
        read_line(line);
        size_t bytes = 0;
        for (unsigned w = 0; w < config.envc; w++)
            bytes += strlen(config.envp[w]) + 1;
        for (unsigned w = 1; w < config.argc; w++)
            bytes += strlen(config.argv[w]) + 1;
        REQUIRE_SAYING(bytes <= length + 1, "[%s]", line);
    }
    CHECK(true);
}

TEST(host_name) {
    read_line("atman.hostname=there");
    CHECK_TEXT(config.host_name, "there");
    CHECK_TEXT(config.unknown, NULL);
    read_line("atman.hostname=");
    CHECK_TEXT(config.unknown, "atman.hostname=");
}

/* The zone is the last word of the environment, unless that says one itself. */
TEST(zone) {
    read_line("atman.env=A=b atman.tz=CET-1CEST,M3.5.0,M10.5.0/3 argument");
    CHECK_EQ(config.envc, 2);
    CHECK_TEXT(config.envp[0], "TZ=CET-1CEST,M3.5.0,M10.5.0/3");
    CHECK_TEXT(config.envp[1], "A=b");
    CHECK_TEXT(config.unknown, NULL);
    read_line("atman.tz=XYZ atman.env=TZ=ABC");
    CHECK_EQ(config.envc, 1);
    CHECK_TEXT(config.envp[0], "TZ=ABC");
    read_line("atman.tz=first atman.tz=second");
    CHECK_EQ(config.envc, 1);
    CHECK_TEXT(config.envp[0], "TZ=second");
}
