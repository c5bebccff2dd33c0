/* SPDX-License-Identifier: MIT */
/*
 * System calls: a memory barrier on every processor that runs a thread. Flushing all TLBs
 * makes Xen interrupt each of them, and wait until they have been.
 */
#include <errno.h>
#include <sys/membarrier.h>

#include "sched/hooks.h"
#include "sys/calls.h"
#include "xen/hypercall.h"

enum {
    KNOWN = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
            MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
            MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
};

long atman_sys_membarrier(int command, unsigned flags) {
    static const struct mmuext_op interrupt = {.cmd = MMUEXT_TLB_FLUSH_ALL};
    static bool registered;

    if (flags)
        return -EINVAL;
    switch (command) {
    case MEMBARRIER_CMD_QUERY:
        return KNOWN;
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
        registered = true;
        return 0;
    case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
        return 0;
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        if (!registered)
            return -EPERM;
        break;
    case MEMBARRIER_CMD_GLOBAL:
    case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
        break;
    default:
        return -EINVAL;
    }
    memory_barrier();
    return scheduler ? xen_mmuext_op(&interrupt, 1) : 0;
}
