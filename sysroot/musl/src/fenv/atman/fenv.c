/* SPDX-License-Identifier: MIT */
/*
 * The floating-point environment: the x87 unit and SSE each have one, kept alike.
 * musl's x86-64 assembly keeps temporaries below the stack pointer, where a guest's
 * events land; here they are ordinary variables.
 */
#include <fenv.h>
#include <features.h>

static unsigned get_mxcsr(void)
{
	unsigned v;
	__asm__ __volatile__("stmxcsr %0" : "=m"(v));
	return v;
}

static void set_mxcsr(unsigned v)
{
	__asm__ __volatile__("ldmxcsr %0" : : "m"(v));
}

static unsigned get_x87_status(void)
{
	unsigned short v;
	__asm__ __volatile__("fnstsw %0" : "=a"(v));
	return v;
}

/* Exceptions are kept in mxcsr; the x87 unit clears all or none, so what it had goes there. */
int feclearexcept(int mask)
{
	unsigned x87 = get_x87_status() & FE_ALL_EXCEPT;

	mask &= FE_ALL_EXCEPT;
	if (x87 & mask) __asm__ __volatile__("fnclex");
	else x87 = 0;
	set_mxcsr((get_mxcsr() | x87) & ~mask);
	return 0;
}

int feraiseexcept(int mask)
{
	set_mxcsr(get_mxcsr() | (mask & FE_ALL_EXCEPT));
	return 0;
}

int fetestexcept(int mask)
{
	return (get_mxcsr() | get_x87_status()) & mask & FE_ALL_EXCEPT;
}

/* Rounding: bits 10 and 11 of the x87 control word, 13 and 14 of mxcsr. */
hidden int __fesetround(int round)
{
	unsigned short control;

	__asm__ __volatile__("fnstcw %0" : "=m"(control));
	control = (control & ~0xc00) | round;
	__asm__ __volatile__("fldcw %0" : : "m"(control));
	set_mxcsr((get_mxcsr() & ~0x6000) | round << 3);
	return 0;
}

int fegetround(void)
{
	return get_mxcsr() >> 3 & 0xc00;
}

int fegetenv(fenv_t *env)
{
	/* Storing masks all x87 exceptions; loading puts them back as they were. */
	__asm__ __volatile__("fnstenv %0\n\tfldenv %0" : "=m"(*env));
	env->__mxcsr = get_mxcsr();
	return 0;
}

int fesetenv(const fenv_t *env)
{
	static const fenv_t default_env = { .__control_word = 0x37f, .__tags = 0xffff,
	                                    .__mxcsr = 0x1f80 };

	if (env == FE_DFL_ENV) env = &default_env;
	__asm__ __volatile__("fldenv %0" : : "m"(*env));
	set_mxcsr(env->__mxcsr);
	return 0;
}
