/* SPDX-License-Identifier: MIT */
/* The domain's end: output drained, the status told to whoever wants to know, power off. */
#ifndef ATMAN_INIT_SHUTDOWN_H
#define ATMAN_INIT_SHUTDOWN_H

/* The program has ended with status, of which the low 8 bits count. */
_Noreturn void shutdown_with_status(int status);

/* What is done before that, in the thread that ends the program; NULL: nothing. */
extern void (*shutdown_prepare)(void);

/* The same, before that: for others than disks. */
extern void (*shutdown_farewell)(void);

/* What is done before an end by a signal, perhaps in a kernel entry; NULL: nothing. */
extern void (*shutdown_rescue)(void);

/* What the toolstack is told then: SHUTDOWN_poweroff, or _reboot if it asked for that. */
extern unsigned shutdown_reason;

/* A fatal signal has ended it: the status is 128 + signal, the domain's end a crash. */
_Noreturn void shutdown_by_signal(int signal);

#endif
