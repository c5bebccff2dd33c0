/* SPDX-License-Identifier: MIT */
/* fs/discipline.c by examples: what keys give, on the screen and to the program. */
#include "fs/discipline.h"

#include <signal.h>
#include <termios.h>

#include "test.h"

static struct discipline tty;
static char shown[8192], got[8192];
static bool ended;

static struct discipline_termios begin(void) {
    discipline_init(&tty);
    return tty.termios;
}

/* Types keys one by one; what was shown. */
static const char *type_bytes(const char *keys, size_t size) {
    size_t n = 0;

    for (size_t i = 0; i < size; i++) {
        CHECK_EQ(discipline_input(&tty, keys + i, 1), 1);
        n += discipline_echo(&tty, shown + n, sizeof shown - 1 - n);
    }
    shown[n] = 0;
    return shown;
}

static const char *type(const char *keys) {
    return type_bytes(keys, strlen(keys));
}

static const char *take(size_t size) {
    size_t n = discipline_take(&tty, got, size, &ended);

    got[n] = 0;
    return got;
}

static const char *print(const char *text) {
    size_t size = strlen(text), n = discipline_output(&tty, text, &size, shown, 4096);

    CHECK_EQ(size, strlen(text));
    shown[n] = 0;
    return shown;
}

TEST(a_line_is_read_when_it_is_whole) {
    begin();
    CHECK_TEXT(type("ab"), "ab");
    CHECK(!discipline_readable(&tty, 1));
    CHECK_EQ(discipline_count(&tty), 0);
    CHECK_TEXT(type("c\r"), "c\r\n");
    CHECK(discipline_readable(&tty, 100));
    CHECK_EQ(discipline_count(&tty), 4);
    CHECK_TEXT(take(2), "ab");
    CHECK(!ended);
    CHECK_TEXT(take(100), "c\n");
    CHECK(ended && !discipline_readable(&tty, 1));
}

TEST(a_read_ends_with_its_line) {
    begin();
    type("one\ntwo\nthree");
    CHECK_TEXT(take(100), "one\n");
    CHECK_TEXT(take(100), "two\n");
    CHECK_TEXT(take(100), "");
    CHECK(!ended);
}

TEST(erasing) {
    begin();
    CHECK_TEXT(type("ab\x7f"), "ab\b \b");
    CHECK_TEXT(type("\x01\x7f"), "^A\b \b\b \b");
    CHECK_TEXT(type("one two\x17"), "one two\b \b\b \b\b \b");
    CHECK_TEXT(type("\x15"), "\b \b\b \b\b \b\b \b\b \b");
    CHECK_TEXT(type("\x7f"), "");
    CHECK_TEXT(type("x\n"), "x\r\n");
    CHECK_TEXT(take(100), "x\n");
}

TEST(an_erased_tab_goes_back_to_where_it_began) {
    begin();
    print("> ");
    CHECK_TEXT(type("a\t\x7f"), "a\t\b\b\b\b\b");
    CHECK_TEXT(type("\t\t\x7f"), "\t\t\b\b\b\b\b\b\b\b");
}

TEST(a_character_of_several_bytes_is_one) {
    struct discipline_termios t = begin();

    CHECK_TEXT(type("\xc3\xa4\x7f"), "\xc3\xa4\b \b");
    CHECK_TEXT(type("\x7f"), "\b \b");
    t.input |= IUTF8;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("\xc3\xa4\x7f"), "\xc3\xa4\b \b");
    CHECK_TEXT(type("\x7f\n"), "\r\n");
    CHECK_TEXT(take(9), "\n");
}

TEST(kill_without_erasing) {
    struct discipline_termios t = begin();

    t.local &= ~(uint32_t)ECHOKE;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("abc\x15"), "abc^U\r\n");
    t.local &= ~(uint32_t)ECHOK;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("abc\x15"), "abc^U");
    CHECK_TEXT(type("\n"), "\r\n");
    CHECK_TEXT(take(9), "\n");
}

TEST(reprint_and_literal) {
    begin();
    CHECK_TEXT(type("ab\x12"), "ab^R\r\nab");
    CHECK_TEXT(type("\x16\x03"), "^\b^C");
    CHECK_EQ(discipline_signals(&tty), 0);
    type("\n");
    CHECK_TEXT(take(9), "ab\x03\n");
}

TEST(end_of_file) {
    begin();
    CHECK_TEXT(type("\x04"), "");
    CHECK(discipline_readable(&tty, 1));
    CHECK_EQ(discipline_count(&tty), 0);
    CHECK_TEXT(take(9), "");
    CHECK(ended && !discipline_readable(&tty, 1));
    type("ab\x04");
    CHECK_TEXT(take(9), "ab");
    CHECK(ended && !discipline_readable(&tty, 1));
}

TEST(end_of_file_behind_a_full_buffer) {
    begin();
    type("ab\x04"
         "c\n");
    CHECK_TEXT(take(2), "ab");
    CHECK(!ended);
    discipline_skip_end(&tty);
    CHECK_TEXT(take(9), "c\n");
    discipline_skip_end(&tty);
    CHECK(!discipline_readable(&tty, 1));
}

TEST(other_ends_of_lines) {
    struct discipline_termios t = begin();

    t.characters[VEOL] = ';';
    t.characters[VEOL2] = ',';
    discipline_set(&tty, &t);
    CHECK_TEXT(type("a;b,c\n"), "a;b,c\r\n");
    CHECK_TEXT(take(9), "a;");
    CHECK_TEXT(take(9), "b,");
    CHECK_TEXT(take(9), "c\n");
}

TEST(signals_forget_what_was_typed) {
    struct discipline_termios t = begin();

    CHECK_TEXT(type("whole\nab\x03"), "whole\r\nab^C");
    CHECK_EQ(discipline_signals(&tty), 1ul << (SIGINT - 1));
    CHECK_EQ(discipline_signals(&tty), 0);
    CHECK(!discipline_readable(&tty, 1));
    t.local |= NOFLSH;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("ab\x1c\x1a\n"), "ab^\\^Z\r\n");
    CHECK_EQ(discipline_signals(&tty), 1ul << (SIGQUIT - 1) | 1ul << (SIGTSTP - 1));
    CHECK_TEXT(take(9), "ab\n");
    t.local &= ~(uint32_t)ISIG;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("\x03\n"), "^C\r\n");
    CHECK_EQ(discipline_signals(&tty), 0);
    CHECK_TEXT(take(9), "\x03\n");
}

TEST(a_stopped_terminal_shows_nothing) {
    struct discipline_termios t = begin();

    CHECK_TEXT(type("a\x13z"), "a");
    CHECK(tty.stopped);
    CHECK_TEXT(type("\x11"), "z");
    CHECK(!tty.stopped);
    t.input |= IXANY;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("\x13"
                    "b"),
               "b");
    type("\x13");
    t.input &= ~(uint32_t)IXON;
    discipline_set(&tty, &t);
    CHECK(!tty.stopped);
    CHECK_TEXT(type("\x13\n"), "^S\r\n");
    CHECK_TEXT(take(9), "azb\x13\n");
}

TEST(echo_of_a_stopped_terminal_is_bounded) {
    begin();
    type("\x13");
    for (int i = 0; i < 3000; i++)
        type("x");
    CHECK_EQ(strlen(type("\x11")), DISCIPLINE_ECHO);
}

TEST(single_bytes) {
    struct discipline_termios t = begin();

    t.local &= ~(uint32_t)(ICANON | ECHO | ISIG);
    t.input = 0;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("\x03\r\x04\x7f"), "");
    CHECK(discipline_readable(&tty, 4) && !discipline_readable(&tty, 5));
    CHECK_EQ(discipline_count(&tty), 4);
    CHECK_TEXT(take(3), "\x03\r\x04");
    CHECK_TEXT(take(3), "\x7f");
    CHECK(!discipline_readable(&tty, 0));
}

TEST(switching_keeps_what_is_there) {
    struct discipline_termios t = begin(), raw = t;

    raw.local &= ~(uint32_t)ICANON;
    type("half");
    discipline_set(&tty, &raw);
    CHECK_EQ(discipline_count(&tty), 4);
    CHECK_TEXT(take(1), "h");
    discipline_set(&tty, &t);
    CHECK(discipline_readable(&tty, 1));
    type("more");
    CHECK_TEXT(take(9), "alf");
    CHECK_TEXT(take(9), "");
    type("\n");
    CHECK_TEXT(take(9), "more\n");
    type("a\x04");
    discipline_set(&tty, &raw);
    CHECK_EQ(discipline_count(&tty), 2);
    CHECK_EQ(discipline_take(&tty, got, 9, &ended), 2);
    CHECK(got[0] == 'a' && got[1] == 0);
}

TEST(the_longest_line) {
    begin();
    for (int i = 0; i < 5000; i++)
        type(i == 4095 ? "y" : "x");
    CHECK(!discipline_readable(&tty, 1));
    type("\n");
    CHECK_EQ(strlen(take(8000)), 4096);
    CHECK(ended && got[4095] == '\n' && got[4094] == 'x');
}

TEST(what_does_not_fit_is_not_taken) {
    struct discipline_termios t = begin();
    static char many[6000];

    memset(many, 'm', sizeof many);
    t.local &= ~(uint32_t)(ICANON | ECHO);
    discipline_set(&tty, &t);
    CHECK_EQ(discipline_input(&tty, many, sizeof many), 4095);
    CHECK_EQ(discipline_input(&tty, many, 1), 0);
    take(10);
    CHECK_EQ(discipline_input(&tty, many, sizeof many), 10);
    discipline_flush_input(&tty);
    CHECK_EQ(discipline_count(&tty), 0);
    begin();
    type("line\n");
    CHECK_EQ(discipline_input(&tty, many, sizeof many), 4090);
    take(100);
    CHECK_EQ(discipline_input(&tty, many, sizeof many), 6000);
}

TEST(returns_and_newlines) {
    struct discipline_termios t = begin();

    t.input = INLCR | IGNCR;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("\r\n"), "^M");
    t.input = ISTRIP;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("\xe1\x8a"), "a\r\n");
    CHECK_TEXT(take(9), "\ra\n");
    t.local &= ~(uint32_t)ECHO;
    t.local |= ECHONL;
    discipline_set(&tty, &t);
    CHECK_TEXT(type("secret\n"), "\r\n");
}

TEST(output) {
    struct discipline_termios t = begin();
    size_t size = 3;

    CHECK_TEXT(print("a\nb\tc\r"), "a\r\nb\tc\r");
    t.output = OPOST | ONLCR | XTABS;
    discipline_set(&tty, &t);
    CHECK_TEXT(print("ab\tc\b\td\n"), "ab      c\b        d\r\n");
    t.output = OPOST | ONOCR | OCRNL | ONLRET;
    discipline_set(&tty, &t);
    CHECK_TEXT(print("\ra\rb\nc"), "a\nb\nc");
    t.output = ONLCR;
    discipline_set(&tty, &t);
    CHECK_TEXT(print("a\n"), "a\n");
    CHECK_EQ(discipline_output(&tty, "abc", &size, shown, 7), 0);
    CHECK_EQ(size, 0);
    size = 3;
    CHECK_EQ(discipline_output(&tty, "abc", &size, shown, 9), 2);
    CHECK_EQ(size, 2);
}
