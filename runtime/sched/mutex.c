/* SPDX-License-Identifier: MIT */
/* Without a scheduler there is nobody who could have taken it. */
#include "sched/mutex.h"

#include "sched/hooks.h"
#include "sched/thread.h"

void handlers_hold(void) {
    thread_current()->signals.held++;
    barrier();
}

void handlers_release(void) {
    struct thread_signals *s = &thread_current()->signals;

    barrier();
    if (--s->held || !__atomic_load_n(&s->ready, __ATOMIC_SEQ_CST))
        return;
    events_off();
    line_want_upcall();
    events_on();
}

static bool change(struct mutex *mutex, uint32_t from, uint32_t to) {
    return __atomic_compare_exchange_n(&mutex->word, &from, to, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

bool mutex_try(struct mutex *mutex) {
    handlers_hold();
    if (change(mutex, 0, 1))
        return true;
    handlers_release();
    return false;
}

void mutex_take(struct mutex *mutex) {
    handlers_hold();
    if (change(mutex, 0, 1))
        return;
    while (__atomic_exchange_n(&mutex->word, 2, __ATOMIC_ACQUIRE))
        scheduler->mutex_wait(mutex);
}

void mutex_drop(struct mutex *mutex) {
    if (__atomic_exchange_n(&mutex->word, 0, __ATOMIC_RELEASE) == 2)
        scheduler->mutex_wake(mutex);
    handlers_release();
}
