/* SPDX-License-Identifier: MIT */
/* System calls: on which vCPUs a thread runs. A mask is 64 bits, of which 32 can count. */
#include <errno.h>

#include "pv/access.h"
#include "sched/hooks.h"
#include "sched/schedule.h"
#include "sys/calls.h"
#include "xenbus/processor.h"

/* Calls use with the thread of that id (0: the current one), which cannot end meanwhile. */
static long with_thread(int tid, void (*use)(struct thread *t, uint64_t *mask),
                        uint64_t *mask) {
    struct thread *t;

    scheduler_start();
    lock_take(&threads_lock);
    t = tid ? thread_find(tid) : thread_current();
    if (t)
        use(t, mask);
    lock_drop(&threads_lock);
    return t ? 0 : -ESRCH;
}

static uint64_t all_vcpus(void) {
    processors_follow();
    return (1ul << vcpu_count()) - 1;
}

static void set(struct thread *t, uint64_t *mask) {
    schedule_set_affinity(t, (uint32_t)*mask);
}

static void get(struct thread *t, uint64_t *mask) {
    *mask = t->affinity;
}

/* vCPUs start in order: until one runs that the thread may run on. */
static void start_one_of(uint64_t wanted) {
    unsigned before;

    do {
        before = vcpus_started;
        if (!(wanted & ((1ul << before) - 1)))
            vcpu_start_next();
    } while (vcpus_started > before);
}

/* Bits of vCPUs that are not there mean nothing, as under Linux. */
long atman_sys_sched_setaffinity(int tid, size_t size, const void *mask) {
    uint64_t wanted = 0;
    long error = user_read(&wanted, mask, MIN(size, sizeof wanted));

    if (error)
        return error;
    wanted &= all_vcpus();
    if (!wanted)
        return -EINVAL;
    scheduler_start();
    start_one_of(wanted);
    return with_thread(tid, set, &wanted);
}

long atman_sys_sched_getaffinity(int tid, size_t size, void *mask) {
    uint64_t found;

    if (size < sizeof found || size % sizeof found)
        return -EINVAL;
    long error = with_thread(tid, get, &found);
    if (error)
        return error;
    found &= all_vcpus();
    error = user_write(mask, &found, sizeof found);
    return error ? error : (long)sizeof found;
}

long atman_sys_getcpu(unsigned *cpu, unsigned *node) {
    unsigned here = THIS_LINE->index, only = 0;
    long error = cpu ? user_write(cpu, &here, sizeof here) : 0;

    if (!error && node)
        error = user_write(node, &only, sizeof only);
    return error;
}
