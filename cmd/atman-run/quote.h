/* SPDX-License-Identifier: MIT */
/*
 * Quoting of words for a line that is split again: by a shell, or by the runtime, whose
 * rules are a part of the shell's.
 */
#ifndef ATMAN_RUN_QUOTE_H
#define ATMAN_RUN_QUOTE_H

#include "text.h"

/* Appends the word as it is if no byte of it is special, else in single quotes; a ' in it
 * leaves the quotes as '\''. Both readers give the same bytes back. */
void quote_word(struct text *text, const char *word);

#endif
