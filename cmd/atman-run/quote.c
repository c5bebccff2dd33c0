/* SPDX-License-Identifier: MIT */
/*
 * Quoting of words: see quote.h. A word is quoted only if it must be: the guest's command
 * line is short, and both lines are read by people.
 */
#include "quote.h"

#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "_@%+=:,./-";

void quote_word(struct text *text, const char *word) {
    if (*word && word[strspn(word, plain)] == '\0') {
        text_adds(text, word);
        return;
    }
    text_adds(text, "'");
    for (; *word; word++) {
        if (*word == '\'')
            text_adds(text, "'\\''");
        else
            text_add(text, word, 1);
    }
    text_adds(text, "'");
}
