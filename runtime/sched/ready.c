/* SPDX-License-Identifier: MIT */
/* Who watches what. */
#include "sched/ready.h"

#include "sched/hooks.h"

void ready_init(struct ready *ready) {
    lock_init(&ready->lock, LOCK_READY);
    ready->count = 0;
    list_init(&ready->watches);
}

static void make_list(struct ready *ready) {
    if (!ready->watches.next)
        list_init(&ready->watches);
}

void ready_notify(struct ready *ready, unsigned events) {
    lock_take(&ready->lock);
    make_list(ready);
    __atomic_add_fetch(&ready->count, 1, __ATOMIC_SEQ_CST);
    for (struct list *at = ready->watches.next, *next; at != &ready->watches; at = next) {
        struct watch *watch = LIST_RECORD(at, struct watch, node);
        next = at->next;
        watch->notify(watch, events);
    }
    lock_drop(&ready->lock);
}

void watch_add(struct watch *watch, struct ready *ready) {
    lock_take(&ready->lock);
    make_list(ready);
    watch->ready = ready;
    list_insert(&watch->node, &ready->watches);
    lock_drop(&ready->lock);
}

void watch_remove(struct watch *watch) {
    struct ready *ready = watch->ready;

    if (!ready)
        return;
    lock_take(&ready->lock);
    list_remove(&watch->node);
    watch->ready = NULL;
    lock_drop(&ready->lock);
}

long ready_wait(struct ready *ready, uint32_t seen, uint64_t until, bool restarts) {
    return scheduler->ready_wait(ready, seen, until, restarts);
}
