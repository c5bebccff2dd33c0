/* SPDX-License-Identifier: MIT */
/*
 * What the runtime's parts find where there is one thread, no scheduler and no memory that
 * faults: locks that are free and pointers that are good.
 */
#include <string.h>

#include "console/console.h"
#include "pv/access.h"
#include "require.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "xen/event.h"
#include "xen/lock.h"

const struct scheduler *scheduler;

/* Tests with threads have their own. */
__attribute__((weak)) struct thread *thread_current(void) {
    static struct thread only;

    return &only;
}

void lock_take(struct lock *lock) {
    REQUIRE(!lock->word);
    lock->word = 1;
}

void lock_drop(struct lock *lock) {
    REQUIRE(lock->word);
    lock->word = 0;
}

bool lock_try(struct lock *lock) {
    lock_take(lock);
    return true;
}

long user_read(void *to, const void *from, size_t size) {
    memcpy(to, from, size);
    return 0;
}

long user_write(void *to, const void *from, size_t size) {
    memcpy(to, from, size);
    return 0;
}

struct lock console_lock;

/* For tests that replace some of these: the others are not to be called. */
#define NOT_TO_BE_CALLED(name, ...)                                                        \
    __attribute__((weak)) void name(__VA_ARGS__) {                                         \
        REQUIRE_SAYING(false, #name);                                                      \
    }

NOT_TO_BE_CALLED(event_clear, evtchn_port_t port __attribute__((unused)))
NOT_TO_BE_CALLED(event_sleep, uint64_t until __attribute__((unused)))
NOT_TO_BE_CALLED(event_wait, evtchn_port_t port __attribute__((unused)),
                 uint64_t until __attribute__((unused)))
