/* SPDX-License-Identifier: MIT */
/*
 * Timer queues. The hypervisor's timer is set when a timer becomes the first of its queue,
 * and not taken back when that one is cancelled: an idle moment more is cheaper.
 */
#include "sched/timer.h"

#include "sched/vcpu.h"
#include "xen/hypercall.h"
#include "xen/time.h"

static struct timer *first(const struct vcpu *v) {
    return TREE_RECORD(tree_first(&v->timers), struct timer, node);
}

static bool is_sooner(const struct tree_node *node, unsigned long when) {
    return TREE_RECORD(node, struct timer, node)->when <= when;
}

static void arm(struct vcpu *v, uint64_t when) {
    if (v->armed && v->armed <= when)
        return;
    v->armed = when;
    xen_set_timer_op(when);
}

void timer_set(struct timer *timer, uint64_t when) {
    events_off();
    struct vcpu *v = vcpu_this();
    lock_take(&v->timer_lock);
    timer->vcpu = v;
    timer->when = when;
    timer->queued = true;
    tree_insert(&v->timers, &timer->node, tree_find(&v->timers, is_sooner, when));
    arm(v, first(v)->when);
    lock_drop(&v->timer_lock);
    events_on();
}

bool timer_cancel(struct timer *timer) {
    struct vcpu *v = timer->vcpu;
    bool queued, firing = true;

    if (!v)
        return false;
    do {
        lock_take(&v->timer_lock);
        queued = timer->queued;
        if (queued)
            tree_remove(&v->timers, &timer->node);
        timer->queued = false;
        firing = v->firing == timer;
        lock_drop(&v->timer_lock);
        if (firing)
            xen_sched_op(SCHEDOP_yield, NULL);
    } while (firing);
    return queued;
}

/* Takes the first timer out, if it is due; else the hypervisor's is set for it. */
static struct timer *take_due(struct vcpu *v) {
    struct timer *timer = v->timers.root ? first(v) : NULL;

    if (!timer)
        return NULL;
    if (timer->when > xen_time_system()) {
        arm(v, timer->when);
        return NULL;
    }
    tree_remove(&v->timers, &timer->node);
    timer->queued = false;
    return timer;
}

void timer_run(void) {
    struct vcpu *v = vcpu_this();

    lock_take(&v->timer_lock);
    v->armed = 0;
    while ((v->firing = take_due(v))) {
        lock_drop(&v->timer_lock);
        v->firing->fire(v->firing);
        lock_take(&v->timer_lock);
    }
    lock_drop(&v->timer_lock);
}
