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

uint32_t place_allowed(const struct thread *t) {
    unsigned started = __atomic_load_n(&vcpus_started, __ATOMIC_ACQUIRE);
    unsigned limit = __atomic_load_n(&vcpus_limit, __ATOMIC_SEQ_CST);
    uint32_t usable = (uint32_t)((1ul << (limit ? MIN(limit, started) : started)) - 1);

    return t->affinity & usable ? t->affinity & usable : usable;
}

/* How long t would wait there, roughly: what is before it, most of all what outranks it. */
static unsigned weigh(const struct vcpu *v, const struct thread *t) {
    enum { OUTRANKED = 1 << 16 };

    return v->count + (v->current->rank >= t->rank && t->rank ? OUTRANKED : 0);
}

/* All are busy: where the queue is shortest; best stays if it is about as good. */
static unsigned find_shortest(uint32_t allowed, unsigned best, const struct thread *t) {
    unsigned least = weigh(vcpu_of(best), t);

    for (; allowed; allowed &= allowed - 1) {
        unsigned i = (unsigned)__builtin_ctz(allowed);
        unsigned weight = weigh(vcpu_of(i), t);
        if (weight + 1 < least || (weight < least && !t->ticks)) {
            least = weight;
            best = i;
        }
    }
    return best;
}

struct vcpu *place_choose(const struct thread *t, struct vcpu *last) {
    uint32_t allowed = place_allowed(t);

    if (allowed == 1u << last->index)
        return last;
    uint32_t idle = __atomic_load_n(&idle_vcpus, __ATOMIC_SEQ_CST) & allowed;
    uint32_t wanted = idle ? idle : allowed;
    unsigned best = last->index;
    if (!(wanted >> best & 1))
        best = (unsigned)__builtin_ctz(wanted);
    if (!idle)
        best = find_shortest(allowed, best, t);
    return vcpu_of(best);
}

struct vcpu *place_elsewhere(const struct thread *t, const struct vcpu *v, bool rotate) {
    uint32_t allowed = place_allowed(t);
    uint32_t idle = __atomic_load_n(&idle_vcpus, __ATOMIC_SEQ_CST) & allowed;

    if (idle)
        return vcpu_of((unsigned)__builtin_ctz(idle));
    for (; allowed && rotate; allowed &= allowed - 1) {
        struct vcpu *other = vcpu_of((unsigned)__builtin_ctz(allowed));
        if (weigh(other, t) < v->count)
            return other;
    }
    return NULL;
}
