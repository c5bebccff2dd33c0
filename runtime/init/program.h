/* SPDX-License-Identifier: MIT */
/* The program's first stack: what Linux gives a new process (x86-64 psABI, 3.4.1). */
#ifndef ATMAN_INIT_PROGRAM_H
#define ATMAN_INIT_PROGRAM_H

#include "base.h"

/* argc and what follows it, where the program was given it. */
extern const unsigned long *program_vector;

/*
 * Lays out argc, argv, the environment and the auxiliary vector below top and enters the
 * image's _start. config must have been read.
 */
_Noreturn void program_start(unsigned long top);

#endif
