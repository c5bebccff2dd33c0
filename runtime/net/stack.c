/* SPDX-License-Identifier: MIT */
#include "net/stack.h"

#include <errno.h>

#include "lwip/init.h"
#include "mm/internal.h"
#include "net/end.h"
#include "net/loop.h"
#include "net/netif.h"
#include "net/resolver.h"
#include "sched/mutex.h"
#include "sched/schedule.h"

enum { STACK = 8 * PAGE_SIZE };

static struct mutex net_lock;
static struct thread *worker;
static uint32_t news; /* timers have changed since it last looked */

void net_enter(void) {
    mutex_take(&net_lock);
}

void net_leave(void) {
    loop_deliver();
    netifs_push();
    mutex_drop(&net_lock);
}

void stack_wake(void) {
    __atomic_store_n(&news, 1, __ATOMIC_SEQ_CST);
    if (worker)
        thread_wake(worker, WAKE_EVENT);
}

static void turn(void) {
    __atomic_store_n(&news, 0, __ATOMIC_SEQ_CST);
    net_enter();
    uint64_t until = timers_run();
    net_leave();
    resolver_write();
    thread_prepare(false);
    if (__atomic_load_n(&news, __ATOMIC_SEQ_CST))
        thread_wake(worker, WAKE_EVENT);
    thread_sleep(until);
    thread_finish();
}

static _Noreturn void run(void) {
    for (;;)
        turn();
}

static long start(void) {
    unsigned long stack = space_make_own_stack(STACK);
    struct thread *t = stack ? thread_make_own(run, stack + STACK) : NULL;

    if (!t) {
        if (stack)
            space_free_own_stack(stack, STACK);
        return -ENOMEM;
    }
    secret_init();
    lwip_init();
    loop_init();
    __atomic_store_n(&worker, t, __ATOMIC_SEQ_CST);
    schedule_add(t);
    return 0;
}

long stack_start(void) {
    static struct mutex starting;
    long error = 0;

    if (__atomic_load_n(&worker, __ATOMIC_SEQ_CST))
        return 0;
    mutex_take(&starting);
    if (!worker) {
        error = start();
        if (!error) {
            netifs_start();
            end_expect();
        }
    }
    mutex_drop(&starting);
    return error;
}
