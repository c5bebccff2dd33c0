/* SPDX-License-Identifier: MIT */
/*
 * The word holds its owner's id, a bit that says that others may wait, and one that an
 * owner ended without giving it up. The program takes a free mutex and gives up one that
 * nobody waits for by itself, so the word is only changed by comparing and exchanging.
 * Invariant under lend_lock: while somebody waits here the bit is set and the owner is the
 * one that the word names, unless the program wrote to it.
 */
#include "sched/futexpi.h"

#include <errno.h>

#include "pv/access.h"
#include "sched/futex_abi.h"
#include "sched/lend.h"

enum { DONE, WAIT, AGAIN };

static uint32_t id_of(const struct thread *t) {
    return (uint32_t)t->tid;
}

/* NULL also for one that is about to end and owns nothing any more. */
static struct thread *find_owner(uint32_t tid) {
    lock_take(&threads_lock);
    struct thread *t = thread_find((int)tid);
    if (t && t->lend.ended)
        t = NULL;
    lock_drop(&threads_lock);
    return t;
}

/* From now, what the word was. AGAIN: it is something else by now. */
static long exchange(uint32_t *word, uint32_t now, uint32_t new) {
    uint32_t found;
    long error = user_cas32(word, now, new, &found);

    return error ? error : found == now ? DONE : AGAIN;
}

/* Others wait already. An owner that ends but has still to give it up leaves no id. */
static bool is_sound(const struct lend_mutex *m, uint32_t now) {
    uint32_t tid = now & FUTEX_TID_MASK;

    return tid == id_of(m->owner) || (!tid && now & FUTEX_OWNER_DIED);
}

/* Takes the mutex if it is free; else *m is what to wait for. */
static long take(uint32_t *word, struct thread *t, bool only_try, struct lend_mutex **m) {
    uint32_t now;
    long result = user_load32(word, &now);

    if (result)
        return result;
    if ((now & FUTEX_TID_MASK) == id_of(t))
        return -EDEADLK;
    *m = lend_find(word);
    if (*m && !is_sound(*m, now))
        return -EINVAL;
    if (!*m && !(now & FUTEX_TID_MASK))
        return exchange(word, now, (now & FUTEX_OWNER_DIED) | id_of(t));
    struct thread *owner = *m ? (*m)->owner : find_owner(now & FUTEX_TID_MASK);
    result = exchange(word, now, owner && !only_try ? now | FUTEX_WAITERS : now);
    if (result)
        return result;
    if (!owner)
        return -ESRCH;
    if (only_try)
        return -EAGAIN;
    if (lend_is_circle(owner, t))
        return -EDEADLK;
    if (!*m)
        *m = lend_make(word, owner);
    return *m ? WAIT : -ENOMEM;
}

/* t waits for m. Drops lend_lock. */
static long wait(struct lend_mutex *m, struct thread *t, uint64_t until) {
    thread_prepare(true);
    lend_wait(m, t);
    t->lend.result = DONE;
    lock_drop(&lend_lock);
    enum wake why = thread_sleep(until);
    lock_take(&lend_lock);
    long result = t->lend.result;
    if (t->lend.mutex) {
        lend_leave(t);
        result = why == WAKE_TIMEOUT ? -ETIMEDOUT : AGAIN;
    }
    lock_drop(&lend_lock);
    return thread_finish() == HANDLED_LEAVE && result == AGAIN ? -EINTR : result;
}

/* A signal's handler has been called, or not, and the wait goes on: as under Linux. */
long futexpi_lock(uint32_t *word, uint64_t until, bool only_try) {
    struct thread *t = thread_current();
    struct lend_mutex *m = NULL;
    long result;

    do {
        lock_take(&lend_lock);
        result = take(word, t, only_try, &m);
        if (result == WAIT)
            result = wait(m, t, until);
        else
            lock_drop(&lend_lock);
    } while (result == AGAIN);
    return result;
}

static void wake(struct thread *t, long result) {
    t->lend.result = result;
    thread_wake(t, WAKE_EVENT);
}

static long give_up(uint32_t *word, struct thread *t) {
    uint32_t now;
    long result = user_load32(word, &now);

    if (result)
        return result;
    if ((now & FUTEX_TID_MASK) != id_of(t))
        return -EPERM;
    struct lend_mutex *m = lend_find(word);
    if (!m)
        return exchange(word, now, 0);
    if (m->owner != t)
        return -EINVAL;
    struct thread *next = lend_first(m);
    result = exchange(word, now, FUTEX_WAITERS | id_of(next));
    if (result)
        return result;
    lend_pass(m, next);
    wake(next, DONE);
    return DONE;
}

long futexpi_unlock(uint32_t *word) {
    long result;

    do {
        lock_take(&lend_lock);
        result = give_up(word, thread_current());
        lock_drop(&lend_lock);
    } while (result == AGAIN);
    return result;
}

bool futexpi_is_awaited(const uint32_t *word) {
    if (!lend_is_any())
        return false;
    lock_take(&lend_lock);
    bool is = lend_find(word);
    lock_drop(&lend_lock);
    return is;
}

/* m's word cannot be accessed any more: nobody gets it. */
static void fail(struct lend_mutex *m, struct thread *t) {
    while (lend_owned(t) == m) {
        struct thread *waiter = lend_first(m);
        lend_leave(waiter);
        wake(waiter, -EFAULT);
    }
}

/* Somebody may have taken it already: the program sees that it was given up before we do.
 */
static long bequeath(struct lend_mutex *m, const struct thread *t) {
    struct thread *next = lend_first(m), *taker = NULL;
    uint32_t now, tid;
    long result = user_load32((uint32_t *)m->word, &now);

    if (result)
        return result;
    tid = now & FUTEX_TID_MASK;
    if (tid && tid != id_of(t))
        taker = find_owner(tid);
    result = exchange((uint32_t *)m->word, now,
                      taker ? now | FUTEX_WAITERS
                            : FUTEX_WAITERS | FUTEX_OWNER_DIED | id_of(next));
    if (result)
        return result;
    lend_pass(m, taker ? taker : next);
    if (!taker)
        wake(next, DONE);
    return DONE;
}

void futexpi_end(struct thread *t) {
    struct lend_mutex *m;

    lock_take(&lend_lock);
    t->lend.ended = true;
    while ((m = lend_owned(t)))
        if (bequeath(m, t) < 0)
            fail(m, t);
    lock_drop(&lend_lock);
}

long futexpi_set_policy(int tid, const struct thread_policy *policy) {
    lock_take(&lend_lock);
    struct thread *t = tid ? find_owner((uint32_t)tid) : thread_current();
    if (t) {
        t->policy = *policy;
        lend_adjust(t);
    }
    lock_drop(&lend_lock);
    return t ? 0 : -ESRCH;
}
