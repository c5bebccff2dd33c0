/* SPDX-License-Identifier: MIT */
/* Between Xen's entry and the program's (pv/start.S). */
#ifndef ATMAN_PV_START_H
#define ATMAN_PV_START_H

/* Enters the program at entry with its stack pointer at stack, all other registers 0. */
_Noreturn void pv_enter_program(unsigned long stack, void (*entry)(void));

#endif
