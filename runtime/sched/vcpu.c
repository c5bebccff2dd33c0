/* SPDX-License-Identifier: MIT */
/*
 * vCPUs and their start. The first one's struct is static; those of the others, and every
 * idle thread's stack, are kernel pages.
 */
#include "sched/vcpu.h"

#include "base/panic.h"
#include "console/console.h"
#include "log/log.h"
#include "mm/page.h"
#include "pv/mode.h"
#include "sched/cputime.h"
#include "sched/schedule.h"
#include "xen/event.h"
#include "xen/fifo.h"
#include "xen/hypercall.h"
#include "xen/time.h"
#include "xen/upcall.h"

/* A page of each vCPU's; two more are the stacks. */
struct vcpu_pages {
    struct vcpu vcpu;
    struct thread idle;
};

_Static_assert(sizeof(struct vcpu_pages) <= PAGE_SIZE, "a vCPU's data is one page");

static struct vcpu *vcpus[VCPUS_MAX];
unsigned vcpus_started, vcpus_limit;

struct vcpu *vcpu_of(unsigned index) {
    return vcpus[index];
}

unsigned vcpu_count_all(void) {
    static unsigned count;

    if (!count) /* VCPUOP_is_up knows no vCPU that the domain does not have */
        while (count < VCPUS_MAX && xen_vcpu_op(VCPUOP_is_up, count, NULL) >= 0)
            count++;
    return count;
}

unsigned vcpu_count(void) {
    unsigned all = vcpu_count_all(),
             limit = __atomic_load_n(&vcpus_limit, __ATOMIC_SEQ_CST);

    return limit ? MIN(limit, all) : all;
}

void vcpu_poke(struct vcpu *vcpu) {
    event_notify(vcpu->wake_port);
}

/* The idle thread begins in schedule_idle, on a page of its own. */
static void make_idle(struct vcpu *v) {
    struct thread *idle = v->idle;
    struct switch_stack *begin =
        (struct switch_stack *)(v->idle_stack + PAGE_SIZE - 16) - 1;

    *begin = (struct switch_stack){.mxcsr = MXCSR_DEFAULT,
                                   .x87_control = X87_CONTROL_DEFAULT,
                                   .rip = (unsigned long)schedule_idle};
    idle->sp = (unsigned long)begin;
    idle->vcpu = v;
    idle->rank = -1;
    idle->since = cputime_ticks();
}

bool vcpu_bind_events(struct vcpu *v) {
    if (!fifo_start(v->index))
        return false;
    xen_vcpu_op(VCPUOP_stop_periodic_timer, v->index, NULL);
    upcall_bind_virq(VIRQ_TIMER, v->index, timer_run);
    v->wake_port = upcall_bind_ipi(v->index, schedule_poked);
    vcpu_lines[v->index].wake_port = upcall_bind_ipi(v->index, NULL);
    return true;
}

/* One that has not started; NULL without memory, the domain's or Xen's. */
static struct vcpu *make(unsigned index) {
    struct vcpu_pages *pages = page_alloc_kernel();
    char *stack = pages ? page_alloc_kernel() : NULL;

    if (!stack) {
        if (pages)
            page_free_kernel(pages);
        return NULL;
    }
    struct vcpu *v = &pages->vcpu;
    v->index = index;
    v->began = cputime_ticks();
    lock_init(&v->lock, LOCK_RUN);
    lock_init(&v->timer_lock, LOCK_TIMER);
    list_init(&v->ready);
    v->slice.fire = schedule_slice_over;
    v->idle = &pages->idle;
    v->idle_stack = stack;
    make_idle(v);
    vcpu_lines[index].index = index;
    vcpu_lines[index].vcpu = v;
    if (!vcpu_bind_events(v))
        return NULL;
    vcpus[index] = v;
    return v;
}

bool vcpu_start_first(void) {
    struct vcpu *v = make(0);

    if (!v)
        return false;
    v->current = &thread_main;
    thread_main.vcpu = v;
    thread_main.since = v->began;
    vcpus_started = 1;
    mode_enable_upcalls();
    return true;
}

/* A further vCPU begins as if another thread had changed over to its idle one. */
static _Noreturn void begin(void) {
    struct vcpu *v = vcpu_this();

    console_start_vcpu();
    lock_take(&v->lock);
    mode_enter(v->idle->sp);
}

static bool start(struct vcpu *v) {
    char *stack = page_alloc_kernel();

    if (!stack)
        return false;
    v->current = v->idle;
    vcpu_lines[v->index].thread = v->idle;
    return mode_start_vcpu(v->index, (unsigned long)stack + PAGE_SIZE, begin);
}

void vcpu_start_next(void) {
    static struct lock starting = LOCK_INIT(LOCK_START);
    static bool gave_up;

    if (vcpus_started >= vcpu_count() || gave_up)
        return;
    lock_take(&starting);
    unsigned next = vcpus_started;
    if (next < vcpu_count() && !gave_up) {
        if (next == 1)
            xen_time_share();
        struct vcpu *v = make(next);
        gave_up = !v || !start(v);
        if (gave_up)
            log_warn("vCPU %u could not be started", next);
        else
            __atomic_store_n(&vcpus_started, next + 1, __ATOMIC_RELEASE);
    }
    lock_drop(&starting);
}

/* --- vCPUs that may not be used --------------------------------------------------------
 */

/* Its timers go on on the first one, which has to take them itself. */
void vcpu_rest(struct vcpu *v) {
    if (timer_is_any(v)) {
        vcpu_poke(vcpu_of(0));
        xen_sched_op(SCHEDOP_block, NULL);
        return;
    }
    __atomic_store_n(&v->is_down, true, __ATOMIC_SEQ_CST);
    if (vcpu_is_out(v))
        xen_vcpu_op(VCPUOP_down, v->index, NULL);
    __atomic_store_n(&v->is_down, false, __ATOMIC_SEQ_CST);
}

bool vcpu_is_resting(const struct vcpu *v) {
    return __atomic_load_n(&v->is_down, __ATOMIC_SEQ_CST) &&
           (v->is_unmade || xen_vcpu_op(VCPUOP_is_up, v->index, NULL) == 0);
}

void vcpu_forget_resting(void) {
    for (unsigned i = 1; i < vcpus_started; i++)
        vcpus[i]->is_unmade = vcpus[i]->is_down;
}

/* As if it had never run. */
static bool make_again(struct vcpu *v) {
    v->is_down = v->is_unmade = false;
    make_idle(v);
    v->current = v->idle;
    vcpu_lines[v->index].thread = v->idle;
    vcpu_lines[v->index].depth = 0;
    return mode_start_vcpu(v->index, vcpu_lines[v->index].kernel_sp, begin);
}

/* It may not have gone down yet, which it would then do after this. */
static void wake(struct vcpu *v) {
    if (v->is_unmade && !make_again(v))
        panic("a vCPU does not start again");
    while (__atomic_load_n(&v->is_down, __ATOMIC_SEQ_CST)) {
        xen_vcpu_op(VCPUOP_up, v->index, NULL);
        xen_sched_op(SCHEDOP_yield, NULL);
    }
}

static bool start_more(void) {
    unsigned before = vcpus_started;

    if (before && before < thread_live)
        vcpu_start_next();
    return vcpus_started > before;
}

void vcpu_limit(unsigned count) {
    __atomic_store_n(&vcpus_limit, count, __ATOMIC_SEQ_CST);
    for (unsigned i = 1; i < vcpus_started; i++)
        if (vcpu_is_out(vcpus[i]))
            vcpu_poke(vcpus[i]);
        else
            wake(vcpus[i]);
    while (start_more())
        ;
}

void vcpu_adopt(void) {
    for (unsigned i = 1; i < vcpus_started; i++)
        if (vcpu_is_out(vcpus[i]))
            timer_adopt(vcpus[i]);
}
