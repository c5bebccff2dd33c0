/* SPDX-License-Identifier: MIT */
/*
 * The list is the program's memory. Nothing is believed but that a word which names the
 * ending thread is a mutex of its; at most that many links are followed, as under Linux.
 * The lowest bit of a link says that its mutex lends priority: who waits for such is woken
 * by futexpi_end.
 */
#include "sched/robust.h"

#include "pv/access.h"
#include "sched/futex.h"
#include "sched/futex_abi.h"

enum { LONGEST_LIST = 2048, LENDS = 1 };

/* False if there can be no such word. */
static bool mark(unsigned long address, const struct thread *t, bool lends, bool pending) {
    uint32_t *word = (uint32_t *)address, now, found;
    bool is_mine;

    if (address % sizeof *word || address >> 47 || user_load32(word, &found))
        return false;
    do {
        now = found;
        is_mine = (now & FUTEX_TID_MASK) == (uint32_t)t->tid;
        if (is_mine &&
            user_cas32(word, now, (now & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &found))
            return false;
    } while (is_mine && found != now);
    /* Its id is out already, but the wake-up that follows is still owed. */
    bool is_owed = pending && !(now & FUTEX_TID_MASK);
    if (!lends && ((is_mine && now & FUTEX_WAITERS) || is_owed))
        futex_wake(word, 1, ~0u);
    return true;
}

static bool mark_link(unsigned long link, long offset, const struct thread *t,
                      bool pending) {
    return mark((link & ~(unsigned long)LENDS) + (unsigned long)offset, t, link & LENDS,
                pending);
}

void robust_release(struct thread *t) {
    struct robust_list list;
    unsigned long next, end = (unsigned long)t->robust;

    if (!t->robust || user_read(&list, t->robust, sizeof list))
        return;
    next = list.first;
    for (unsigned i = 0; i < LONGEST_LIST && (next & ~(unsigned long)LENDS) != end; i++) {
        unsigned long link = next;
        bool is_last =
            user_read(&next, (void *)(link & ~(unsigned long)LENDS), sizeof next);
        bool is_pending = !((link ^ list.pending) & ~(unsigned long)LENDS);
        if ((!is_pending && !mark_link(link, list.offset, t, false)) || is_last)
            return;
    }
    if (list.pending)
        mark_link(list.pending, list.offset, t, true);
}
