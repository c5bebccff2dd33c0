/* SPDX-License-Identifier: MIT */
/*
 * Xen links the words of ports that have an event to a list. All ports are of one priority,
 * so each vCPU has one list. A port is unlinked, which lets Xen link it anew, before its
 * word's other bits are looked at.
 */
#include "xen/fifo.h"

#include "base/string.h"
#include "pv/line.h"
#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/hypercall.h"

enum {
    QUEUE = EVTCHN_FIFO_PRIORITY_DEFAULT,
    LINK = EVTCHN_FIFO_LINK_MASK,
};

static uint32_t words[EVENT_PORTS] __attribute__((aligned(PAGE_SIZE)));

_Static_assert(sizeof words == PAGE_SIZE, "which is what Xen takes at a time");

static struct evtchn_fifo_control_block blocks[VCPUS_MAX]
    __attribute__((aligned(PAGE_SIZE)));
static uint32_t heads[VCPUS_MAX]; /* the next port of a list that was begun, or 0 */

static mfn_t frame_of(const void *page) {
    return xen_pfn_to_mfn(pt_direct_pfn(page));
}

static bool give_block(unsigned vcpu) {
    struct evtchn_init_control op = {.control_gfn = frame_of(blocks),
                                     .offset = vcpu * (uint32_t)sizeof *blocks,
                                     .vcpu = vcpu};

    blocks[vcpu] = (struct evtchn_fifo_control_block){0};
    heads[vcpu] = 0;
    return xen_event_channel_op(EVTCHNOP_init_control, &op) == 0;
}

static bool give_words(void) {
    struct evtchn_expand_array op = {.array_gfn = frame_of(words)};

    for (unsigned port = 0; port < EVENT_PORTS; port++)
        words[port] = EVENT_MASKED;
    event_words = words;
    return xen_event_channel_op(EVTCHNOP_expand_array, &op) == 0;
}

/* The runtime that checks itself does without, so that all tests try the other way, too. */
static bool is_wanted(void) {
#ifdef ATMAN_DEBUG
    return false;
#else
    return true;
#endif
}

bool fifo_start(unsigned vcpu) {
    if (vcpu)
        return !event_words || give_block(vcpu);
    return !is_wanted() || !give_block(0) || give_words();
}

/* The port behind it in the list, or 0. */
static evtchn_port_t unlink(uint32_t *word) {
    uint32_t linked = 1u << EVTCHN_FIFO_LINKED;

    return __atomic_fetch_and(word, ~(linked | LINK), __ATOMIC_SEQ_CST) & LINK;
}

static void run_list(unsigned vcpu, void (*handle)(evtchn_port_t port)) {
    evtchn_port_t port = heads[vcpu];

    if (!port)
        port = __atomic_load_n(&blocks[vcpu].head[QUEUE], __ATOMIC_ACQUIRE);
    while (port && port < EVENT_PORTS) {
        heads[vcpu] = unlink(&words[port]);
        uint32_t word = __atomic_load_n(&words[port], __ATOMIC_ACQUIRE);
        if (word & EVENT_PENDING && !(word & EVENT_MASKED))
            handle(port);
        port = heads[vcpu];
    }
}

void fifo_run(unsigned vcpu, void (*handle)(evtchn_port_t port)) {
    while (__atomic_exchange_n(&blocks[vcpu].ready, 0, __ATOMIC_SEQ_CST))
        run_list(vcpu, handle);
}
