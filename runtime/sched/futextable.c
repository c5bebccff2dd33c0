/* SPDX-License-Identifier: MIT */
/*
 * Buckets of waiting threads. Invariant: under its bucket's lock a thread is in the list if
 * and only if its futex.address is set. Who wakes a thread clears the address last: from
 * then on the thread may end, and its record be another's.
 *
 * 1,024 buckets hold 10,000 threads, each on a word of its own, in lists of about ten. Such
 * words are often equally far apart, on stacks or in an array: the multiplier, 2^64 divided
 * by the golden ratio, spreads those evenly (Knuth, volume 3, 6.4).
 */
#include "sched/futextable.h"

enum { BITS = 10, BUCKETS = 1 << BITS };

static struct bucket {
    struct lock lock;
    struct list waiters; /* all zero until the bucket is used */
} table[BUCKETS] = {[0 ... BUCKETS - 1] = {.lock = LOCK_INIT(LOCK_FUTEX)}};

static struct bucket *bucket_of(const void *word) {
    return &table[(unsigned long)word / sizeof(uint32_t) * 0x9e3779b97f4a7c15 >>
                  (64 - BITS)];
}

static struct thread *thread_of(struct list *node) {
    return LIST_RECORD(node, struct thread, futex.node);
}

static void lock(struct bucket *b) {
    lock_take(&b->lock);
    if (!b->waiters.next)
        list_init(&b->waiters);
}

struct bucket *bucket_lock(const void *word) {
    struct bucket *b = bucket_of(word);

    lock(b);
    return b;
}

void bucket_unlock(struct bucket *b) {
    lock_drop(&b->lock);
}

struct buckets buckets_lock(const void *first, const void *second) {
    struct buckets b = {bucket_of(first), bucket_of(second)};

    lock(b.first < b.second ? b.first : b.second);
    if (b.first != b.second)
        lock(b.first < b.second ? b.second : b.first);
    return b;
}

void buckets_unlock(struct buckets b) {
    if (b.first != b.second)
        lock_drop(&b.second->lock);
    lock_drop(&b.first->lock);
}

static void enter(struct bucket *b, struct thread *t, const void *word) {
    struct list *last = b->waiters.previous;

    while (last != &b->waiters && thread_of(last)->futex.rank < t->futex.rank)
        last = last->previous;
    list_insert(&t->futex.node, last->next);
    __atomic_store_n(&t->futex.address, word, __ATOMIC_RELEASE);
}

void bucket_enter(struct bucket *b, struct thread *t, const void *word, uint32_t bits) {
    t->futex.bits = bits;
    t->futex.rank = t->rank;
    enter(b, t, word);
}

long bucket_wake(struct bucket *b, const void *word, long count, uint32_t bits) {
    long woken = 0;

    for (struct list *at = b->waiters.next, *next; at != &b->waiters && woken < count;
         at = next) {
        struct thread *t = thread_of(at);
        next = at->next;
        if (t->futex.address != word || !(t->futex.bits & bits))
            continue;
        list_remove(at);
        thread_wake(t, WAKE_EVENT);
        __atomic_store_n(&t->futex.address, NULL, __ATOMIC_RELEASE);
        woken++;
    }
    return woken;
}

long buckets_move(struct buckets b, const void *first, const void *second, long count) {
    struct list *head = &b.first->waiters;
    long moved = 0;

    for (struct list *at = head->next, *next; at != head && moved < count; at = next) {
        struct thread *t = thread_of(at);
        next = at->next;
        if (t->futex.address != first)
            continue;
        moved++;
        if (first == second)
            continue; /* it keeps its place */
        list_remove(at);
        enter(b.second, t, second);
    }
    return moved;
}

bool bucket_leave(struct thread *t) {
    const void *word;

    while ((word = __atomic_load_n(&t->futex.address, __ATOMIC_ACQUIRE))) {
        struct bucket *b = bucket_lock(word);
        bool here = t->futex.address == word; /* or it was moved, or woken */
        if (here) {
            list_remove(&t->futex.node);
            t->futex.address = NULL;
        }
        bucket_unlock(b);
        if (here)
            return true;
    }
    return false;
}
