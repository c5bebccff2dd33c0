/* SPDX-License-Identifier: MIT */
/*
 * Waiting threads are in the list of their word's bucket. Invariant: under its bucket's
 * lock a thread is in the list if and only if its futex.address is set.
 */
#include "sched/futex.h"

#include <errno.h>
#include <time.h>

#include "pv/access.h"
#include "sched/deadline.h"
#include "sched/futex_abi.h"

enum { BUCKETS = 256 };

static struct bucket {
    struct lock lock;
    struct list waiters;
} buckets[BUCKETS];

static struct bucket *bucket_of(const void *address) {
    unsigned long key = (unsigned long)address / sizeof(uint32_t);

    return &buckets[(key ^ key / BUCKETS ^ key / 65536) % BUCKETS];
}

static struct bucket *lock_bucket(const void *address) {
    struct bucket *b = bucket_of(address);

    lock_take(&b->lock);
    if (!b->waiters.next)
        list_init(&b->waiters);
    return b;
}

/* Behind those of the same rank. The bucket is locked. */
static void enqueue(struct bucket *b, struct thread *t, const void *address,
                    uint32_t bits) {
    struct list *at = &b->waiters;

    if (t->rank)
        for (at = at->next; at != &b->waiters; at = at->next)
            if (LIST_RECORD(at, struct thread, futex.node)->rank < t->rank)
                break;
    t->futex.address = address;
    t->futex.bits = bits;
    list_insert(&t->futex.node, at);
}

static void dequeue(struct thread *t) {
    list_remove(&t->futex.node);
    t->futex.address = NULL;
}

/* After sleeping: takes t out if it is still in a list; false if somebody did. */
static bool withdraw(struct thread *t) {
    const void *address;
    bool queued = false;

    while ((address = __atomic_load_n(&t->futex.address, __ATOMIC_ACQUIRE)) && !queued) {
        struct bucket *b = lock_bucket(address);
        queued = t->futex.address == address; /* or it was moved to another word */
        if (queued)
            dequeue(t);
        lock_drop(&b->lock);
    }
    return queued;
}

static long wait(uint32_t *word, uint32_t value, uint32_t bits, uint64_t until) {
    struct thread *t = thread_current();
    uint32_t now;
    long error = user_load32(word, &now); /* before the lock: it may have to be mapped */

    if (error)
        return error;
    struct bucket *b = lock_bucket(word);
    error = user_load32(word, &now);
    if (error || now != value) {
        lock_drop(&b->lock);
        return error ? error : -EAGAIN;
    }
    thread_prepare(true);
    enqueue(b, t, word, bits);
    lock_drop(&b->lock);
    enum wake why = thread_sleep(until);
    bool woken = !withdraw(t);
    events_on();
    if (woken)
        return 0;
    return why == WAKE_TIMEOUT ? -ETIMEDOUT : -EINTR;
}

long futex_wake(const uint32_t *word, unsigned count, uint32_t bits) {
    struct bucket *b = lock_bucket(word);
    long woken = 0;

    for (struct list *at = b->waiters.next, *next; at != &b->waiters && count; at = next) {
        struct thread *t = LIST_RECORD(at, struct thread, futex.node);
        next = at->next;
        if (t->futex.address != word || !(t->futex.bits & bits))
            continue;
        dequeue(t);
        thread_wake(t, WAKE_EVENT);
        woken++;
        count--;
    }
    lock_drop(&b->lock);
    return woken;
}

long futex(uint32_t *word, int operation, uint32_t value, const struct timespec *limit,
           uint32_t *word2, uint32_t value3) {
    uint64_t until = 0;
    int command = operation & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
    long error;

    (void)word2;
    switch (command) {
    case FUTEX_WAKE:
        return futex_wake(word, value, ~0u);
    case FUTEX_WAKE_BITSET:
        return futex_wake(word, value, value3);
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        if (limit && (error = deadline_read(limit, command == FUTEX_WAIT_BITSET,
                                            operation & FUTEX_CLOCK_REALTIME, &until)))
            return error;
        return wait(word, value, command == FUTEX_WAIT ? ~0u : value3, until);
    default:
        return -ENOSYS;
    }
}

void futex_release_robust(struct thread *t) {
    (void)t;
}
