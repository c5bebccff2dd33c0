/* SPDX-License-Identifier: MIT */
/* Idle vCPUs are known by a bit each, which is a hint: no lock protects it. */
#include "sched/place.h"

static uint32_t idle_vcpus;

void place_set_idle(unsigned vcpu, bool is_idle) {
    uint32_t bit = 1u << vcpu;

    if (is_idle)
        __atomic_fetch_or(&idle_vcpus, bit, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&idle_vcpus, ~bit, __ATOMIC_SEQ_CST);
}

/* The one with the least important thread, for one that is not to wait. */
static unsigned find_lowest(uint32_t allowed, unsigned best) {
    for (; allowed; allowed &= allowed - 1) {
        unsigned i = (unsigned)__builtin_ctz(allowed);
        if (vcpu_of(i)->current->rank < vcpu_of(best)->current->rank)
            best = i;
    }
    return best;
}

struct vcpu *place_choose(const struct thread *t, struct vcpu *last) {
    unsigned started = __atomic_load_n(&vcpus_started, __ATOMIC_ACQUIRE);
    uint32_t allowed = t->affinity & (uint32_t)((1ul << started) - 1);

    if (started == 1 || !allowed)
        return last;
    uint32_t idle = __atomic_load_n(&idle_vcpus, __ATOMIC_SEQ_CST) & allowed;
    uint32_t wanted = idle ? idle : allowed;
    unsigned best = last->index;
    if (!(wanted >> best & 1))
        best = (unsigned)__builtin_ctz(wanted);
    if (!idle && t->rank)
        best = find_lowest(allowed, best);
    return vcpu_of(best);
}
