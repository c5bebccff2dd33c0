/* SPDX-License-Identifier: MIT */
/* The runtime's own stack: used at start, and by traps from then on. In bytes. */
#ifndef ATMAN_PV_STACK_H
#define ATMAN_PV_STACK_H

#define BOOT_STACK_SIZE 8192

#ifndef __ASSEMBLER__
extern char atman_boot_stack[BOOT_STACK_SIZE];
#endif

#endif
