/* SPDX-License-Identifier: MIT */
/*
 * The library's own files, which it does without if they are not there: time zones, locales,
 * catalogues of messages. Only a program that opens files itself, or asks for the local time,
 * has them (opens_files.h): one that prints a date would hold a file system otherwise.
 */
#include <features.h>
#include <stddef.h>

hidden const char unsigned *__map_library_file(const char *path, size_t *size)
	__attribute__((__weak__));

const char unsigned *__map_file(const char *path, size_t *size)
{
	return __map_library_file ? __map_library_file(path, size) : 0;
}
