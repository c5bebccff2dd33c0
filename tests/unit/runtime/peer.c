/* SPDX-License-Identifier: MIT */
/* Events as one bit in each direction; time as a counter. */
#include "peer.h"

#include <sys/mman.h>

#include "pv/pagetable.h"
#include "random.h"
#include "require.h"
#include "step.h"
#include "xen/event.h"
#include "xen/time.h"

enum {
    LOOK_NS = 1000,    /* from one look at the clock to the next */
    WAIT_NS = 5000000, /* the longest wait that ends with a signal */
    MOST_TURNS = 100,  /* that the other side has while the runtime waits */
    RING_MFN = 7,
    RING_PFN = 1,
};

/* The direct map, of three pages; the ring is the one in the middle. */
__asm__(".pushsection .bss.peer, \"aw\", @nobits\n"
        ".balign 4096\n"
        ".globl atman_image_start\n"
        "atman_image_start: .skip 3 * 4096\n"
        ".popsection");

unsigned long machine_m2p[] = {[RING_MFN] = RING_PFN};
uint64_t peer_now;
unsigned long peer_waits;

static struct start_info start_info;
static bool (*turn)(void);
static bool restless, pending, signalled;

void *peer_start(bool (*with)(void)) {
    uint64_t *ring = pt_direct(RING_PFN);

    REQUIRE(!mprotect(pt_direct(0), PAGE_SIZE, PROT_NONE));
    REQUIRE(!mprotect(pt_direct(2), PAGE_SIZE, PROT_NONE));
    for (size_t i = 0; i < PAGE_SIZE / sizeof *ring; i++)
        ring[i] = 0;
    start_info.console.domU.mfn = start_info.store_mfn = RING_MFN;
    start_info.console.domU.evtchn = start_info.store_evtchn = PEER_PORT;
    xen_start_info = &start_info;
    turn = with;
    restless = pending = signalled = false;
    peer_now = random_below(1ul << 40);
    peer_waits = 0;
    return ring;
}

void peer_go_on(void) {
    signalled = true;
}

void peer_be_restless(void) {
    restless = true;
}

void peer_interrupt(void) {
    if (turn())
        pending = true;
}

static void give_turn(void) {
    if (!signalled && !restless)
        return;
    signalled = false;
    peer_interrupt();
}

void event_clear(evtchn_port_t port) {
    step_pause();
    REQUIRE(port == PEER_PORT);
    pending = false;
    if (random_one_in(4))
        give_turn();
    step_resume();
}

void event_notify(evtchn_port_t port) {
    step_pause();
    REQUIRE(port == PEER_PORT);
    signalled = true;
    if (random_one_in(4))
        give_turn();
    step_resume();
}

void event_wait(evtchn_port_t port, uint64_t until) {
    step_pause();
    REQUIRE(port == PEER_PORT);
    peer_waits++;
    for (int turns = 0; turns < MOST_TURNS && !pending; turns++)
        give_turn();
    REQUIRE_SAYING(pending || until, "it waits for ever");
    if (pending)
        peer_now += random_below(WAIT_NS);
    else if (until > peer_now)
        peer_now = until;
    step_resume();
}

uint64_t xen_time_system(void) {
    return peer_now += LOOK_NS;
}
