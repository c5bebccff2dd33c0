/* SPDX-License-Identifier: MIT */
/* The end of the line: for what cannot be, never for what a program or a backend can do. */
#ifndef ATMAN_BASE_PANIC_H
#define ATMAN_BASE_PANIC_H

/* Reports what and ends the domain as a crash. Defined by signal/report.c. */
_Noreturn void panic(const char *what);

#endif
