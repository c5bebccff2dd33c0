/* SPDX-License-Identifier: MIT */
/*
 * Timer queues. The hypervisor's timer is set when a timer becomes the first of its queue,
 * and not taken back when that one is cancelled: an idle moment more is cheaper.
 */
#include "sched/timer.h"

#include "sched/vcpu.h"
#include "xen/hypercall.h"
#include "xen/time.h"

/* Xen takes times that are further away (2^50 ns) for mistakes, and would wake up soon. */
enum { FARTHEST_NS = 1ul << 49 };

static struct timer *first(const struct vcpu *v) {
    return v->timers.root ? TREE_RECORD(tree_first(&v->timers), struct timer, node) : NULL;
}

static bool is_sooner(const struct tree_node *node, unsigned long when) {
    return TREE_RECORD(node, struct timer, node)->when <= when;
}

/* The hypervisor's timer is set for when at the latest, or for a moment before. */
static void arm(struct vcpu *v, uint64_t when) {
    uint64_t farthest = xen_time_system() + FARTHEST_NS;

    when = MIN(when, farthest);
    if (v->armed && v->armed <= when)
        return;
    v->armed = when;
    xen_set_timer_op(xen_time_own(when));
}

/* Under the lock of v's queue, on v. */
static void insert(struct vcpu *v, struct timer *timer) {
    tree_insert(&v->timers, &timer->node, tree_find(&v->timers, is_sooner, timer->when));
}

static void take_out(struct vcpu *v, struct timer *timer) {
    tree_remove(&v->timers, &timer->node);
    __atomic_store_n(&timer->queued, false, __ATOMIC_RELEASE);
}

void timer_set(struct timer *timer, uint64_t when) {
    events_off();
    struct vcpu *v = vcpu_this();
    lock_take(&v->timer_lock);
    timer->when = when ? when : 1; /* 0 would be no time to the hypervisor */
    __atomic_store_n(&timer->vcpu, v, __ATOMIC_RELEASE);
    __atomic_store_n(&timer->queued, true, __ATOMIC_RELEASE);
    insert(v, timer);
    if (first(v) == timer)
        arm(v, timer->when);
    lock_drop(&v->timer_lock);
    events_on();
}

/*
 * Locks the queue that timer is in, or was in last; NULL if it never was in one. It may be
 * set on another vCPU meanwhile, where it becomes `queued` after it has become that one's.
 */
static struct vcpu *lock_queue(struct timer *timer, bool *queued) {
    for (;;) {
        struct vcpu *v = __atomic_load_n(&timer->vcpu, __ATOMIC_ACQUIRE);
        if (!v)
            return NULL;
        lock_take(&v->timer_lock);
        *queued = __atomic_load_n(&timer->queued, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&timer->vcpu, __ATOMIC_ACQUIRE) == v)
            return v;
        lock_drop(&v->timer_lock);
    }
}

bool timer_remove(struct timer *timer) {
    bool queued;
    struct vcpu *v = lock_queue(timer, &queued);

    if (!v)
        return false;
    if (queued)
        take_out(v, timer);
    lock_drop(&v->timer_lock);
    return queued;
}

bool timer_cancel(struct timer *timer) {
    bool queued, was_queued = false, firing = true;

    while (firing) {
        struct vcpu *v = lock_queue(timer, &queued);
        if (!v)
            return false;
        if (queued)
            take_out(v, timer);
        was_queued |= queued;
        firing = v->firing == timer;
        lock_drop(&v->timer_lock);
        if (firing)
            xen_sched_op(SCHEDOP_yield, NULL);
    }
    return was_queued;
}

/* Takes the first timer out, if it is due; else the hypervisor's is set for it. */
static struct timer *take_due(struct vcpu *v) {
    struct timer *timer = first(v);

    if (!timer)
        return NULL;
    if (timer->when > xen_time_system()) {
        arm(v, timer->when);
        return NULL;
    }
    take_out(v, timer);
    return timer;
}

void timer_again(void) {
    struct vcpu *v = vcpu_this();

    lock_take(&v->timer_lock);
    v->armed = 0;
    if (first(v))
        arm(v, first(v)->when);
    lock_drop(&v->timer_lock);
}

void timer_run(void) {
    struct vcpu *v = vcpu_this();

    lock_take(&v->timer_lock);
    v->armed = 0;
    v->timer_interrupts++;
    while (!v->is_adopted && (v->firing = take_due(v))) {
        lock_drop(&v->timer_lock);
        v->firing->fire(v->firing);
        lock_take(&v->timer_lock);
    }
    lock_drop(&v->timer_lock);
}

bool timer_is_any(struct vcpu *v) {
    lock_take(&v->timer_lock);
    bool is_any = first(v);
    lock_drop(&v->timer_lock);
    return is_any;
}

/* For who cancels it meanwhile, a timer that is in neither queue is firing. */
void timer_adopt(struct vcpu *from) {
    struct timer *timer;

    lock_take(&from->timer_lock);
    from->is_adopted = !from->firing;
    while (from->is_adopted && (timer = first(from))) {
        from->firing = timer;
        take_out(from, timer);
        lock_drop(&from->timer_lock);
        timer_set(timer, timer->when);
        lock_take(&from->timer_lock);
        from->firing = NULL;
    }
    from->is_adopted = false;
    from->armed = 0;
    lock_drop(&from->timer_lock);
}
