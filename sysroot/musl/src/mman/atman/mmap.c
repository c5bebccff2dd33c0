/* SPDX-License-Identifier: MIT */
/* The library's own memory (__mmap) is never shared. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include "syscall.h"

/* mremap_public.c's, which only a program has that calls mremap. */
__attribute__((__weak__)) void __shared_start(void);

static void nothing(void)
{
}
weak_alias(nothing, __vm_wait);

void *__mmap(void *start, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (size >= PTRDIFF_MAX) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (flags & MAP_FIXED)
		__vm_wait();
	return (void *)syscall(SYS_mmap, start, size, prot, flags, fd, offset);
}

static void *map(void *start, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (__shared_start && flags & MAP_ANONYMOUS && flags & MAP_SHARED)
		__shared_start();
	return __mmap(start, size, prot, flags, fd, offset);
}
weak_alias(map, mmap);
