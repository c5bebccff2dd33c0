/* SPDX-License-Identifier: MIT */
/* Splits a command line in place: a word is never longer than what it was written as. */
#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *words_next(char **line) {
    char *from = *line, *to, *word, quote = 0;

    while (is_space(*from))
        from++;
    if (!*from) {
        *line = from;
        return NULL;
    }
    word = to = from;
    for (; *from && (quote || !is_space(*from)); from++) {
        if (quote ? *from == quote : *from == '\'' || *from == '"') {
            quote = quote ? 0 : *from;
            continue;
        }
        if (*from == '\\' && quote != '\'' && from[1] &&
            (!quote || from[1] == '"' || from[1] == '\\'))
            from++;
        *to++ = *from;
    }
    *line = *from ? from + 1 : from;
    *to = '\0';
    return word;
}
