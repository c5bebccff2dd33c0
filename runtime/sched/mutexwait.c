/* SPDX-License-Identifier: MIT */
/* Threads that wait for mutexes: few at a time, so one queue serves all. */
#include "sched/mutex.h"
#include "sched/thread.h"

struct waiter {
    struct list node;
    struct thread *thread;
    struct mutex *mutex;
};

static struct lock lock = LOCK_INIT(LOCK_WAIT);
static struct list waiters = {&waiters, &waiters};

/* The word is 2 unless it was dropped since the caller looked. */
void mutex_wait(struct mutex *mutex) {
    struct waiter me = {.thread = thread_current(), .mutex = mutex};

    lock_take(&lock);
    if (__atomic_load_n(&mutex->word, __ATOMIC_SEQ_CST) != 2) {
        lock_drop(&lock);
        return;
    }
    thread_prepare(false);
    list_insert(&me.node, &waiters);
    lock_drop(&lock);
    thread_sleep(0);
    lock_take(&lock);
    list_remove(&me.node);
    lock_drop(&lock);
    thread_finish();
}

/* Who is woken sets the word to 2 again, so that the others' turn comes. */
void mutex_wake(struct mutex *mutex) {
    lock_take(&lock);
    for (struct list *at = waiters.next; at != &waiters; at = at->next) {
        struct waiter *w = LIST_RECORD(at, struct waiter, node);
        if (w->mutex == mutex && thread_wake(w->thread, WAKE_EVENT))
            break;
    }
    lock_drop(&lock);
}
