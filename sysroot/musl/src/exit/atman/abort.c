/* SPDX-License-Identifier: MIT */
/* Whatever a handler does, or the mask: the domain ends, which nothing can come between. */
#include <signal.h>
#include <stdlib.h>

_Noreturn void atman_abort(void);

_Noreturn void abort(void)
{
	raise(SIGABRT);
	atman_abort();
}
