/* SPDX-License-Identifier: MIT */
/* Turns the scheduler on. */
#include <sched.h>

#include "base/panic.h"
#include "pv/trap.h"
#include "sched/account.h"
#include "sched/apart.h"
#include "sched/census.h"
#include "sched/cputime.h"
#include "sched/exit.h"
#include "sched/futex.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "sched/portwait.h"
#include "sched/ready.h"
#include "sched/schedule.h"
#include "sched/suspend.h"
#include "sched/timer.h"
#include "xen/event.h"
#include "xen/upcall.h"

static enum handled sleep(uint64_t until) {
    for (;;) {
        thread_prepare(true);
        enum wake why = thread_sleep(until);
        enum handled handled = thread_finish();
        if (why == WAKE_TIMEOUT)
            return HANDLED_NONE;
        if (handled != HANDLED_NONE)
            return handled;
    }
}

static void end_thread(void) {
    if (__atomic_sub_fetch(&thread_live, 1, __ATOMIC_SEQ_CST))
        exit_thread();
}

/* Events, the end of an event mask, and preemption: every way into the scheduler. */
static void handle_upcall(struct frame *f, unsigned vector) {
    (void)vector;
    if (frame_is_user(f))
        switch_fix(f);
    census_stop(f);
    upcall_run();
    if (frame_is_user(f)) {
        suspend_park();
        schedule_upcall(f);
    }
    if (signals)
        signals->deliver(f);
}

static const struct scheduler whole = {
    .sleep = sleep,
    .count_events = portwait_count,
    .wait_for_event = portwait,
    .listen = portwait_listen,
    .yield = schedule_yield,
    .mutex_wait = mutex_wait,
    .mutex_wake = mutex_wake,
    .ready_wait = ready_sleep,
    .census = census,
    .account = account_log,
    .cpu_time = cputime_read,
    .exit = end_thread,
    .set_timer = timer_set,
    .run_apart = run_apart,
    .futex = futex,
};

/* What came for the port that had a handler before is not lost. */
static void take_over(void) {
    trap_handlers.upcall = handle_upcall;
    scheduler = &whole;
    if (event_early.port) {
        upcall_bind(event_early.port, event_early.handler);
        event_early.port = 0;
        event_early.handler();
    }
    events_on();
}

void scheduler_start(void) {
    static char fpu[4096] __attribute__((aligned(64)));

    if (scheduler)
        return;
    if (event_early.port) /* else they are off */
        events_off();
    if (fpu_size() > sizeof fpu)
        panic("the processor's vector state is larger than a page");
    thread_main.fpu = fpu;
    thread_main.resume = (struct switch_stack){.mxcsr = MXCSR_DEFAULT,
                                               .x87_control = X87_CONTROL_DEFAULT,
                                               .rip = (unsigned long)switch_resume};
    cputime_init();
    if (!vcpu_start_first())
        panic("no memory for the scheduler");
    thread_init();
    suspend_vcpus_too();
    take_over();
}
