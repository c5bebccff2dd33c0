/* SPDX-License-Identifier: MIT */
/*
 * The other vCPUs are stopped by an event, so one that has events masked goes on: what its
 * thread does is not known. No lock is taken: its holder may be the one that failed.
 */
#include "sched/census.h"

#include "base/format.h"
#include "pv/pagetable.h"
#include "xen/hypercall.h"
#include "xen/time.h"

enum { PATIENCE_NS = 50000000, MOST = 200 };

static bool stopping;
static const struct frame *stopped[VCPUS_MAX]; /* what the vCPU was stopped in */

void census_stop(const struct frame *f) {
    if (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
        return;
    __atomic_store_n(&stopped[THIS_LINE->index], f, __ATOMIC_RELEASE);
    for (;;)
        xen_vcpu_op(VCPUOP_down, THIS_LINE->index, NULL);
}

static void stop_others(void) {
    unsigned here = THIS_LINE->index;
    uint64_t end = xen_time_system() + PATIENCE_NS;

    events_off(); /* for good: an event would stop this vCPU as well */
    __atomic_store_n(&stopping, true, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < vcpus_started; i++)
        if (i != here)
            vcpu_poke(vcpu_of(i));
    for (unsigned i = 0; i < vcpus_started; i++)
        while (i != here && !vcpu_is_resting(vcpu_of(i)) &&
               !__atomic_load_n(&stopped[i], __ATOMIC_ACQUIRE) && xen_time_system() < end)
            xen_sched_op(SCHEDOP_yield, NULL);
}

static bool is_readable(unsigned long address) {
    return !(address & 7) && pt_get(address) & PTE_PRESENT;
}

/* Where t goes on when it runs again. */
static void find_place(const struct thread *t, unsigned long *rip, unsigned long *rbp) {
    const struct switch_stack *stack = (const struct switch_stack *)t->sp;
    const struct frame *f = NULL;

    if (t == t->vcpu->current)
        f = stopped[t->vcpu->index];
    else if (stack == &t->resume)
        f = &t->frame;
    *rip = *rbp = 0;
    if (f) {
        *rip = f->rip;
        *rbp = f->rbp;
    } else if (t != t->vcpu->current && is_readable(t->sp) &&
               is_readable((unsigned long)&stack->rip)) {
        *rip = stack->rip;
        *rbp = stack->rbp;
    }
}

static void describe(const struct thread *t, char *text, size_t size) {
    static const char *const states[] = {"ready", "waiting", "ended"};
    const char *state = states[t->state];
    size_t n =
        format(text, size, "thread %d %s%s", t->tid, t->name, *t->name ? ": " : "is ");

    if (t == t->vcpu->current)
        format(text + n, size - n, "running on vCPU %u", t->vcpu->index);
    else if (t->state == THREAD_SLEEPING && t->futex.address)
        format(text + n, size - n, "%s for the word at 0x%lx", state,
               (unsigned long)t->futex.address);
    else
        format(text + n, size - n, "%s", state);
}

void census(census_teller *tell) {
    char text[96];
    unsigned told = 0;

    stop_others();
    for (struct tree_node *node = tree_first(&threads); node; node = tree_next(node)) {
        const struct thread *t = TREE_RECORD(node, struct thread, by_tid);
        unsigned long rip, rbp;
        if (t == thread_current())
            continue;
        if (told++ == MOST) {
            tell("and more threads", 0, 0);
            return;
        }
        describe(t, text, sizeof text);
        find_place(t, &rip, &rbp);
        tell(text, rip, rbp);
    }
}
