/* SPDX-License-Identifier: MIT */
/* Upstream's function, for every kind of mutex, under another name, and before it a short way
 * for the ordinary kind: upstream's saves six registers before it looks what kind it has. */
#include "pthread_impl.h"

#define __pthread_mutex_unlock __pthread_mutex_unlock_any
#define pthread_mutex_unlock __pthread_mutex_unlock_other
hidden int __pthread_mutex_unlock_any(pthread_mutex_t *);
#include "../pthread_mutex_unlock.c"
#undef __pthread_mutex_unlock
#undef pthread_mutex_unlock

int __pthread_mutex_unlock(pthread_mutex_t *m)
{
	/* Once it is unlocked another thread may destroy it. */
	int kind = m->_m_type, waiters = m->_m_waiters;

	if ((kind & 15) != PTHREAD_MUTEX_NORMAL)
		return __pthread_mutex_unlock_any(m);
	if (a_swap(&m->_m_lock, 0) < 0 || waiters)
		__wake(&m->_m_lock, 1, !(kind & 128));
	return 0;
}

weak_alias(__pthread_mutex_unlock, pthread_mutex_unlock);
