/* SPDX-License-Identifier: MIT */
/*
 * The guest's command line: which words it has, and how few are quoted. That the runtime
 * reads every word back is tested where its reader is (tests/unit/runtime).
 */
#include "guestline.h"
#include "test.h"

static const char *line_of(const struct guestline *line) {
    static struct text text;

    text_drop(&text, text.length);
    guestline_write(&text, line);
    return text.data;
}

TEST(nothing_but_the_mark) {
    CHECK_TEXT(line_of(&(struct guestline){.arguments = (char *[]){NULL}}), "--");
}

TEST(runtime_words_come_first) {
    const struct guestline line = {.name = "hello",
                                   .log = "debug",
                                   .trace = "all",
                                   .summary = "!brk",
                                   .columns = 80,
                                   .rows = 24,
                                   .variables = (char *[]){"A=1", "B=x y", NULL},
                                   .arguments = (char *[]){"atman.log=error", "--", NULL}};

    CHECK_TEXT(line_of(&line), "atman.name=hello atman.log=debug atman.trace=all "
                               "'atman.summary=!brk' atman.tty=80x24 "
                               "atman.env=A=1 'atman.env=B=x y' -- atman.log=error --");
}

TEST(the_machine_is_announced) {
    const struct guestline line = {.ports = true, .arguments = (char *[]){NULL}};

    CHECK(strncmp(line_of(&line), "atman.ports=1 ", 14) == 0);
    CHECK(strstr(line_of(&line), " --") != NULL);
}

TEST(half_a_terminal_is_none) {
    const struct guestline line = {.columns = 80, .arguments = (char *[]){NULL}};

    CHECK_TEXT(line_of(&line), "--");
}

TEST(quotes) {
    const struct guestline line = {
        .arguments = (char *[]){"", "a b", "it's", "\"", "\\", "a,b:c=/d%e@f+g-h_i.j", "\t",
                                "\n", "\xc3\xa4", "$x", "''", NULL}};

    CHECK_TEXT(line_of(&line), "-- '' 'a b' 'it'\\''s' '\"' '\\' a,b:c=/d%e@f+g-h_i.j '\t' "
                               "'\n' '\xc3\xa4' '$x' ''\\'''\\'''");
}
