/* SPDX-License-Identifier: MIT */
/*
 * From the entry code to main. Unlike musl's own, this one does not check descriptors
 * 0 to 2 by poll and open("/dev/null"), which would link the file layer into every
 * image: a guest's are always there, and no set-user-ID start exists.
 */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "libc.h"

typedef int main_fn(int, char **, char **);
typedef int stage_fn(main_fn *, int, char **, char **);

static void nothing(void) {}
weak_alias(nothing, _init);
static void nothing_with(void *entropy) {}
weak_alias(nothing_with, __init_ssp);

extern weak hidden void (*const __init_array_start)(void), (*const __init_array_end)(void);

enum { AUX_WORDS = 38 };

/* Its own frame: what it keeps on the stack is gone before the program starts. */
__attribute__((__noinline__)) void __init_libc(char **envp, char *name)
{
	size_t aux[AUX_WORDS] = { 0 }, *auxv;
	char **end = envp;

	while (*end) end++;
	auxv = (size_t *)(end + 1);
	for (size_t *a = auxv; *a; a += 2)
		if (*a < AUX_WORDS) aux[*a] = a[1];

	__environ = envp;
	libc.auxv = auxv;
	libc.page_size = aux[AT_PAGESZ];
	__hwcap = aux[AT_HWCAP];
	if (aux[AT_SYSINFO]) __sysinfo = aux[AT_SYSINFO];

	if (!name) name = (char *)aux[AT_EXECFN];
	if (!name) name = "";
	__progname = __progname_full = name;
	for (char *p = name; *p; p++)
		if (*p == '/') __progname = p + 1;

	__init_tls(aux);
	__init_ssp((void *)aux[AT_RANDOM]);
}

static void run_constructors(void)
{
	uintptr_t at = (uintptr_t)&__init_array_start;

	_init();
	for (; at < (uintptr_t)&__init_array_end; at += sizeof(void (*)(void)))
		(*(void (**)(void))at)();
}
weak_alias(run_constructors, __libc_start_init);

static int run_program(main_fn *program, int argc, char **argv, char **envp)
{
	__libc_start_init();
	exit(program(argc, argv, envp));
}

int __libc_start_main(main_fn *program, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void))
{
	char **envp = argv + argc + 1;
	stage_fn *next = run_program;

	__init_libc(envp, argv[0]);
	/* Nothing of the program may move above this line: the thread pointer was not set. */
	__asm__("" : "+r"(next) : : "memory");
	return next(program, argc, argv, envp);
}
