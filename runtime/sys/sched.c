/* SPDX-License-Identifier: MIT */
/*
 * System calls: policies and priorities. FIFO and RR come before all others, by priority;
 * OTHER, BATCH and IDLE share alike, whatever the nice value, which is only kept: there is
 * one program, whose threads are all that there is to run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "pv/access.h"
#include "sched/futexpi.h"
#include "sched/hooks.h"
#include "sched/schedule.h"
#include "sys/calls.h"

#ifndef SCHED_DEADLINE
#    define SCHED_DEADLINE 6
#endif

enum { HIGHEST = 99, NICEST = 19, LEAST_NICE = -20 };

static bool is_real_time(int policy) {
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_policy(int policy) {
    return is_real_time(policy) || policy == SCHED_OTHER || policy == SCHED_BATCH ||
           policy == SCHED_IDLE;
}

/* The thread of that id, 0 being the current one's; threads_lock must be held. */
static struct thread *find(int tid) {
    struct thread *self = thread_current();

    return !tid || tid == self->tid ? self : thread_find(tid);
}

static long read_policy(int tid, struct thread_policy *policy) {
    if (tid < 0)
        return -EINVAL;
    lock_take(&threads_lock);
    const struct thread *t = find(tid);
    if (t)
        *policy = t->policy;
    lock_drop(&threads_lock);
    return t ? 0 : -ESRCH;
}

/* KEEP: that of before. */
enum { KEEP = -1 };

static long apply(int tid, const struct thread_policy *new) {
    bool real_time = is_real_time(new->policy);

    if (!is_policy(new->policy) || new->priority < (real_time ? 1 : 0) ||
        new->priority > (real_time ? HIGHEST : 0))
        return -EINVAL;
    scheduler_start();
    return futexpi_set_policy(tid, new);
}

static long set_policy(int tid, int policy, const void *parameters) {
    struct thread_policy new;
    int priority;

    if (!parameters || tid < 0)
        return -EINVAL;
    long error = user_read(&priority, parameters, sizeof priority);
    if (!error)
        error = read_policy(tid, &new);
    if (error)
        return error;
    new.priority = priority;
    if (policy != KEEP) {
        new.policy = policy & ~SCHED_RESET_ON_FORK;
        new.resets = (policy & SCHED_RESET_ON_FORK) != 0;
    }
    return apply(tid, &new);
}

long atman_sys_sched_setscheduler(int tid, int policy, const void *parameters) {
    return policy < 0 ? -EINVAL : set_policy(tid, policy, parameters);
}

long atman_sys_sched_setparam(int tid, const void *parameters) {
    return set_policy(tid, KEEP, parameters);
}

long atman_sys_sched_getscheduler(int tid) {
    struct thread_policy p;
    long error = read_policy(tid, &p);

    return error ? error : p.policy | (p.resets ? SCHED_RESET_ON_FORK : 0);
}

long atman_sys_sched_getparam(int tid, void *parameters) {
    struct thread_policy p;
    long error = parameters ? read_policy(tid, &p) : -EINVAL;

    return error ? error : user_write(parameters, &p.priority, sizeof p.priority);
}

static long limit(int policy, int real_time) {
    if (is_real_time(policy))
        return real_time;
    return is_policy(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

long atman_sys_sched_get_priority_max(int policy) {
    return limit(policy, HIGHEST);
}

long atman_sys_sched_get_priority_min(int policy) {
    return limit(policy, 1);
}

long atman_sys_sched_rr_get_interval(int tid, struct timespec *slice) {
    struct timespec found = {0};
    struct thread_policy p;
    long error = read_policy(tid, &p);

    if (error)
        return error;
    if (p.policy != SCHED_FIFO)
        found.tv_nsec = SCHEDULE_SLICE_NS;
    return user_write(slice, &found, sizeof found);
}

/* Linux's struct sched_attr (linux/sched/types.h), of two sizes so far. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period; /* of SCHED_DEADLINE, which there is not */
    uint32_t least, most;
};

enum {
    FIRST_SIZE = offsetof(struct attributes, least),
    /* SCHED_FLAG_* */
    RESET_ON_FORK = 1,
    KEEP_POLICY = 8,
    KEEP_PARAMETERS = 16,
    KNOWN_FLAGS = RESET_ON_FORK | KEEP_POLICY | KEEP_PARAMETERS | 2 | 4, /* of DEADLINE */
};

/* What is there beyond the structure that we know must be zeros. */
static long check_rest(const char *from, size_t size) {
    long error = 0;
    char byte = 0;

    for (size_t i = 0; i < size && !error && !byte; i++)
        error = user_read(&byte, from + i, 1);
    return error ? error : byte ? -E2BIG : 0;
}

/* -E2BIG: the caller is told which size it should be. */
static long read_attributes(struct attributes *a, char *from) {
    uint32_t size, known = sizeof *a;
    long error = user_read(&size, from, sizeof size);

    if (error)
        return error;
    if (!size)
        size = FIRST_SIZE;
    error = size < FIRST_SIZE || size > PAGE_SIZE ? -E2BIG
            : size > known                        ? check_rest(from + known, size - known)
                                                  : 0;
    if (error == -E2BIG && user_write(from, &known, sizeof known))
        error = -EFAULT;
    *a = (struct attributes){0};
    return error ? error : user_read(a, from, MIN(size, known));
}

static int clamp_nice(int nice) {
    return nice > NICEST ? NICEST : nice < LEAST_NICE ? LEAST_NICE : nice;
}

long atman_sys_sched_setattr(int tid, void *from, unsigned flags) {
    struct attributes a;
    struct thread_policy new;

    if (!from || tid < 0 || flags)
        return -EINVAL;
    long error = read_attributes(&a, from);
    if (!error && (int)a.policy < 0)
        error = -EINVAL;
    if (!error)
        error = read_policy(tid, &new);
    if (error)
        return error;
    if (a.flags & ~(uint64_t)KNOWN_FLAGS || a.priority > HIGHEST)
        return -EINVAL;
    new.resets = a.flags & RESET_ON_FORK;
    if (a.flags & KEEP_PARAMETERS)
        return apply(tid, &new);
    if (!(a.flags & KEEP_POLICY))
        new.policy = (int)a.policy;
    new.priority = (int)a.priority;
    if (!is_real_time(new.policy))
        new.nice = clamp_nice(a.nice);
    return apply(tid, &new);
}

long atman_sys_sched_getattr(int tid, void *to, unsigned size, unsigned flags) {
    struct thread_policy p;

    if (!to || tid < 0 || size < FIRST_SIZE || size > PAGE_SIZE || flags)
        return -EINVAL;
    long error = read_policy(tid, &p);
    if (error)
        return error;
    bool real_time = is_real_time(p.policy);
    struct attributes a = {.policy = (uint32_t)p.policy,
                           .flags = p.resets ? RESET_ON_FORK : 0,
                           .nice = real_time ? 0 : p.nice,
                           .priority = (uint32_t)p.priority,
                           .most = 1024 /* of a processor: no limit */};
    a.size = (uint32_t)MIN((size_t)size, sizeof a);
    return user_write(to, &a, a.size);
}

/*
 * A thread, or all of them: there is one process, one group (of its number) and one user.
 */
static long with_nice(int which, int who, int *nice, bool set) {
    struct thread *t = NULL;
    bool all = which != PRIO_PROCESS;

    if (which != PRIO_PROCESS && which != PRIO_PGRP && which != PRIO_USER)
        return -EINVAL;
    if (all && who && (which == PRIO_USER || who != THE_PROCESS))
        return -ESRCH;
    lock_take(&threads_lock);
    t = find(all ? 0 : who);
    if (t && set)
        t->policy.nice = *nice;
    for (struct tree_node *at = tree_first(&threads); all && set && at; at = tree_next(at))
        TREE_RECORD(at, struct thread, by_tid)->policy.nice = *nice;
    if (t)
        *nice = t->policy.nice;
    lock_drop(&threads_lock);
    return t ? 0 : -ESRCH;
}

long atman_sys_setpriority(int which, int who, int nice) {
    nice = clamp_nice(nice);
    return with_nice(which, who, &nice, true);
}

/* The result cannot be negative. */
long atman_sys_getpriority(int which, int who) {
    int nice;
    long error = with_nice(which, who, &nice, false);

    return error ? error : 20 - nice;
}
