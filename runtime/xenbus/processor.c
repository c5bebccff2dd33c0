/* SPDX-License-Identifier: MIT */
/*
 * cpu/N/availability (docs/misc/xenstore-paths of Xen) is "online" or "offline". The
 * toolstack makes the first ones available; those behind one that is not are not used.
 */
#include "xenbus/processor.h"

#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"
#include "sched/vcpu.h"
#include "xen/event.h"
#include "xen/time.h"
#include "xenbus/node.h"

#define LIMIT_NS NS_PER_SEC
#define TICK_NS (NS_PER_SEC / 1000)

static struct processor {
    struct node node;
    char path[24];
    bool is_known, is_out;
} *processors[VCPUS_MAX]; /* not of the first, which cannot go */

static bool are_known(unsigned count) {
    for (unsigned i = 1; i < count; i++)
        if (processors[i] && !__atomic_load_n(&processors[i]->is_known, __ATOMIC_ACQUIRE))
            return false;
    return true;
}

/* A node that is not there says nothing against it. */
static void obey(struct node *node) {
    struct processor *p = LIST_RECORD(node, struct processor, node);
    unsigned count = vcpu_count_all(), usable = 1;

    p->is_out = !strcmp(node->value, "offline");
    __atomic_store_n(&p->is_known, true, __ATOMIC_RELEASE);
    if (!are_known(count))
        return;
    while (usable < count && (!processors[usable] || !processors[usable]->is_out))
        usable++;
    vcpu_limit(usable);
}

/* Without memory for it, a vCPU counts as available. */
static void add(unsigned index) {
    struct processor *p = heap_alloc(sizeof *p);

    if (!p)
        return;
    format(p->path, sizeof p->path, "cpu/%u/availability", index);
    p->node.path = p->path;
    p->node.obey = obey;
    processors[index] = p;
    node_add(&p->node);
}

void processors_follow(void) {
    static bool is_begun;
    unsigned count = vcpu_count_all();

    if (!wire_is_open() || __atomic_exchange_n(&is_begun, true, __ATOMIC_SEQ_CST))
        return;
    for (unsigned i = 1; i < count; i++)
        add(i);
    for (unsigned i = 1; i < count; i++)
        if (processors[i])
            node_watch(&processors[i]->node);
    uint64_t now = xen_time_system(), end = now + LIMIT_NS;
    for (; !are_known(count) && now < end; now = xen_time_system())
        event_sleep(now + TICK_NS);
}
