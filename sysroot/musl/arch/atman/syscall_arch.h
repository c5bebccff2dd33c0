/* SPDX-License-Identifier: MIT */
/*
 * System calls as function calls. Where musl's other ports issue an instruction, this
 * one calls the runtime's handler (runtime/syscalls.def). Every __syscallN is inlined
 * with its number, nearly always a constant, so that the switch folds into one direct
 * call, and the linker keeps only the handlers that are reached.
 */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#define IPC_64 0

#define SYSCALL(number, name, count, handler) long handler(ATMAN_PARAMETERS_##count);
#define ATMAN_PARAMETERS_0 void
#define ATMAN_PARAMETERS_1 long
#define ATMAN_PARAMETERS_2 long, long
#define ATMAN_PARAMETERS_3 long, long, long
#define ATMAN_PARAMETERS_4 long, long, long, long
#define ATMAN_PARAMETERS_5 long, long, long, long, long
#define ATMAN_PARAMETERS_6 long, long, long, long, long, long
#include "syscalls.def"
#undef SYSCALL

/*
 * An image is a Linux process, too (runtime/process/), and then each call is Linux's. Those
 * are made by one function, which takes the number in rax and changes three registers.
 */
extern _Bool atman_is_guest;
long atman_process_missing(long, long, long, long, long, long, long);

#define ATMAN_LINUX(...) \
	__asm__ __volatile__("call atman_linux_call" \
		: "+a"(r), "+c"(rcx) : __VA_ARGS__ : "r10", "r11", "memory", "cc")
#define ATMAN_LINUX_0()
#define ATMAN_LINUX_1() "D"(a)
#define ATMAN_LINUX_2() "D"(a), "S"(b)
#define ATMAN_LINUX_3() "D"(a), "S"(b), "d"(c)
#define ATMAN_LINUX_4() "D"(a), "S"(b), "d"(c)
#define ATMAN_LINUX_5() "D"(a), "S"(b), "d"(c), "r"(r8)
#define ATMAN_LINUX_6() "D"(a), "S"(b), "d"(c), "r"(r8), "r"(r9)

static __inline __attribute__((__always_inline__)) long
__atman_linux(long n, long a, long b, long c, long d, long e, long f)
{
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r = n, rcx = d;
	switch (n) {
#define SYSCALL(number, name, count, handler) \
	case number: ATMAN_LINUX(ATMAN_LINUX_##count()); return r;
#include "syscalls.def"
#undef SYSCALL
	}
	return atman_process_missing(a, b, c, d, e, f, n);
}

/* A number that is not listed: runtime/sys/missing.c. */
long atman_sys_missing(long);

/* A number that is known only at run time: runtime/sys/dispatch.c. */
long atman_syscall(long, long, long, long, long, long, long);

/*
 * The one mmap with a constant address is __init_tls's, for thread-local variables that
 * are too many for its own buffer. All programs have it, nearly none gets there, and the
 * whole address space would be linked for it: runtime/sys/early.c.
 */
long atman_map_early(long size);

/*
 * Every program has atman_sys_futex, few a mutex that lends priority: whether there is such
 * a thing is found out by futex(2) with a constant operation, LOCK_PI or a later one.
 */
void atman_futex_start(void);

/*
 * Every program asks for the window's size (TIOCGWINSZ), to learn whether its output is a
 * terminal; few do anything else with one: runtime/sys/terminal.c.
 */
void atman_ioctl_start(long);

/*
 * The library's own fcntls are F_DUPFD to F_SETFL (0 to 4), and set no O_NONBLOCK on a
 * terminal; what the program's may ask for besides: runtime/sys/terminal.c.
 */
void atman_fcntl_start(long);

static __inline __attribute__((__always_inline__)) long
__atman_call(long n, long a, long b, long c, long d, long e, long f)
{
	if (!__builtin_constant_p(n)) return atman_syscall(n, a, b, c, d, e, f);
	if (!atman_is_guest) return __atman_linux(n, a, b, c, d, e, f);
	if (n == 9 && __builtin_constant_p(a)) return atman_map_early(b);
	if (n == 202 && __builtin_constant_p(b) && (b & 127) >= 6) atman_futex_start();
	if (n == 16 && !(__builtin_constant_p(b) && b == 0x5413)) atman_ioctl_start(b);
	if (n == 72 && !(__builtin_constant_p(b) && b <= 4)) atman_fcntl_start(b);
	switch (n) {
#define ATMAN_ARGUMENTS_0
#define ATMAN_ARGUMENTS_1 a
#define ATMAN_ARGUMENTS_2 a, b
#define ATMAN_ARGUMENTS_3 a, b, c
#define ATMAN_ARGUMENTS_4 a, b, c, d
#define ATMAN_ARGUMENTS_5 a, b, c, d, e
#define ATMAN_ARGUMENTS_6 a, b, c, d, e, f
#define SYSCALL(number, name, count, handler) \
	case number: return handler(ATMAN_ARGUMENTS_##count);
#include "syscalls.def"
#undef SYSCALL
	}
	return atman_sys_missing(n); /* -ENOSYS */
}

#define ATMAN_INLINE static __inline __attribute__((__always_inline__)) long
ATMAN_INLINE __syscall0(long n)
{ return __atman_call(n, 0, 0, 0, 0, 0, 0); }
ATMAN_INLINE __syscall1(long n, long a)
{ return __atman_call(n, a, 0, 0, 0, 0, 0); }
ATMAN_INLINE __syscall2(long n, long a, long b)
{ return __atman_call(n, a, b, 0, 0, 0, 0); }
ATMAN_INLINE __syscall3(long n, long a, long b, long c)
{ return __atman_call(n, a, b, c, 0, 0, 0); }
ATMAN_INLINE __syscall4(long n, long a, long b, long c, long d)
{ return __atman_call(n, a, b, c, d, 0, 0); }
ATMAN_INLINE __syscall5(long n, long a, long b, long c, long d, long e)
{ return __atman_call(n, a, b, c, d, e, 0); }
ATMAN_INLINE __syscall6(long n, long a, long b, long c, long d, long e, long f)
{ return __atman_call(n, a, b, c, d, e, f); }

/*
 * Cancellation points: the functions are pthread_cancel.c's, and in an image only if
 * that is. musl declares this one as a function, which would make each of them depend on
 * the dispatcher and so on every handler; internal linkage, given here first, wins over
 * that declaration.
 */
#define ATMAN_OPTIONAL __attribute__((__weak__, __visibility__("hidden")))
ATMAN_OPTIONAL long __cancel_enter(long);
ATMAN_OPTIONAL long __cancel_leave(long, long);
ATMAN_OPTIONAL long __cancel_linux(long, long, long, long, long, long, long);
#undef ATMAN_OPTIONAL
ATMAN_INLINE __syscall_cp(long n, long a, long b, long c, long d, long e, long f)
{
	if (__cancel_linux && !atman_is_guest) return __cancel_linux(n, a, b, c, d, e, f);
	long r = __cancel_enter ? __cancel_enter(n) : 0;
	if (!r) r = __atman_call(n, a, b, c, d, e, f);
	return __cancel_leave ? __cancel_leave(n, r) : r;
}
#undef ATMAN_INLINE
