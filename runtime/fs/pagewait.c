/* SPDX-License-Identifier: MIT */
/*
 * Who waits for pages in flight: few at a time, so one list serves all. Invariants: what a
 * wait is for changes under pagewait_lock, together with the end of the wait; whoever ends
 * a wait takes it out of the list.
 *
 * A thread that waits in a call has its record on its stack. One that waits in a fault has
 * no stack of its own: its record is in its struct thread, and it sleeps in the kernel
 * entry, as if it had been preempted, until the access is tried again. Its record holds the
 * cache, since the mapping may go meanwhile.
 */
#include <errno.h>

#include "fs/backed_parts.h"
#include "fs/keeper.h"
#include "mm/space.h"
#include "pv/access.h"
#include "sched/mutex.h"
#include "sched/schedule.h"
#include "signal/fault.h"

struct lock pagewait_lock = LOCK_INIT(LOCK_WAIT);
static struct list waits = {&waits, &waits};

static struct pagewait *first_wait(void) {
    return LIST_RECORD(waits.next, struct pagewait, node);
}

static struct pagewait *next_wait(const struct pagewait *w) {
    return LIST_RECORD(w->node.next, struct pagewait, node);
}

static void insert(struct pagewait *w) {
    w->thread = thread_current();
    w->waits = true;
    list_insert(&w->node, &waits);
}

static void take_out(struct pagewait *w) {
    list_remove(&w->node);
    w->waits = false;
}

void pagewait_begin(struct pagewait *w, struct backed *b, unsigned long index,
                    enum pagewait_kind kind) {
    *w = (struct pagewait){.backed = b, .index = index, .kind = (uint8_t)kind};
    handlers_hold();
    lock_take(&pagewait_lock);
    insert(w);
    lock_drop(&pagewait_lock);
}

static bool is_over(const struct pagewait *w) {
    unsigned marks = 0;
    void *page = w->backed ? backed_look(w->backed, w->index, &marks) : NULL;

    switch (w->kind) {
    case WAIT_FILLED:
        return w->in_fault ? page && !(marks & BACKED_FILLING) : !(marks & BACKED_FILLING);
    case WAIT_WRITTEN:
        return !(marks & BACKED_WRITING);
    case WAIT_ROOM:
        return !writeback_is_due();
    case WAIT_CLEAN:
        return !__atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST);
    default:
        return !__atomic_load_n(&w->backed->busy, __ATOMIC_SEQ_CST);
    }
}

static void sleep(void) {
    thread_prepare(false);
    lock_drop(&pagewait_lock);
    thread_sleep(0);
    lock_take(&pagewait_lock);
    events_on(); /* thread_prepare's; the lock holds them */
}

long pagewait_end(struct pagewait *w) {
    lock_take(&pagewait_lock);
    while (w->waits && !is_over(w))
        sleep();
    if (w->waits)
        take_out(w);
    lock_drop(&pagewait_lock);
    handlers_release();
    return w->error;
}

static void end(struct pagewait *w, long error) {
    struct backed *b = w->backed;

    take_out(w);
    w->error = error;
    thread_wake(w->thread, WAKE_EVENT);
    if (w->in_fault && b)
        __atomic_sub_fetch(&b->busy, 1, __ATOMIC_SEQ_CST);
}

void pagewait_wake(struct backed *b, unsigned long first, unsigned long last,
                   enum pagewait_kind kind, long error) {
    struct pagewait *next;

    for (struct pagewait *w = first_wait(); &w->node != &waits; w = next) {
        next = next_wait(w);
        if (w->backed == b && w->kind == kind && w->index >= first && w->index < last)
            end(w, error);
    }
}

void pagewait_wake_room(void) {
    struct pagewait *next;

    for (struct pagewait *w = first_wait(); &w->node != &waits; w = next) {
        next = next_wait(w);
        if (w->kind == WAIT_CLEAN || (w->kind == WAIT_ROOM && !writeback_is_due())) {
            struct backed *b = w->backed;
            backed_hold(b); /* it may be the last one that needs it */
            end(w, 0);
            backed_release(b, 1);
            next = first_wait();
        }
    }
}

static struct pagewait *find_wanted(void) {
    for (struct pagewait *w = first_wait(); &w->node != &waits; w = next_wait(w))
        if (w->wanted)
            return w;
    return NULL;
}

bool pagewait_is_wanted(void) {
    return find_wanted();
}

bool pagewait_take_wanted(struct backed **b, unsigned long *index,
                          enum pagewait_kind *kind) {
    lock_take(&pagewait_lock);
    struct pagewait *w = find_wanted();
    if (w) {
        *b = w->backed;
        *index = w->index;
        *kind = w->kind;
        w->wanted = false;
        backed_hold(*b);
    }
    lock_drop(&pagewait_lock);
    return w;
}

/* With mm_lock held. What a completion said of this very page is an answer, once. */
int pagewait_in_fault(struct object *object, unsigned long index) {
    struct pagewait *w = &thread_current()->pagewait;
    struct backed *b = (struct backed *)object;
    long error = w->backed == b && w->index == index ? w->error : 0;
    unsigned marks;

    void *page = backed_look(b, index, &marks);
    *w = (struct pagewait){.backed = b, .index = index, .in_fault = true};
    if (error)
        return (int)error;
    w->kind = page && !(marks & BACKED_FILLING) ? WAIT_ROOM : WAIT_FILLED;
    backed_hold(b);
    return 0;
}

bool pagewait_for_memory(void) {
    if (!__atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST))
        return false;
    thread_current()->pagewait = (struct pagewait){.kind = WAIT_CLEAN, .in_fault = true};
    return true;
}

/* Whatever is not in flight the keeper starts. */
static void wait_for_page(struct frame *f) {
    struct pagewait *w = &thread_current()->pagewait;
    unsigned marks = 0;

    lock_take(&pagewait_lock);
    if (is_over(w)) {
        backed_release(w->backed, 1);
        lock_drop(&pagewait_lock);
        return;
    }
    if (w->backed)
        backed_look(w->backed, w->index, &marks);
    w->wanted = !(marks & BACKED_FILLING);
    insert(w);
    if (w->wanted)
        keeper_wake();
    thread_prepare(false);
    lock_drop(&pagewait_lock);
    schedule_leave(f);
}

/* Touches what could not be waited for; nothing is held any more. It may have been too much
 * that is dirty. */
static bool retry(void) {
    struct thread *t = thread_current();
    unsigned long address = t->missed;
    char byte;

    t->missed = 0;
    if (address && writeback_is_due())
        writeback_all(true);
    return address && !user_read(&byte, (const void *)address, 1);
}

void pagewait_start(void) {
    fault_wait = wait_for_page;
    access_retry = retry;
    space_wait_for_memory = pagewait_for_memory;
}
