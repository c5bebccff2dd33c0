/* SPDX-License-Identifier: MIT */
/*
 * Response files: a word @FILE stands for the words in FILE, with GNU quoting (white space
 * separates words; '...' and "..." group; a backslash takes the next character as it is,
 * inside quotes too). The commands expand them before they look at any option, so that an
 * option means the same wherever it is written.
 */
#ifndef ATMAN_DRIVER_ARGFILE_H
#define ATMAN_DRIVER_ARGFILE_H

#include "argv.h"

/* Appends the words of text to list; length bytes, which may include anything but are cut
 * at the first NUL. An unclosed quote ends with the text. */
void argfile_split(const char *text, size_t length, struct argv *list);

/* Appends words to list with every @FILE replaced by the words in FILE, nested ones too. As
 * with GNU's tools, a word whose FILE cannot be opened stays as it is: the tool that gets
 * it complains. Returns 0; -ELOOP, after a message, if a file includes itself; -EIO or
 * another negative errno, after a message, if a file that was opened cannot be read. */
int argfile_expand(char *const *words, struct argv *list);

/* Makes a command short enough for execve(): if its words take more than a safe size, those
 * after the first are moved to an anonymous file in memory and replaced by one @FILE, which
 * the started program reads. Nothing is left on disk. Returns 0 or a negative errno. */
int argfile_pack(struct argv *command);

#endif
