/* SPDX-License-Identifier: MIT */
/*
 * The runtime's own memory and string functions. They become local to the runtime when
 * it is made into one object, so that a program may replace the C library's. All are as
 * the C standard says.
 */
#ifndef ATMAN_BASE_STRING_H
#define ATMAN_BASE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

#endif
