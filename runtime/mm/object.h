/* SPDX-License-Identifier: MIT */
/*
 * What an area of memory can be a mapping of: an object, whose pages have numbers. An area
 * that shares it (MAP_SHARED) has the object's own pages; a private one has them read-only
 * and gets a copy of a page at the first write to it. A page's entry says whose the page is
 * (PTE_OBJECT of pv/pagetable.h): the object's is never given back by unmapping it, and
 * does not count as memory that the area was given.
 *
 * An object that is mapped is held by one reference, however many areas map it.
 */
#ifndef ATMAN_MM_OBJECT_H
#define ATMAN_MM_OBJECT_H

#include "base.h"

struct object;

/* What the page is wanted for. */
enum object_access {
    OBJECT_PRESENT, /* if it is there already: none is made, and nothing is done for it */
    OBJECT_READ,
    OBJECT_WRITE, /* it is about to be written to by a mapping: it counts as dirty */
};

struct object_ops {
    /*
     * The address in the direct map, writable there, of page number index. Called with
     * mm_lock held, on a stack that cannot fault: must not block. -EFAULT: there is no such
     * page (beyond the end), or none yet (OBJECT_PRESENT); -ENOMEM. Both are SIGBUS for
     * who touches it. -EAGAIN: not now; it has to be waited for.
     */
    int (*page)(struct object *object, unsigned long index, enum object_access access,
                void **page);

    /*
     * After -EAGAIN, with mm_lock still held: the current thread is going to wait for the
     * page by fault_wait (signal/fault.h), and the object stays until then. An error:
     * there is no sense in waiting, for it could not be had. NULL: page says no -EAGAIN.
     */
    int (*wait)(struct object *object, unsigned long index);

    /* The space takes its reference, with mm_lock held; and drops it, without. */
    void (*ref)(struct object *object);
    void (*unref)(struct object *object);

    /*
     * What was written to pages [first, end) is to be on the disk (msync). NULL: there is
     * none. Without mm_lock; may block. 0 or an error.
     */
    long (*sync)(struct object *object, unsigned long first, unsigned long end);

    /*
     * Pages [first, end) are to be as if they had never been written to (MADV_REMOVE):
     * their memory is free. NULL: not possible. Without mm_lock; may block.
     */
    long (*punch)(struct object *object, unsigned long first, unsigned long end);

    /* Pages [first, end) will be wanted (MADV_WILLNEED). NULL: they are there. Without
     * mm_lock; may block. */
    void (*fetch)(struct object *object, unsigned long first, unsigned long end);
};

/* Part of its user's record; starts as {.ops = …}. The rest is the space's. */
struct object {
    const struct object_ops *ops;
    /* A page can be written to through a shared mapping only after page() was called with
     * OBJECT_WRITE, and again after object_ask. Set by the user, at the start. */
    bool tracked;
    /* Pages that are touched in order may be made ahead, as private memory's are. Set by
     * the user, at the start. */
    bool eager;
    bool held, idle;   /* see mm/object.c */
    unsigned mappings; /* areas */
    struct object *next_idle;
};

/* Beside MAP_*, of a shared mapping: it must never become writable. */
#define SPACE_READ_ONLY (1 << 24)

/*
 * mmap of an object's pages from number first on; for the rest see space_map. The caller
 * has a reference to the object for the time of the call.
 */
long space_map_object(unsigned long hint, size_t size, int prot, int flags,
                      struct object *object, unsigned long first);

/*
 * All mappings lose their entries for pages [first, end): the next touch asks the object
 * again. Private copies stay, unless they are to go too (the object was truncated). The
 * object's pages are not mapped anywhere any more and may be used for something else.
 *
 * For a page to stay out it must be out of page()'s reach before. object_forget is the same
 * for a caller that holds mm_lock.
 */
void space_forget_object(struct object *object, unsigned long first, unsigned long end,
                         bool private_too);
void object_forget(struct object *object, unsigned long first, unsigned long end,
                   bool private_too);

/* Of a tracked object: the next write to a page of [first, end) asks page() again. With
 * mm_lock held. */
void object_ask(struct object *object, unsigned long first, unsigned long end);

/* The page is in a mapping that is locked in memory. With mm_lock held. */
bool object_is_locked(struct object *object, unsigned long index);

/* Somebody could write to the object by a shared mapping now, or after an mprotect. */
bool space_is_object_writable(struct object *object);

#endif
