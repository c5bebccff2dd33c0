/* SPDX-License-Identifier: MIT */
/*
 * System calls: what the program has used. The runtime's work is the program's: there is no
 * system time beside it, and there are no children.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>

#include "mm/page.h"
#include "mm/space.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "sys/calls.h"

enum { NS_PER_TICK = 10000000 }; /* sysconf(_SC_CLK_TCK) is 100 */

static uint64_t read_clock(int id) {
    uint64_t ns = 0;

    (void)clock_read(id, &ns);
    return ns;
}

static void count_switches(struct rusage *usage) {
    lock_take(&threads_lock);
    usage->ru_nvcsw = (long)thread_past.switches;
    usage->ru_nivcsw = (long)thread_past.preemptions;
    for (struct tree_node *at = tree_first(&threads); at; at = tree_next(at)) {
        const struct thread *t = TREE_RECORD(at, struct thread, by_tid);
        usage->ru_nvcsw += (long)t->switches;
        usage->ru_nivcsw += (long)t->preemptions;
    }
    lock_drop(&threads_lock);
}

long atman_sys_getrusage(int who, struct rusage *usage) {
    const struct thread *t = thread_current();
    struct rusage mine = {.ru_maxrss = 0};
    uint64_t ns = 0;

    switch (who) {
    case RUSAGE_SELF:
        ns = read_clock(CLOCK_PROCESS_CPUTIME_ID);
        count_switches(&mine);
        break;
    case RUSAGE_THREAD:
        ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
        mine.ru_nvcsw = (long)t->switches;
        mine.ru_nivcsw = (long)t->preemptions;
        break;
    case RUSAGE_CHILDREN:
        break;
    default:
        return -EINVAL;
    }
    mine.ru_utime = (struct timeval){.tv_sec = (time_t)(ns / NS_PER_SEC),
                                     .tv_usec = (suseconds_t)(ns % NS_PER_SEC / 1000)};
    if (who != RUSAGE_CHILDREN) /* in KiB */
        mine.ru_maxrss = (long)(page_count_most() * (PAGE_SIZE / 1024));
    if (who == RUSAGE_SELF)
        mine.ru_minflt = (long)space_faults;
    return user_write(usage, &mine, offsetof(struct rusage, __reserved));
}

long atman_sys_times(struct tms *times) {
    struct tms mine = {.tms_utime =
                           (clock_t)(read_clock(CLOCK_PROCESS_CPUTIME_ID) / NS_PER_TICK)};
    long error = times ? user_write(times, &mine, sizeof mine) : 0;

    return error ? error : (long)(read_clock(CLOCK_MONOTONIC) / NS_PER_TICK);
}
