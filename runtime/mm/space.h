/* SPDX-License-Identifier: MIT */
/*
 * The program's address space: what mmap and its family hand out, and the heap of brk.
 *
 * A mapping is backed by memory as soon as it may be accessed, so that ENOMEM comes from
 * the call and never from a touch; PROT_NONE takes no memory. Addresses and lengths are
 * bytes, protections PROT_* and flags MAP_* of <sys/mman.h>. Errors are negative errnos.
 */
#ifndef ATMAN_MM_SPACE_H
#define ATMAN_MM_SPACE_H

#include "base.h"

/* Everything that space_map hands out lies in [SPACE_START, SPACE_END). */
#define SPACE_START 0x100000000000ul
#define SPACE_END 0x7ffffffff000ul

/* Anonymous memory, zeroed; the address, or an error. */
long space_map(unsigned long hint, size_t size, int prot, int flags);

long space_unmap(unsigned long start, size_t size);

/* Also for the image's own constants and data. */
long space_protect(unsigned long start, size_t size, int prot);

/* mremap; the new address, or an error. */
long space_remap(unsigned long old, size_t old_size, size_t new_size, int flags,
                 unsigned long new);

/* The contents become zeros (MADV_DONTNEED). */
long space_discard(unsigned long start, size_t size);

/* -ENOMEM if any page of the range is not mapped, else 0. */
long space_check(unsigned long start, size_t size);

/*
 * A page fault at address, error being the processor's code for it. 0 if the access may be
 * tried again; else the signal that it is, and its si_code in *code.
 */
int space_fault(unsigned long address, unsigned error, int *code);

/* The heap's end moves to end; where it is then, which is where it was on failure. */
unsigned long space_set_break(unsigned long end);

#endif
