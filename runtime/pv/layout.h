/* SPDX-License-Identifier: MIT */
/*
 * Where things are in the address space. From the bottom:
 *
 *   0x400000           text (linker-scripts/atman.ld), nothing below it
 *   atman_image_start  the direct map: frame n at atman_image_start + n * PAGE_SIZE. Its
 *                      beginning is the image itself and what the builder put behind it
 *   behind that        the stack of free frames (mm/page.c)
 *   FRAME_LIST         the builder's list of the domain's frames
 *   SPACE_START        the program's heap and mappings (mm/space.h)
 *   0xffff8000...      Xen
 */
#ifndef ATMAN_PV_LAYOUT_H
#define ATMAN_PV_LAYOUT_H

/* A level-4 entry of its own; domains of more than 8 TiB would reach it. */
#define FRAME_LIST 0x080000000000

/* The runtime's own stack, in bytes: used at start, and by traps from then on. */
#define BOOT_STACK_SIZE 8192

/* The one `syscall`, as a place to jump to or call in assembly (xen/hypercall.S). */
#define HYPERCALL_INSTRUCTION hypercall_return - 2

#ifndef __ASSEMBLER__

#    include "base.h"

/* From the linker script; the address of each is its value. */
extern char atman_text_start[], atman_text_end[];
extern char atman_image_start[], atman_rodata_start[], atman_rodata_end[],
    atman_image_end[];

/* The first vCPU's kernel stack, from its lower end. */
extern char atman_boot_stack[];

/* Pages within the image that a program must not change: stack, shared_info, tables. */
extern char atman_own_start[], atman_own_end[];

/* Page tables for text, one for each 2 MiB. */
extern uint64_t atman_text_tables[];

#endif
#endif
