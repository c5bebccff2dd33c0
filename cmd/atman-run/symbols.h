/* SPDX-License-Identifier: MIT */
/*
 * From addresses in an image to functions and lines, by LLVM's symboliser.
 */
#ifndef ATMAN_RUN_SYMBOLS_H
#define ATMAN_RUN_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/* Finds count addresses in the image. places[i] becomes " in FUNCTION at FILE:LINE", or
 * " in FUNCTION" where no line is known, or "" where nothing is; a function inlined there
 * is the one named. Each is a new string, which the caller frees. Returns NULL, or, if the
 * symboliser could not be used (then all places are ""), the reason as a static string. */
const char *symbols_find(const char *image, const uint64_t *addresses, size_t count,
                         char **places);

/* Fills places from the symboliser's answer: for each address lines of FUNCTION and
 * FILE:LINE:COLUMN, innermost first, then an empty line; ?? is what is not known. */
void symbols_parse(const char *answer, size_t count, char **places);

#endif
