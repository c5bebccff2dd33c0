/* SPDX-License-Identifier: MIT */
/*
 * What the fake machine and the fake Xen share: what each frame is used for. Invariant,
 * as Xen's: a frame is a page table (level 1 to 4) or may be mapped writable, not both.
 */
#ifndef ATMAN_TEST_FRAMES_H
#define ATMAN_TEST_FRAMES_H

#include "machine/machine.h"

enum {
    FRAMES_FIRST_MFN = 3001,
    FRAMES_FOREIGN_MFN = 17, /* shared_info's, which is Xen's; the domain may map it */
    FRAMES_NONE = -1,
};

struct frame {
    uint8_t level;      /* of the table that it is, 0: none */
    bool reserved;      /* nobody may map it: Xen's list */
    unsigned writable;  /* entries that let it be written to */
    unsigned elsewhere; /* present entries outside of the direct map */
    unsigned long base; /* of a table: the first address that it translates */
    unsigned stale;     /* the time at which a translation to it was taken away */
};

extern struct frame frames[MACHINE_FRAMES];
extern size_t frames_count;

/* The domain's frame with that machine frame number, FRAMES_NONE if there is none. */
long frames_find(mfn_t mfn);

/* Makes the host's memory at va what entry says. */
void frames_map(unsigned long va, pte_t entry);

/* The address is one of the direct map or of the window behind it. */
bool frames_is_direct(unsigned long va);

/* The time: goes on with each flush. */
extern unsigned frames_now;

#endif
