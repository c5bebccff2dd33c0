/* SPDX-License-Identifier: MIT */
/* There are few such ports, and few threads wait for them: one queue serves all. */
#include "sched/portwait.h"

#include "base/string.h"
#include "sched/thread.h"
#include "xen/event.h"
#include "xen/upcall.h"

struct waiter {
    struct list node;
    struct thread *thread;
};

static struct lock lock = LOCK_INIT(LOCK_WAIT);
static struct list waiters = {&waiters, &waiters};
static uint32_t count;
static bool is_bound[EVENT_PORTS];
static void (*listener)(void);

static void wake_all(void) {
    lock_take(&lock);
    count++;
    for (struct list *at = waiters.next; at != &waiters; at = at->next)
        thread_wake(LIST_RECORD(at, struct waiter, node)->thread, WAKE_EVENT);
    lock_drop(&lock);
    if (listener)
        listener();
}

void portwait_again(void) {
    lock_take(&lock);
    memset(is_bound, 0, sizeof is_bound);
    lock_drop(&lock);
    wake_all();
}

uint32_t portwait_count(void) {
    return __atomic_load_n(&count, __ATOMIC_ACQUIRE);
}

/* What came before nobody has counted. Under the lock. */
static void bind(evtchn_port_t port) {
    if (is_bound[port])
        return;
    is_bound[port] = true;
    upcall_bind(port, wake_all);
    count++;
}

bool portwait(evtchn_port_t port, uint32_t seen, uint64_t until) {
    struct waiter me = {.thread = thread_current()};

    if (port >= EVENT_PORTS)
        return true;
    lock_take(&lock);
    bind(port);
    if (count != seen) {
        lock_drop(&lock);
        return true;
    }
    thread_prepare(true);
    list_insert(&me.node, &waiters);
    lock_drop(&lock);
    thread_sleep(until);
    lock_take(&lock);
    list_remove(&me.node);
    lock_drop(&lock);
    return thread_finish() < HANDLED_BREAK;
}

void portwait_listen(evtchn_port_t port, void (*handler)(void)) {
    lock_take(&lock);
    listener = handler;
    if (port < EVENT_PORTS)
        bind(port);
    lock_drop(&lock);
}
