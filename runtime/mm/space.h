/* SPDX-License-Identifier: MIT */
/*
 * The program's address space: mmap and its family, the heap of brk, and the faults that
 * give a page its memory. Addresses and sizes are bytes, protections PROT_*, flags MAP_*
 * and the like of <sys/mman.h>. Errors are negative errnos, Linux's for the same mistake.
 * The image and the main thread's stack belong to it; what the runtime could not live
 * without is refused with -EACCES.
 *
 * Memory comes with the first touch. What a mapping may take is promised to it by the call
 * (it is "charged"), so that a program that stays within what it asked for is told
 * -ENOMEM by a call and not SIGBUS by a touch. Nothing is promised to PROT_NONE,
 * MAP_NORESERVE and MAP_STACK, nor when mprotect makes a reservation accessible: thread
 * stacks and heaps that grow into a reservation may together be larger than memory; only
 * a single request that is larger than all that is free is refused. When memory is nearly
 * gone, what a call makes accessible gets its memory from the call.
 *
 * May be called with any state of the event mask, and with any lock held but mm_lock.
 */
#ifndef ATMAN_MM_SPACE_H
#define ATMAN_MM_SPACE_H

#include "base.h"

/* Everything that space_map chooses lies in [SPACE_START, SPACE_END), but for MAP_32BIT. */
#define SPACE_START 0x100000000000ul
#define SPACE_END 0x7ffffffff000ul

/*
 * The main thread's stack, whose pages come when they are touched. The uppermost count
 * pages are the frames from first on, which are nobody else's, so that most programs never
 * touch another. Its upper end; 0 if there is no memory for a page table. Called once,
 * after page_init.
 */
unsigned long space_make_stack(size_t size, pfn_t first, size_t count);

/*
 * Memory that is mapped before anything else, with all its pages: what the C library needs
 * at its start. Its upper end, or 0 if there is not so much, or it is too late. So a
 * program that maps nothing needs no more of the space than this.
 */
enum space_early_kind { SPACE_STACK, SPACE_TLS, SPACE_EARLY };
unsigned long space_make_early(enum space_early_kind kind, size_t size);

/*
 * A stack of the runtime's own, of that many whole pages: its lower end, or 0 if there is
 * no memory. Nothing can be accessed below it, so that an overflow is a fault.
 */
unsigned long space_make_own_stack(size_t size);
void space_free_own_stack(unsigned long start, size_t size);

/* Anonymous memory, zeroed; the address, or an error. */
long space_map(unsigned long hint, size_t size, int prot, int flags);

/*
 * The same, of shared memory as an object of its own. NULL unless atman_shared_start was
 * called (sys/calls.h): then space_map does, but for what mremap makes of it.
 */
extern long (*space_share)(unsigned long hint, size_t size, int prot, int flags);

/* Either of the two: mmap of anonymous memory. */
long space_map_anonymous(unsigned long hint, size_t size, int prot, int flags);

long space_unmap(unsigned long start, size_t size);

long space_protect(unsigned long start, size_t size, int prot);

/* mremap; the new address, or an error. */
long space_remap(unsigned long old, size_t old_size, size_t new_size, int flags,
                 unsigned long new);

/*
 * What no page of a range may be, for a call to make sense. NOT_SHARED: nor of an object
 * (mm/object.h). NOT_PRIVATE: what is of an object must also be writable, else -EACCES.
 */
enum { SPACE_NOT_LOCKED = 1, SPACE_NOT_SHARED = 2, SPACE_NOT_PRIVATE = 4 };

/*
 * -EINVAL if any page of the range is what it may not be, else -ENOMEM if one is not
 * mapped, else 0.
 */
long space_check(unsigned long start, size_t size, unsigned refused);

/*
 * The contents become zeros and their memory free (MADV_DONTNEED); errors are those of
 * space_check. The constants and data of the image stay. What is of an object comes back
 * from that, unless it is emptied as well (SPACE_NOT_PRIVATE).
 */
long space_discard(unsigned long start, size_t size, unsigned refused);

/* What was written to the objects that are shared in the range is to be kept (msync). May
 * block. 0 or an error. */
long space_sync(unsigned long start, size_t size);

/* What is mapped in the range will be wanted soon (MADV_WILLNEED). May block. */
void space_fetch(unsigned long start, size_t size);

/*
 * For who found too little memory: what can be had again is, after it was written if need
 * be. True if there was any: try again. Without locks; may block. NULL: there is none.
 */
extern bool (*space_relieve)(void);

/* The same for a fault, with mm_lock held: if there is any, the fault is SPACE_WAIT. */
extern bool (*space_wait_for_memory)(void);

/* Free pages, with those of page tables that are not needed. */
size_t space_count_free(void);

/* What space_populate does about pages that must not be accessed that way. */
enum space_access { SPACE_ANY, SPACE_READ, SPACE_WRITE };

/*
 * All pages of the range get their memory. -ENOMEM: there was not enough, or a hole;
 * -EINVAL: not accessible as asked for; -EFAULT: beyond the end of an object.
 */
long space_populate(unsigned long start, size_t size, enum space_access access);

/* LAZY: without its memory, which comes with the first touch, and stays. */
enum space_lock { SPACE_UNLOCKED, SPACE_LOCKED, SPACE_LOCKED_LAZY };

/* mlock (without populating) and munlock. */
long space_set_locked(unsigned long start, size_t size, enum space_lock lock);

/*
 * mlockall: what is mapped by now, and what is mapped from now on. Of the first, what was
 * promised gets its memory, unless that is lazy.
 */
void space_lock_all(enum space_lock current, enum space_lock future);

/* What is mapped now; SPACE_LOCKED is to be populated by the caller of space_map. */
extern enum space_lock space_locking;

/*
 * Which of the next pages from start on have memory, a byte each; at most count. Returns
 * how many bytes were written, -ENOMEM if start's page is not mapped.
 */
long space_residency(unsigned long start, size_t count, uint8_t *resident);

/* The heap's end moves to end; where it is then, which is where it was on failure. */
unsigned long space_set_break(unsigned long end);

/* What a range is of: beside the image, the runtime's own is what no call can change. */
enum space_kind {
    SPACE_OF_IMAGE,
    SPACE_OF_HEAP, /* brk's */
    SPACE_OF_STACK,
    SPACE_OF_MAPPING,
    SPACE_OF_RUNTIME,
};

struct space_range {
    unsigned long start, end;
    uint8_t prot, kind; /* PROT_*, enum space_kind */
    bool is_shared, is_locked;
    struct object *object; /* that it is a mapping of, with a reference; or NULL */
    unsigned long first;   /* its page at start */
};

/* Page faults so far. */
extern unsigned long space_faults;

/* The first range alike that ends above from; false: there is none. What is told of an
 * object is to be given back. */
bool space_describe(unsigned long from, struct space_range *range);

/* Pages that were promised and not given yet. */
size_t space_promised(void);

/*
 * A page fault at address, error being the processor's code for it (FAULT_* of
 * pv/trap.h). 0 if the access may be tried again; else the signal that it is, and its
 * si_code in *code. SIGBUS: memory is gone; with BUS_OBJERR instead of Linux's BUS_ADRERR,
 * there is no such page of an object, or it could not be read; with SPACE_MISSED it would
 * have to be waited for, and the fault is FAULT_URGENT. SPACE_WAIT: it is to be waited for,
 * by fault_wait (signal/fault.h). Called on a stack that cannot fault.
 */
enum { SPACE_WAIT = -1, SPACE_MISSED = -1 };
int space_fault(unsigned long address, unsigned error, int *code);

#endif
