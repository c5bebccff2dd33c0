/* SPDX-License-Identifier: MIT */
/* A thread begins with a call, which the runtime makes on its stack. */
#include <stdarg.h>
#include "pthread_impl.h"
#include "syscall.h"

long atman_clone(int (*run)(void *), void *stack, unsigned long flags, void *argument,
                 int *parent, void *tls, int *child);
long atman_linux_clone(int (*run)(void *), void *stack, unsigned long flags, void *argument,
                       int *parent, void *tls, int *child);

int __clone(int (*run)(void *), void *stack, int flags, void *argument, ...)
{
	va_list rest;
	int *parent, *child;
	void *tls;

	va_start(rest, argument);
	parent = va_arg(rest, int *);
	tls = va_arg(rest, void *);
	child = va_arg(rest, int *);
	va_end(rest);
	if (!atman_is_guest)
		return atman_linux_clone(run, stack, (unsigned)flags, argument, parent, tls, child);
	return atman_clone(run, stack, flags, argument, parent, tls, child);
}
