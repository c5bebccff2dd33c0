/* SPDX-License-Identifier: MIT */
/*
 * Before the sources of what opens files or needs a time zone (build.sh has the list): with
 * them comes what maps the library's own files (__map_file.c).
 */
const unsigned char *__map_library_file(const char *, __SIZE_TYPE__ *);
static const unsigned char *(*const __opens_files)(const char *, __SIZE_TYPE__ *)
	__attribute__((__used__)) = __map_library_file;
