/* SPDX-License-Identifier: MIT */
#include "fs/keeper.h"

#include <errno.h>

#include "fs/backed_parts.h"
#include "init/shutdown.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "sched/clock.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "sched/schedule.h"

enum { STACK = 8 * PAGE_SIZE };

static struct thread *keeper;

static _Noreturn void run(void) {
    for (;;)
        keeper_turn();
}

/* What is dirty does not outlive the domain. */
static void sync_at_end(void) {
    backed_sync_all(NULL);
}

static bool relieve(void) {
    bool any = __atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST);

    if (any)
        writeback_all(true);
    lock_take(&mm_lock);
    any |= backing_make_room();
    lock_drop(&mm_lock);
    return any;
}

static long start(void) {
    scheduler_start();
    unsigned long stack = space_make_own_stack(STACK);
    struct thread *t = stack ? thread_make_own(run, stack + STACK) : NULL;

    if (!t) {
        if (stack)
            space_free_own_stack(stack, STACK);
        return -ENOMEM;
    }
    shutdown_prepare = sync_at_end;
    space_relieve = relieve;
    __atomic_store_n(&keeper, t, __ATOMIC_SEQ_CST);
    schedule_add(t);
    return 0;
}

long keeper_start(void) {
    static struct mutex mutex;
    long error = 0;

    mutex_take(&mutex);
    if (!keeper)
        error = start();
    mutex_drop(&mutex);
    return error;
}

/* 1: it has something to see to before it sleeps. */
static uint32_t news;

void keeper_wake(void) {
    __atomic_store_n(&news, 1, __ATOMIC_SEQ_CST);
    thread_wake(keeper, WAKE_EVENT);
}

/* Who is left is told why, or tries again: all that is in flight will be told later. */
static void answer(struct backed *b, unsigned long index, long error) {
    unsigned marks;

    lock_take(&pagewait_lock);
    if (!backed_look(b, index, &marks) || !(marks & BACKED_FILLING))
        pagewait_wake(b, index, index + 1, WAIT_FILLED, error);
    lock_drop(&pagewait_lock);
}

static void fill_for_fault(struct backed *b, unsigned long index) {
    long error = ahead_fault(b, index);

    if (error && __atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST)) {
        writeback_all(true);
        error = backed_start(b, index, index + 1);
    }
    answer(b, index, error);
}

static void make_room(void) {
    writeback_all(false);
    lock_take(&pagewait_lock);
    pagewait_wake_room();
    lock_drop(&pagewait_lock);
}

static bool serve_fault(void) {
    enum pagewait_kind kind;
    unsigned long index;
    struct backed *b;

    if (!pagewait_take_wanted(&b, &index, &kind))
        return false;
    if (kind == WAIT_FILLED)
        fill_for_fault(b, index);
    else
        make_room();
    lock_take(&pagewait_lock);
    backed_release(b, 1);
    lock_drop(&pagewait_lock);
    return true;
}

/*
 * One whose oldest dirty page is due, which is held; else NULL, and when to look again: 0
 * if nothing is dirty or can become so unnoticed.
 */
static struct backed *find_due(uint64_t *until) {
    uint64_t now = clock_monotonic();
    struct backed *due = NULL;

    *until = 0;
    lock_take(&mm_lock);
    for (struct list *at = backed_all.next; at != &backed_all && !due; at = at->next) {
        struct backed *b = LIST_RECORD(at, struct backed, node);
        uint64_t since = __atomic_load_n(&b->since, __ATOMIC_SEQ_CST);
        uint64_t when = (since ? since : now) + KEEPER_AGE;
        if (since && when <= now)
            due = b;
        else if ((since || b->cache.object.mappings) && (!*until || when < *until))
            *until = when;
    }
    if (due)
        backed_hold(due);
    lock_drop(&mm_lock);
    return due;
}

static bool write_due(uint64_t *until) {
    struct backed *b = find_due(until);

    if (!b)
        return false;
    writeback_start(b, 0, CACHE_END);
    lock_take(&b->cache.lock);
    if (b->since) /* what is being written and dirty again: not at once */
        b->since = clock_monotonic();
    lock_drop(&b->cache.lock);
    lock_take(&pagewait_lock);
    backed_release(b, 1);
    lock_drop(&pagewait_lock);
    return true;
}

void keeper_turn(void) {
    uint64_t until;

    __atomic_store_n(&news, 0, __ATOMIC_SEQ_CST);
    if (serve_fault() || write_due(&until))
        return;
    lock_take(&pagewait_lock);
    if (pagewait_is_wanted() || __atomic_load_n(&news, __ATOMIC_SEQ_CST)) {
        lock_drop(&pagewait_lock);
        return;
    }
    thread_prepare(false);
    lock_drop(&pagewait_lock);
    if (__atomic_load_n(&news, __ATOMIC_SEQ_CST))
        thread_wake(keeper, WAKE_EVENT);
    thread_sleep(until);
    thread_finish();
}
