/* SPDX-License-Identifier: MIT */
/*
 * A vCPU's registers as a debugger wants them. One that was in the runtime's kernel mode
 * has two sets: the program's, which are on the stack there, and those of that moment.
 */
#ifndef ATMAN_CORE_GUESTCPU_H
#define ATMAN_CORE_GUESTCPU_H

#include "xencore.h"

#include <stdbool.h>
#include <sys/procfs.h>
#include <sys/user.h>

struct guestcpu {
    uint64_t root;                     /* the frame of the highest page table */
    bool is_up;                        /* it has been started, and not stopped */
    bool has_ended;                    /* the domain, by a hypercall of this one */
    bool is_apart;                     /* in kernel mode, by an entry from the program */
    struct user_regs_struct registers; /* of the program, if that is known */
    struct user_regs_struct kernel;    /* if it is apart */
    struct user_fpregs_struct vectors;
};

/* Reads vCPU number i, which there must be. */
void guestcpu_read(struct guestcpu *cpu, const struct xencore *core, size_t i);

#endif
