/* SPDX-License-Identifier: MIT */
/* The checks of a debug build; in others this file is empty. */
#include "xen/lockcheck.h"

#ifdef ATMAN_DEBUG
#    include "base/panic.h"

enum { NO_OWNER = 0xffff };

static void require_events_off(void) {
    if (!THIS_LINE->depth)
        panic("a lock is taken or dropped with events on");
}

void lock_check_take(const struct lock *lock) {
    const struct lock *held = THIS_LINE->held;

    if (lock->word && lock->owner == THIS_LINE->index)
        panic("a lock is taken twice");
    if (held && held->rank > lock->rank)
        panic("locks are taken in the wrong order");
}

void lock_note_take(struct lock *lock) {
    require_events_off();
    lock->owner = (uint16_t)THIS_LINE->index;
    lock->below = THIS_LINE->held;
    THIS_LINE->held = lock;
}

/* Not always the last: two run queues are dropped in either order. */
void lock_note_drop(struct lock *lock) {
    struct lock *above = THIS_LINE->held;

    require_events_off();
    if (!lock->word || lock->owner != THIS_LINE->index)
        panic("a lock is dropped that another vCPU took, or none");
    lock->owner = NO_OWNER;
    if (above == lock) {
        THIS_LINE->held = lock->below;
        return;
    }
    while (above && above->below != lock)
        above = above->below;
    if (!above)
        panic("a lock is dropped that is not held");
    above->below = lock->below;
}
#endif
