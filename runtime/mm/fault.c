/* SPDX-License-Identifier: MIT */
/*
 * Page faults. A page that is touched in the order of addresses brings more and more of
 * those behind it, up to a whole table, which costs Xen far less than page by page; one
 * touched alone brings none, so that ten thousand stacks stay small.
 */
#include <signal.h>

#include <errno.h>
#include <sys/mman.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "pv/pagetable.h"
#include "pv/trap.h"

enum { STREAMS = 8 };

/* Places where faults go on in order: the next one expected, and how many pages it got. */
static struct stream {
    unsigned long next;
    unsigned pages;
} streams[STREAMS];
static unsigned turn;

static struct stream *find_stream(unsigned long va) {
    for (unsigned i = 0; i < STREAMS; i++)
        if (streams[i].next == va)
            return &streams[i];
    struct stream *s = &streams[turn++ % STREAMS];
    s->pages = 0;
    return s;
}

unsigned long space_choose_end(unsigned long va, unsigned long area_end) {
    struct stream *s = find_stream(va);
    unsigned long region_end = ROUND_DOWN(va, pt_span(2)) + pt_span(2);

    s->pages = s->pages ? MIN(2 * s->pages, (unsigned)PT_ENTRIES) : 1;
    if (space_is_tight(s->pages))
        s->pages = 1;
    s->next = MIN(va + s->pages * PAGE_SIZE, MIN(region_end, area_end));
    return s->next;
}

/* What may be written or executed may be read: the processor knows no other way. */
static bool allows(unsigned prot, unsigned error) {
    if (error & FAULT_EXECUTE)
        return prot & PROT_EXEC;
    return error & FAULT_WRITE ? prot & PROT_WRITE : prot;
}

static int resolve(unsigned long va, unsigned error, int *code) {
    const struct area *a = area_find(va);

    if (!a || a->start > va || a->flags & AREA_OWN || !allows(a->prot, error)) {
        *code = a && a->start <= va ? SEGV_ACCERR : SEGV_MAPERR;
        return SIGSEGV;
    }
    if (a->object)
        return space_objects->resolve(a, va, error, code);
    if (pt_get(va)) { /* another vCPU was first, or this one remembers less */
        backing_protect(va, va + PAGE_SIZE, a->prot);
        return 0;
    }
    unsigned long end = space_choose_end(va, a->end);
    if (!space_fill(a, va, end) || pt_get(va))
        return 0;
    if (!(error & FAULT_URGENT) && space_wait_for_memory && space_wait_for_memory())
        return SPACE_WAIT;
    *code = BUS_ADRERR;
    return SIGBUS;
}

unsigned long space_faults;

int space_resolve(unsigned long address, unsigned error, int *code) {
    space_enter();
    space_faults++;
    int signal = resolve(ROUND_DOWN(address, PAGE_SIZE), error, code);
    space_leave();
    return signal;
}
