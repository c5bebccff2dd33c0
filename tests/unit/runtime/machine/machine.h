/* SPDX-License-Identifier: MIT */
/*
 * A PV domain's memory on the build host. Its frames are a file in memory; an entry that
 * the runtime sets in a page table maps a piece of that file at the entry's address, so
 * that the runtime's pointers work, and an access that a real domain would fault on ends
 * the test. Behind the hypercalls is an own, small idea of Xen (machine/xen.c) that is as
 * strict about page tables as the real one.
 *
 * Frame n's machine frame number is not n, so that mixing them up shows.
 */
#ifndef ATMAN_TEST_MACHINE_H
#define ATMAN_TEST_MACHINE_H

#include "base.h"
#include "pv/pagetable.h"

enum {
    MACHINE_FRAMES = 8192, /* at most */
    MACHINE_IMAGE = 8,     /* frames of the image, the first of them not writable */
    MACHINE_SHARED = 6,    /* the one behind whose address shared_info is */
};

struct machine_plan {
    size_t frames;     /* of the domain; at least 256 */
    size_t mapped_end; /* what the builder mapped; at least 32, at most frames */
    pfn_t hole;        /* Xen's list of frames, outside of what is mapped */
    size_t hole_size;
};

/* Builds the domain, once in a process. Returns the first frame that is free. */
pfn_t machine_start(const struct machine_plan *plan);

/* A random plan: holes anywhere or nowhere, much or little memory. */
struct machine_plan machine_random_plan(void);

/* The contents of a frame, whatever it is mapped as. */
void *machine_frame(pfn_t pfn);

/* What is mapped at va can be executed. */
bool machine_is_executable(unsigned long va);

/* How many frames are page tables. */
size_t machine_count_tables(void);

/* Addresses outside of the direct map where pfn is mapped, present. */
unsigned machine_count_mappings(pfn_t pfn);

/* Entries that let pfn be written to, wherever they are. */
unsigned machine_count_writable(pfn_t pfn);

/* True if a translation may be in use that the tables no longer have. */
bool machine_is_stale(void);

#endif
