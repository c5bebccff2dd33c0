/* SPDX-License-Identifier: MIT */
/*
 * The runtime knows the thread by itself, so none of the signals need be blocked meanwhile,
 * and a program that only raises holds nothing of what sends signals to others. As a process
 * it is the library's own.
 */
#define raise __raise_linux
#include "../raise.c"
#undef raise

long atman_raise(int sig);

int raise(int sig)
{
	return atman_is_guest ? __syscall_ret(atman_raise(sig)) : __raise_linux(sig);
}
