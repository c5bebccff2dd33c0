/* SPDX-License-Identifier: MIT */
/*
 * Cancellation. musl's other ports compare the interrupted program counter with the few
 * instructions around `syscall`; here a system call is a function call, so the thread says
 * to the runtime when it is in one that may be cancelled (__cancel_enter, __cancel_leave).
 * The handler of SIGCANCEL finds that in its context. If it interrupted such a call directly,
 * it asks the runtime to let the call wait no more, now or later: a call that has not done
 * anything yet returns -EINTR, and __cancel_leave acts. One that has done something
 * returns that, and the request stays for the next one.
 *
 * syscall_arch.h refers to the two functions weakly, so that only a program with
 * pthread_cancel has them.
 */
#define _GNU_SOURCE
#include <string.h>
#include "pthread_impl.h"
#include "syscall.h"

/*
 * As a process the instruction is in one place (runtime/process/life.S), and Linux goes back
 * to it as long as a call has not done anything.
 */
hidden long __linux_cancelable(volatile int *, long, long, long, long, long, long, long);
extern hidden const char __linux_cancelable_end[], __linux_canceled[];
extern const char atman_linux_call[];
extern const unsigned long atman_linux_instruction;

/* The runtime's enum cancel_point, and where a handler's context has it. */
enum { OUTSIDE, INSIDE, INTERRUPTED };
enum { CALL_SIZE = 8 }; /* of atman_linux_call, at most */
#define CANCEL_POINT(uc) ((uc)->uc_mcontext.__reserved1[0])

void atman_set_cancel_point(int);

hidden long __cancel(void), __cancel_enter(long), __cancel_leave(long, long);
hidden long __cancel_linux(long, long, long, long, long, long, long);

long __cancel(void)
{
	pthread_t self = __pthread_self();

	if (self->canceldisable == PTHREAD_CANCEL_ENABLE || self->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	self->canceldisable = PTHREAD_CANCEL_DISABLE;
	return -ECANCELED;
}

/* Before the call: 0, or what it returns instead. A request from here on finds the mark. */
long __cancel_enter(long n)
{
	pthread_t self = __pthread_self();
	int state = self->canceldisable;

	if (state == PTHREAD_CANCEL_DISABLE || (state && n == SYS_close)) return 0;
	atman_set_cancel_point(INSIDE);
	a_barrier();
	if (!self->cancel) return 0;
	atman_set_cancel_point(OUTSIDE);
	return __cancel();
}

/* After it. A close that was interrupted has closed all the same. */
long __cancel_leave(long n, long result)
{
	pthread_t self = __pthread_self();

	atman_set_cancel_point(OUTSIDE);
	if (result == -EINTR && n != SYS_close && self->cancel &&
	    self->canceldisable != PTHREAD_CANCEL_DISABLE)
		return __cancel();
	return result;
}

long __cancel_linux(long n, long a, long b, long c, long d, long e, long f)
{
	pthread_t self = __pthread_self();
	int state = self->canceldisable;

	if (state == PTHREAD_CANCEL_DISABLE || (state && n == SYS_close))
		return __atman_linux(n, a, b, c, d, e, f);
	long r = __linux_cancelable(&self->cancel, n, a, b, c, d, e, f);
	if (r == -EINTR && n != SYS_close && self->cancel &&
	    self->canceldisable != PTHREAD_CANCEL_DISABLE)
		return __cancel();
	return r;
}

/* Has the handler interrupted a call that has not done anything? Then it goes to its end. */
static int leave_linux(ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	unsigned long pc = r[REG_RIP], start = (unsigned long)__linux_cancelable;
	unsigned long call = (unsigned long)atman_linux_call;

	if (pc - call < CALL_SIZE || pc == atman_linux_instruction) {
		if (*(unsigned long *)r[REG_RSP] != (unsigned long)__linux_cancelable_end)
			return 0;
		r[REG_RSP] += 8;
	} else if (pc - start >= (unsigned long)__linux_cancelable_end - start) {
		return 0;
	}
	r[REG_RIP] = (unsigned long)__linux_canceled;
	return 1;
}

static void block(sigset_t *set, int sig)
{
	set->__bits[0] |= 1UL << (sig - 1);
}

static void cancel_handler(int sig, siginfo_t *info, void *context)
{
	pthread_t self = __pthread_self();
	ucontext_t *uc = context;

	a_barrier();
	if (!self->cancel || self->canceldisable == PTHREAD_CANCEL_DISABLE) return;

	block(&uc->uc_sigmask, SIGCANCEL);
	if (self->cancelasync) {
		pthread_sigmask(SIG_SETMASK, &uc->uc_sigmask, 0);
		__cancel();
	}
	if (!atman_is_guest) {
		if (leave_linux(uc)) return;
	} else if (CANCEL_POINT(uc) != OUTSIDE) {
		CANCEL_POINT(uc) = INTERRUPTED;
		return;
	}
	/* Perhaps in another handler, which interrupted such a call: it comes again there. */
	__syscall(SYS_tkill, self->tid, SIGCANCEL);
}

void __testcancel(void)
{
	pthread_t self = __pthread_self();

	if (self->cancel && !self->canceldisable) __cancel();
}

static void start(void)
{
	struct sigaction action = {
		.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK,
		.sa_sigaction = cancel_handler
	};

	memset(&action.sa_mask, -1, _NSIG / 8);
	__libc_sigaction(SIGCANCEL, &action, 0);
}

int pthread_cancel(pthread_t t)
{
	static int started;

	if (!started) {
		start();
		started = 1;
	}
	a_store(&t->cancel, 1);
	if (t != __pthread_self()) return pthread_kill(t, SIGCANCEL);
	if (t->canceldisable == PTHREAD_CANCEL_ENABLE && t->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	return 0;
}
