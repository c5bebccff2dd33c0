/* SPDX-License-Identifier: MIT */
/*
 * `syscall` instructions in an image. The runtime has one, for hypercalls; all others are
 * the program's own assembly, or came with an object that another compiler made. They work
 * as Linux's system calls if the image holds the dispatcher, which drags in every handler,
 * so it is only linked where there are any.
 */
#ifndef ATMAN_DRIVER_RAWCALLS_H
#define ATMAN_DRIVER_RAWCALLS_H

#include <stdbool.h>

struct rawcalls {
    unsigned long count;
    bool certain; /* false: count is an upper limit, since there is no disassembler */
};

/* Counts those of the program in the image at path: its sections with code are searched for
 * the instruction's bytes, and if there are more than the runtime's, disassembled. Nothing
 * is found in a file that cannot be read, or is no ELF file. */
struct rawcalls rawcalls_find(const char *path);

#endif
