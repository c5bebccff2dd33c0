/* SPDX-License-Identifier: MIT */
/*
 * Whatever a handler does, or the mask: the domain ends, which nothing can come between. As
 * a process it is the library's own.
 */
#define abort __abort_linux
#include "../abort.c"
#undef abort

_Noreturn void abort(void);
_Noreturn void atman_abort(void);

_Noreturn void abort(void)
{
	if (!atman_is_guest) __abort_linux();
	raise(SIGABRT);
	atman_abort();
}
