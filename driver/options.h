/* SPDX-License-Identifier: MIT */
/*
 * How a command line is read. Two languages are known: that of the compiler (clang) and
 * that of the linker (lld). Reading a line means knowing which words are options and which
 * are an option's argument: in `-o -pie` the second word is a file name.
 */
#ifndef ATMAN_DRIVER_OPTIONS_H
#define ATMAN_DRIVER_OPTIONS_H

#include "argv.h"

enum option_language { OPTIONS_COMPILER, OPTIONS_LINKER };

/* How many words after this one are its arguments: 0 for nearly all words, inputs included;
 * 1 for `-o` and its like. Joined arguments (`-ofile`) are part of the word. */
size_t option_arguments(enum option_language language, const char *word);

/* Goes through a line option by option:
 *     for (i = 0; option_next(language, line, &i, &option);) ...
 * option.word is the option or input, option.value its first separate argument (NULL: it
 * has none, or the line ends before it), option.count the words of both. After the
 * compiler's
 * `--` everything is an input. Start with *i = 0 and hand the same struct to every step: it
 * remembers that the `--` has passed. */
struct option {
    const char *word;
    const char *value;
    size_t first; /* index of word in the line */
    size_t count; /* words: the option and its arguments */
    bool input;   /* at or after `--`: not an option, whatever it looks like */
};
bool option_next(enum option_language language, const struct argv *line, size_t *i,
                 struct option *option);

/* The option's value if it is spelled like this: joined (`-o` and "-ofile": "file", "--x="
 * and
 * "--x=v": "v") or separate ("-o" "file"). NULL if it is another option. */
const char *option_value(const struct option *option, const char *spelling);

/* What a compiler's line asks about the compiler itself. */
enum options_question {
    OPTIONS_NOTHING,
    OPTIONS_HELP,    /* --help */
    OPTIONS_VERSION, /* --version */
    OPTIONS_SYSROOT  /* -print-sysroot, which clang does not know */
};

/* The first question on the line that is answered here, wherever it stands. */
enum options_question options_question(const struct argv *line);

/* Appends to `out` the words of `line` without the options that a guest has no use for, by
 * the table in rules.c. Returns false, after a message, if there is an option that cannot
 * be honoured; out is then incomplete. */
bool options_filter(enum option_language language, const struct argv *line,
                    struct argv *out);

#endif
