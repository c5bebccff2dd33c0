/* SPDX-License-Identifier: MIT */
/*
 * The program's mremap. Only by it a program can tell whether its shared anonymous memory
 * is an object that can be mapped twice; so no other holds what that takes (fs/shared.c).
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/mman.h>
#include "libc.h"

void atman_shared_start(void);
void __shared_start(void);

void __shared_start(void)
{
	atman_shared_start();
}

static void *remap(void *old, size_t old_size, size_t new_size, int flags, ...)
{
	void *new = 0;
	va_list more;

	if (flags & MREMAP_FIXED) {
		va_start(more, flags);
		new = va_arg(more, void *);
		va_end(more);
	}
	return __mremap(old, old_size, new_size, flags, new);
}
weak_alias(remap, mremap);
