/* SPDX-License-Identifier: MIT */
/*
 * Cancellation without an address range: musl's other ports compare the interrupted
 * program counter with the few instructions around `syscall`, which do not exist here.
 * With the one thread that there is, a request can only come from the thread itself;
 * it acts at once if asynchronous, else at the next pthread_testcancel.
 */
#include "pthread_impl.h"

hidden long __cancel(void);

long __cancel(void)
{
	pthread_t self = __pthread_self();

	if (self->canceldisable == PTHREAD_CANCEL_ENABLE || self->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	self->canceldisable = PTHREAD_CANCEL_DISABLE;
	return -ECANCELED;
}

void __testcancel(void)
{
	pthread_t self = __pthread_self();

	if (self->cancel && !self->canceldisable) __cancel();
}

int pthread_cancel(pthread_t t)
{
	a_store(&t->cancel, 1);
	if (t != __pthread_self()) return ESRCH;
	if (t->canceldisable == PTHREAD_CANCEL_ENABLE && t->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	return 0;
}
