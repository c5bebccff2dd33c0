/* SPDX-License-Identifier: MIT */
/*
 * The end of a thread. Its stack may be taken away by another thread as soon as that knows,
 * so this is told only when the stack is not in use any more: by the idle thread.
 */
#include "sched/exit.h"

#include "mm/space.h"
#include "pv/access.h"
#include "sched/futex.h"
#include "sched/futexpi.h"
#include "sched/hooks.h"
#include "sched/robust.h"
#include "sched/schedule.h"

void exit_thread(void) {
    struct thread *t = thread_current();

    __atomic_store_n(&t->signals.ended, true, __ATOMIC_SEQ_CST);
    if (signals)
        signals->end(t);
    robust_release(t);
    futexpi_end(t);
    timer_cancel(&t->timer);
    schedule_exit();
}

void exit_reap(struct thread *t) {
    static const uint32_t zero;
    int *clear = t->clear_tid;

    if (t->unmap_size)
        space_unmap(t->unmap_start, t->unmap_size);
    if (t->raw_stack)
        space_free_own_stack(t->raw_stack, THREAD_RAW_STACK);
    thread_free(t);
    if (clear && !user_write(clear, &zero, sizeof zero))
        futex_wake((uint32_t *)clear, 1, ~0u);
}
