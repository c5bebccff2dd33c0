/* SPDX-License-Identifier: MIT */
/*
 * The runtime knows the thread by itself, so none of the signals need be blocked meanwhile,
 * and a program that only raises holds nothing of what sends signals to others.
 */
#include <signal.h>
#include "syscall.h"

long atman_raise(int sig);

int raise(int sig)
{
	return __syscall_ret(atman_raise(sig));
}
