/* SPDX-License-Identifier: MIT */
/* The library's own, which is realloc's. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include "syscall.h"

static void nothing(void)
{
}
weak_alias(nothing, __vm_wait);

void *__mremap(void *old, size_t old_size, size_t new_size, int flags, ...)
{
	void *new = 0;
	va_list more;

	if (new_size >= PTRDIFF_MAX) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (flags & MREMAP_FIXED) {
		__vm_wait();
		va_start(more, flags);
		new = va_arg(more, void *);
		va_end(more);
	}
	return (void *)syscall(SYS_mremap, old, old_size, new_size, flags, new);
}
