/* SPDX-License-Identifier: MIT */
#include "xen/suspend.h"

#include "pv/away.h"

static struct suspend_step *steps;

void suspend_add(struct suspend_step *step) {
    if (__atomic_exchange_n(&step->is_added, true, __ATOMIC_SEQ_CST))
        return;
    step->next = __atomic_load_n(&steps, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&steps, &step->next, step, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED))
        ;
}

static bool stop(unsigned order) {
    for (struct suspend_step *s = steps; s; s = s->next)
        if (s->order == order && s->stop && !s->stop())
            return false;
    return true;
}

static void go_on(unsigned order, bool is_elsewhere) {
    for (struct suspend_step *s = steps; s; s = s->next)
        if (s->order == order && s->go_on)
            s->go_on(is_elsewhere);
}

void suspend(void) {
    bool is_elsewhere = false;
    unsigned order = 0;

    while (order < SUSPEND_ORDERS && stop(order))
        order++;
    if (order == SUSPEND_ORDERS)
        is_elsewhere = away();
    else
        order++; /* some of that order may have stopped */
    while (order--)
        go_on(order, is_elsewhere);
}
