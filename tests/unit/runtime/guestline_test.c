/* SPDX-License-Identifier: MIT */
/*
 * atman-run writes the guest's command line, init/config.c reads it: what comes out is
 * what went in, whatever bytes the words are of.
 */
#include "guestline.h"

#include <stdlib.h>

#include "init/config.h"
#include "log/log.h"
#include "random.h"
#include "require.h"
#include "test.h"

enum { WORDS = 12, LETTERS = 20 };

static int log_level;

void log_set_level(enum log_level level) {
    log_level = (int)level;
}

static void random_word(char *to) {
    static const char special[] = "  \t\n'\"\\\\--atmn.=,;$&";

    for (size_t length = random_below(LETTERS); length; length--)
        *to++ = random_one_in(6) ? (char)random_between(1, 255)
                                 : special[random_below(sizeof special - 1)];
    *to = '\0';
}

/* Random words, ended by NULL; some are words that mean something to either side. */
static void random_words(char text[WORDS][LETTERS], char *words[WORDS + 1]) {
    static char *const meaningful[] = {"--", "atman.env=A=1", "atman.what", "-e", ""};
    size_t count = random_below(WORDS + 1);

    for (size_t i = 0; i < count; i++) {
        random_word(text[i]);
        words[i] = random_one_in(5) ? meaningful[random_below(5)] : text[i];
    }
    words[count] = NULL;
}

static void check_words(char *const *wanted, const char *const *is, size_t count,
                        const char *line) {
    size_t i = 0;

    for (; wanted[i]; i++)
        REQUIRE_SAYING(i < count && !strcmp(wanted[i], is[i]), "%zu of [%s]", i, line);
    REQUIRE_SAYING(i == count, "%zu of [%s]", count, line);
}

static void check_round_trip(void) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    char arguments[WORDS][LETTERS], variables[WORDS][LETTERS], name[LETTERS];
    char *argument[WORDS + 1], *variable[WORDS + 1];
    size_t level = random_below(4);
    struct guestline wanted = {.log = levels[level],
                               .arguments = argument,
                               .variables = variable,
                               .joined = random_one_in(2),
                               .ports = random_one_in(2)};
    struct text text = TEXT_EMPTY;
    const char **words = malloc(CONFIG_WORDS * sizeof *words);

    random_word(name);
    random_words(arguments, argument);
    random_words(variables, variable);
    wanted.name = random_one_in(2) ? name : NULL;
    wanted.columns = wanted.rows = 0;
    if (random_one_in(2)) {
        wanted.columns = (int)random_between(1, 65535);
        wanted.rows = (int)random_between(1, 65535);
    }
    wanted.host = random_one_in(2) ? "a.host" : NULL;
    wanted.zone = random_one_in(2) ? "CET-1" : NULL;
    guestline_write(&text, &wanted);
    char *line = strdup(text.data);
    config = (struct config){0};
    config_read(line, words);

    REQUIRE_SAYING(!config.unknown, "%s in [%s]", config.unknown, text.data);
    REQUIRE(config.use_ports == wanted.ports && log_level == (int)level);
    REQUIRE(config.join_errors == wanted.joined);
    REQUIRE(config.is_terminal == (wanted.columns > 0));
    REQUIRE(config.terminal_columns == wanted.columns &&
            config.terminal_rows == wanted.rows);
    REQUIRE(!strcmp(config.argv[0], wanted.name ? wanted.name : "kernel"));
    REQUIRE(!wanted.host == !config.host_name);
    REQUIRE(!wanted.host || !strcmp(config.host_name, wanted.host));
    REQUIRE(!wanted.zone == !config.zone &&
            (!config.zone || !strcmp(config.zone, "TZ=CET-1")));
    check_words(argument, config.argv + 1, config.argc - 1, text.data);
    const char *forward[WORDS];
    for (unsigned i = 0; i < config.envc && i < WORDS; i++)
        forward[i] = config.envp[config.envc - 1 - i];
    /* the zone is a variable, too, behind the others */
    check_words(variable, forward, config.envc - !!config.zone, text.data);
    text_free(&text);
    free(line);
    free(words);
}

TEST(round_trip) {
    random_start(random_seed());
    for (int i = 0; i < 5000; i++)
        check_round_trip();
    CHECK(true);
}
