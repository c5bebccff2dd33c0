/* SPDX-License-Identifier: MIT */
#include "count.h"

#include <ctype.h>

void count_add(struct count *count, const char *piece, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool space = isspace((unsigned char)piece[i]);

        count->lines += piece[i] == '\n';
        count->words += !space && !count->in_word;
        count->in_word = !space;
    }
    count->bytes += length;
}
