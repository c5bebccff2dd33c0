/* SPDX-License-Identifier: MIT */
/*
 * base/words.c against a second reading of its rules, on random lines, and against a
 * quoting function, whose words must come back.
 */
#include "base/words.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "random.h"
#include "require.h"
#include "test.h"

enum { LINE = 200, WORDS = LINE };

struct words {
    size_t count;
    char *word[WORDS];
};

/* Splits a copy of line that ends where it ends. The words lie in *copy, which is freed. */
static struct words split(const char *line, char **copy) {
    struct words words = {0};
    size_t size = strlen(line) + 1;
    char *at = *copy = memcpy(malloc(size), line, size), *word, *last = NULL;

    while ((word = words_next(&at))) {
        REQUIRE(words.count < WORDS);
        REQUIRE(word >= *copy && word + strlen(word) < *copy + size);
        REQUIRE(at > word && at < *copy + size);
        REQUIRE(!last || word > last + strlen(last));
        words.word[words.count++] = last = word;
    }
    REQUIRE(at == *copy + size - 1);
    REQUIRE(!words_next(&at) && at == *copy + size - 1);
    return words;
}

static void check_split(const char *line, size_t count, const char *const *wanted) {
    char *copy;
    struct words words = split(line, &copy);

    CHECK_EQ(words.count, count);
    for (size_t i = 0; i < words.count && i < count; i++)
        CHECK_TEXT(words.word[i], wanted[i]);
    free(copy);
}

#define SPLIT(line, ...)                                                                   \
    check_split(line, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),              \
                (const char *[]){__VA_ARGS__})

TEST(white_space) {
    check_split("", 0, NULL);
    check_split(" \t\n\v\f\r ", 0, NULL);
    SPLIT("one", "one");
    SPLIT("  one\ttwo \n three ", "one", "two", "three");
}

TEST(quotes) {
    SPLIT("'a b' \"c d\" e' 'f", "a b", "c d", "e f");
    SPLIT("'' \"\" a''", "", "", "a");
    SPLIT("'a\"b' \"c'd\"", "a\"b", "c'd");
    SPLIT("'a'\"b\"c", "abc");
    SPLIT("'a\\' b", "a\\", "b");
    SPLIT("\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d");
    SPLIT("atman.env=A='x y' --", "atman.env=A=x y", "--");
}

TEST(backslashes) {
    SPLIT("a\\ b \\'c \\\\ \\a", "a b", "'c", "\\", "a");
    SPLIT("\\ ", " ");
    SPLIT("a\\", "a\\");
    SPLIT("\\", "\\");
    SPLIT("a \\\n b", "a", "\n", "b");
}

TEST(unclosed) {
    SPLIT("'a b", "a b");
    SPLIT("a \"b c", "a", "b c");
    SPLIT("a '", "a", "");
    SPLIT("\"a\\", "a\\");
    SPLIT("\"a\\\"", "a\"");
}

/* --- the rules once more, one character at a time ------------------------------- */

enum state { BETWEEN, PLAIN, SINGLE, DOUBLE };

struct model {
    enum state state;
    size_t count, length;
    char word[WORDS][LINE + 1];
};

static void add(struct model *m, char c) {
    m->word[m->count][m->length++] = c;
}

static void end_word(struct model *m) {
    m->word[m->count++][m->length] = '\0';
    m->length = 0;
    m->state = BETWEEN;
}

/* Takes one character, or two if the first escapes the second; how many. */
static int step(struct model *m, char c, char after) {
    bool escaped = false;

    if (m->state == BETWEEN) {
        if (strchr(" \t\n\v\f\r", c))
            return 1;
        m->state = PLAIN;
    }
    switch (m->state) {
    case SINGLE:
        if (c == '\'')
            m->state = PLAIN;
        else
            add(m, c);
        return 1;
    case DOUBLE:
        escaped = c == '\\' && (after == '"' || after == '\\');
        if (c == '"')
            m->state = PLAIN;
        else
            add(m, escaped ? after : c);
        return 1 + escaped;
    default:
        escaped = c == '\\' && after;
        if (escaped)
            add(m, after);
        else if (strchr(" \t\n\v\f\r", c))
            end_word(m);
        else if (c == '\'' || c == '"')
            m->state = c == '"' ? DOUBLE : SINGLE;
        else
            add(m, c);
        return 1 + escaped;
    }
}

static void check_against_model(const char *line) {
    static struct model m;
    char *copy;
    struct words words = split(line, &copy);

    m.state = BETWEEN;
    m.count = m.length = 0;
    for (const char *at = line; *at;)
        at += step(&m, at[0], at[1]);
    if (m.state != BETWEEN)
        end_word(&m);
    REQUIRE_SAYING(words.count == m.count, "of [%s]", line);
    for (size_t i = 0; i < m.count; i++)
        REQUIRE_SAYING(!strcmp(words.word[i], m.word[i]), "[%s] of [%s]", words.word[i],
                       line);
    free(copy);
}

static char random_character(void) {
    static const char special[] = "  \t\n\v\f\r'''\"\"\"\\\\\\\\ab-=.";

    return random_one_in(8) ? (char)random_between(1, 255)
                            : special[random_below(sizeof special - 1)];
}

TEST(random_lines) {
    random_start(random_seed());
    for (int i = 0; i < 100000; i++) {
        char line[LINE + 1];
        size_t length = random_below(random_one_in(50) ? LINE + 1 : 24);
        for (size_t at = 0; at < length; at++)
            line[at] = random_character();
        line[length] = '\0';
        check_against_model(line);
    }
    CHECK(true);
}

/* --- there and back ------------------------------------------------------------- */

static char *put(char *to, const char *text) {
    return stpcpy(to, text);
}

/* One character of a word, in the way of quoting that is open: 0, ' or ". */
static char *quote_character(char *to, char c, char quote) {
    if (quote == '\'' && c == '\'')
        return put(to, "'\\''");
    bool escape =
        quote == '"' ? c == '"' || c == '\\' : !quote && strchr("\\'\" \t\n\v\f\r", c);
    if (escape)
        *to++ = '\\';
    *to++ = c;
    return to;
}

/* Quotes word, changing the way of doing so now and then; returns where it ended. */
static char *quote_word(char *to, const char *word) {
    char quote = *word && random_one_in(2) ? 0 : '\'';

    if (quote)
        *to++ = quote;
    for (; *word; word++) {
        to = quote_character(to, *word, quote);
        if (random_one_in(6)) {
            if (quote)
                *to++ = quote;
            quote = "\0'\""[random_below(3)];
            if (quote)
                *to++ = quote;
        }
    }
    if (quote)
        *to++ = quote;
    return to;
}

TEST(round_trip) {
    random_start(random_seed());
    for (int i = 0; i < 20000; i++) {
        char words[8][12], line[8 * 12 * 8], *to = line, *copy;
        size_t count = random_below(9);
        for (size_t w = 0; w < count; w++) {
            size_t length = random_below(sizeof *words);
            for (size_t at = 0; at < length; at++)
                words[w][at] = random_character();
            words[w][length] = '\0';
            to = put(quote_word(to, words[w]), random_one_in(2) ? " " : "\t  ");
        }
        *to = '\0';
        struct words back = split(line, &copy);
        REQUIRE_SAYING(back.count == count, "of [%s]", line);
        for (size_t w = 0; w < count; w++)
            REQUIRE_SAYING(!strcmp(back.word[w], words[w]), "word %zu of [%s]", w, line);
        free(copy);
    }
    CHECK(true);
}
