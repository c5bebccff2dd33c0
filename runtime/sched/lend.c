/* SPDX-License-Identifier: MIT */
/*
 * Invariants under the lock: a mutex is in the tree of all and in its owner's list while it
 * has waiters; a thread waits for one at most. Owners and waiters make no circle, but for
 * what programs do that write to mutexes of others.
 */
#include "sched/lend.h"

#include "mm/page.h"
#include "sched/schedule.h"

enum { LONGEST_CHAIN = 1024 }; /* as Linux's max_lock_depth */

struct lock lend_lock = LOCK_INIT(LOCK_LEND);

static struct tree mutexes;
static struct list unused = {&unused, &unused}; /* through owned */

static struct lend_mutex *mutex_of(const struct tree_node *node) {
    return TREE_RECORD(node, struct lend_mutex, node);
}

static struct thread *thread_of(const struct tree_node *node) {
    return TREE_RECORD(node, struct thread, lend.node);
}

static bool is_before(const struct tree_node *node, unsigned long word) {
    return (unsigned long)mutex_of(node)->word < word;
}

/* The first that is not before. */
static struct tree_node *seek(const uint32_t *word) {
    return tree_find(&mutexes, is_before, (unsigned long)word);
}

bool lend_is_any(void) {
    return __atomic_load_n(&mutexes.root, __ATOMIC_RELAXED);
}

struct lend_mutex *lend_find(const uint32_t *word) {
    struct tree_node *node = seek(word);

    return node && mutex_of(node)->word == word ? mutex_of(node) : NULL;
}

static struct lend_mutex *take_record(void) {
    if (list_is_empty(&unused)) {
        struct lend_mutex *page = page_alloc_kernel();
        if (!page)
            return NULL;
        for (size_t i = 0; i < PAGE_SIZE / sizeof *page; i++)
            list_insert(&page[i].owned, &unused);
    }
    struct lend_mutex *m = LIST_RECORD(unused.next, struct lend_mutex, owned);
    list_remove(&m->owned);
    return m;
}

static void give_to(struct lend_mutex *m, struct thread *owner) {
    if (!owner->lend.owned.next)
        list_init(&owner->lend.owned);
    list_insert(&m->owned, &owner->lend.owned);
    m->owner = owner;
}

struct lend_mutex *lend_make(const uint32_t *word, struct thread *owner) {
    struct lend_mutex *m = take_record();

    if (!m)
        return NULL;
    *m = (struct lend_mutex){.word = word};
    tree_insert(&mutexes, &m->node, seek(word));
    give_to(m, owner);
    return m;
}

static void remove(struct lend_mutex *m) {
    list_remove(&m->owned);
    tree_remove(&mutexes, &m->node);
    list_insert(&m->owned, &unused);
}

static bool is_not_lower(const struct tree_node *node, unsigned long rank) {
    return thread_of(node)->rank >= (int)rank;
}

static void enter(struct lend_mutex *m, struct thread *t) {
    tree_insert(&m->waiters, &t->lend.node,
                tree_find(&m->waiters, is_not_lower, (unsigned long)t->rank));
}

struct thread *lend_first(const struct lend_mutex *m) {
    return thread_of(tree_first(&m->waiters));
}

struct lend_mutex *lend_owned(const struct thread *t) {
    const struct list *owned = &t->lend.owned;

    return owned->next && !list_is_empty(owned)
               ? LIST_RECORD(owned->next, struct lend_mutex, owned)
               : NULL;
}

static int due_rank(const struct thread *t) {
    const struct list *owned = &t->lend.owned;
    int rank = t->policy.priority;

    for (struct list *at = owned->next; at && at != owned; at = at->next) {
        int lent = lend_first(LIST_RECORD(at, struct lend_mutex, owned))->rank;
        if (lent > rank)
            rank = lent;
    }
    return rank;
}

/* Ends in a circle, too: no rank changes for ever. */
void lend_adjust(struct thread *t) {
    for (struct lend_mutex *m; t; t = m ? m->owner : NULL) {
        int rank = due_rank(t);
        if (rank == t->rank)
            return;
        m = t->lend.mutex;
        if (m)
            tree_remove(&m->waiters, &t->lend.node);
        schedule_set_rank(t, rank);
        if (m)
            enter(m, t);
    }
}

bool lend_is_circle(const struct thread *owner, const struct thread *t) {
    for (unsigned i = 0; i < LONGEST_CHAIN; i++) {
        if (owner == t)
            return true;
        if (!owner->lend.mutex)
            return false;
        owner = owner->lend.mutex->owner;
    }
    return true;
}

void lend_wait(struct lend_mutex *m, struct thread *t) {
    t->lend.mutex = m;
    enter(m, t);
    lend_adjust(m->owner);
}

static void leave(struct lend_mutex *m, struct thread *t) {
    tree_remove(&m->waiters, &t->lend.node);
    t->lend.mutex = NULL;
}

void lend_leave(struct thread *t) {
    struct lend_mutex *m = t->lend.mutex;
    struct thread *owner = m->owner;

    leave(m, t);
    if (!m->waiters.root)
        remove(m);
    lend_adjust(owner);
}

void lend_pass(struct lend_mutex *m, struct thread *to) {
    struct thread *last = m->owner;

    if (to->lend.mutex == m)
        leave(m, to);
    if (m->waiters.root) {
        list_remove(&m->owned);
        give_to(m, to);
    } else {
        remove(m);
    }
    lend_adjust(to);
    lend_adjust(last);
}
