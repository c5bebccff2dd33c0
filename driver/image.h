/* SPDX-License-Identifier: MIT */
/*
 * What makes an ELF file an image that Xen can start and that keeps Atman's promises: one
 * static executable for x86-64, Xen's notes, no segment both writable and executable, an
 * entry point inside code. The linker front end checks what it made, atman-run what it is
 * asked to boot.
 */
#ifndef ATMAN_DRIVER_IMAGE_H
#define ATMAN_DRIVER_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Checks the file at path. Returns NULL if it is a good image, else the reason why it is
 * not (or could not be read) as a new string, in a message's form: lower case, no file
 * name, no newline. The caller frees it. The file is untrusted: any bytes are handled. */
char *image_check(const char *path);

/* Does the file at path, a good image, have a section of that name? */
bool image_has_section(const char *path, const char *name);

/* Writes the size of main's stack, in bytes, where the runtime reads it: the memory size of
 * PT_GNU_STACK. (lld does so itself, but not where a linker script lists the segments.)
 * Returns NULL or the reason for the failure, as above. */
char *image_set_stack_size(const char *path, uint64_t bytes);

#endif
