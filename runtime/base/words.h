/* SPDX-License-Identifier: MIT */
/*
 * The domain's command line, split into words.
 *
 * White space separates. '...' takes everything as it is; in "..." a backslash escapes
 * " and \ and is an ordinary character otherwise; outside of quotes it escapes whatever
 * follows. A quoted empty word is a word. An unclosed quote ends with the line.
 */
#ifndef ATMAN_BASE_WORDS_H
#define ATMAN_BASE_WORDS_H

/*
 * Takes the next word off *line, which is overwritten with it, and moves *line behind it.
 * Returns the word, NUL-terminated, or NULL when only white space is left.
 */
char *words_next(char **line);

#endif
