/* SPDX-License-Identifier: MIT */
/*
 * Areas that are mappings of objects. Invariants: an entry with PTE_OBJECT is one for the
 * page that the object had under that number when it was made, and the object makes it go
 * (object_forget) before the page becomes anything else; in a private area each such entry
 * has PTE_ASK, and the other entries are for copies, which are the area's own memory.
 *
 * References. The space holds an object (held) from its first mapping on. When the last
 * one goes, area.c puts it on a list (area_idle, idle); who drops mm_lock looks at it there
 * again: it may be mapped anew by then.
 */
#include "mm/object.h"

#define _GNU_SOURCE
#include <signal.h>

#include <errno.h>
#include <sys/mman.h>

#include "base/string.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/pagetable.h"
#include "pv/trap.h"

enum { AROUND = 16 /* pages: those there already are mapped together */ };

static bool is_private(const struct area *a) {
    return !(a->flags & AREA_SHARED);
}

/* Maps the object's own page. */
static int map_page(const struct area *a, unsigned long va, const void *page, bool write) {
    bool ask = is_private(a) || (a->object->tracked && !write);

    return backing_set(va, page, a->prot, ask ? PTE_OBJECT | PTE_ASK : PTE_OBJECT);
}

/* Maps a copy of the object's page, which is the area's. To make room for it may take the
 * object's page away. */
static int map_copy(const struct area *a, unsigned long va) {
    struct object *o = a->object;
    unsigned long index = area_page_number(a, va);
    void *page, *copy;
    int error = o->ops->page(o, index, OBJECT_READ, &page);

    if (error)
        return error;
    copy = page_take();
    if (!copy && backing_make_room()) {
        copy = page_take();
        error = o->ops->page(o, index, OBJECT_READ, &page);
    }
    if (!copy)
        return -ENOMEM;
    if (!error) {
        memcpy(copy, page, PAGE_SIZE);
        error = backing_set(va, copy, a->prot, 0);
    }
    if (error)
        page_give(copy);
    else if (a->flags & AREA_CHARGED)
        space_owed--;
    return error;
}

/* What there is need not be asked for again. */
static bool is_enough(pte_t pte, bool write) {
    return pte && !(write && pte & PTE_ASK);
}

/* Queues what the page at va needs to be read, or written to. */
static int bring(const struct area *a, unsigned long va, bool write) {
    struct object *o = a->object;
    enum object_access access = write && !is_private(a) ? OBJECT_WRITE : OBJECT_READ;
    void *page;

    if (is_enough(pt_get(va), write))
        return 0;
    if (write && is_private(a))
        return map_copy(a, va);
    int error = o->ops->page(o, area_page_number(a, va), access, &page);
    return error ? error : map_page(a, va, page, write);
}

/* The pages around va that are there already come with it. */
static void bring_around(const struct area *a, unsigned long va) {
    unsigned long start = ROUND_DOWN(va, AROUND * PAGE_SIZE);
    unsigned long end = MIN(start + AROUND * PAGE_SIZE, a->end);
    void *page;

    for (start = start > a->start ? start : a->start; start < end; start += PAGE_SIZE)
        if (start != va && !pt_get(start) &&
            !a->object->ops->page(a->object, area_page_number(a, start), OBJECT_PRESENT,
                                  &page) &&
            map_page(a, start, page, false))
            break;
}

static int fill(const struct area *a, unsigned long start, unsigned long end, bool write) {
    int error = 0;

    for (; start < end && !error; start += PAGE_SIZE)
        error = bring(a, start, write);
    pt_commit();
    return error;
}

/* The page is not there yet. */
static int wait(const struct area *a, unsigned long va, bool urgent, int *code) {
    if (urgent) {
        *code = SPACE_MISSED;
        return SIGBUS;
    }
    int error = a->object->ops->wait(a->object, area_page_number(a, va));
    *code = error == -ENOMEM ? BUS_ADRERR : BUS_OBJERR;
    return error ? SIGBUS : SPACE_WAIT;
}

static int resolve(const struct area *a, unsigned long va, unsigned access, int *code) {
    bool write = access & FAULT_WRITE;
    int error = 0;

    if (is_enough(pt_get(va), write)) {
        /* another vCPU was first, or this one remembers less */
        backing_protect(va, va + PAGE_SIZE, a->prot);
        return 0;
    }
    bool around = !pt_get(va);
    error = bring(a, va, write);
    if (error == -ENOMEM && backing_make_room()) /* it was for a table */
        error = bring(a, va, write);
    if (!error && around)
        bring_around(a, va);
    pt_commit();
    if (!error && around && a->object->eager && !is_private(a))
        fill(a, va + PAGE_SIZE, space_choose_end(va, a->end), write);
    if (error == -EAGAIN)
        return wait(a, va, access & FAULT_URGENT, code);
    *code = error == -EFAULT ? BUS_OBJERR : BUS_ADRERR;
    return error ? SIGBUS : 0;
}

static bool is_present(const struct area *a, unsigned long va) {
    void *page;

    return !a->object->ops->page(a->object, area_page_number(a, va), OBJECT_PRESENT, &page);
}

/* Whoever finds the list being worked on leaves what is on it to him: he may hold locks. */
static void leave(void) {
    static bool busy;
    struct object *o;

    while (!busy && (o = area_idle)) {
        area_idle = o->next_idle;
        o->idle = false;
        if (o->mappings)
            continue;
        o->held = false;
        busy = true;
        lock_drop(&mm_lock);
        o->ops->unref(o);
        lock_take(&mm_lock);
        busy = false;
    }
    lock_drop(&mm_lock);
}

static bool is_of_object(const struct area *a) {
    return a->object;
}

static bool is_shared(const struct area *a) {
    return a->object && !is_private(a);
}

typedef long operation(struct object *object, unsigned long first, unsigned long end);

static long do_sync(struct object *o, unsigned long first, unsigned long end) {
    return o->ops->sync ? o->ops->sync(o, first, end) : 0;
}

static long do_punch(struct object *o, unsigned long first, unsigned long end) {
    return o->ops->punch ? o->ops->punch(o, first, end) : -EOPNOTSUPP;
}

/* One object after the other, with a reference to it instead of the lock. */
static long each(unsigned long start, unsigned long end,
                 bool (*is)(const struct area *area), operation *operation) {
    long error = 0;

    while (start < end && !error) {
        space_enter();
        const struct area *a = area_find(start);
        while (a && !is(a))
            a = area_next(a);
        if (!a || a->start >= end) {
            space_leave();
            return 0;
        }
        struct object *o = a->object;
        unsigned long from = a->start > start ? a->start : start, to = MIN(a->end, end);
        unsigned long first = area_page_number(a, from);
        o->ops->ref(o);
        space_leave();
        error = operation(o, first, first + (to - from) / PAGE_SIZE);
        o->ops->unref(o);
        start = to;
    }
    return error;
}

static long do_fetch(struct object *o, unsigned long first, unsigned long end) {
    if (o->ops->fetch)
        o->ops->fetch(o, first, end);
    return 0;
}

static void fetch_all(unsigned long start, unsigned long end) {
    each(start, end, is_of_object, do_fetch);
}

static long sync_all(unsigned long start, unsigned long end) {
    return each(start, end, is_shared, do_sync);
}

static long punch_all(unsigned long start, unsigned long end) {
    return each(start, end, is_shared, do_punch);
}

static const struct space_objects operations = {.resolve = resolve,
                                                .fill = fill,
                                                .is_present = is_present,
                                                .leave = leave,
                                                .fetch = fetch_all,
                                                .sync = sync_all,
                                                .punch = punch_all};

long space_map_object(unsigned long hint, size_t size, int prot, int flags,
                      struct object *object, unsigned long first) {
    if (!size)
        return -EINVAL;
    size = space_to_pages(size);
    if (!size)
        return -ENOMEM;
    space_enter();
    space_objects = &operations;
    if (!object->held)
        object->ops->ref(object);
    object->held = true;
    object->mappings++; /* so that it stays, though the only other mapping may go */
    long result = space_place(hint, size, prot, flags, object, first);
    area_leave_object(object);
    space_leave();
    return result;
}

/* Where the area maps what it does of the pages [first, end) of its object; false: it maps
 * none. */
static bool find_part(const struct area *a, unsigned long first, unsigned long end,
                      unsigned long *start, unsigned long *stop) {
    unsigned long lowest = area_page_number(a, a->start);
    unsigned long highest = lowest + (a->end - a->start) / PAGE_SIZE;

    first = first > lowest ? first : lowest;
    end = MIN(end, highest);
    if (first >= end)
        return false;
    *start = a->start + (first - lowest) * PAGE_SIZE;
    *stop = a->start + (end - lowest) * PAGE_SIZE;
    return true;
}

static void forget(const struct area *a, unsigned long first, unsigned long end,
                   bool private_too) {
    unsigned long start, stop;

    if (!find_part(a, first, end, &start, &stop))
        return;
    if (private_too)
        space_empty(a, start, stop);
    else
        backing_forget(start, stop);
}

void object_forget(struct object *object, unsigned long first, unsigned long end,
                   bool private_too) {
    if (!object->mappings)
        return;
    for (const struct area *a = area_find(0); a; a = area_next(a))
        if (a->object == object)
            forget(a, first, end, private_too);
}

void space_forget_object(struct object *object, unsigned long first, unsigned long end,
                         bool private_too) {
    space_enter();
    object_forget(object, first, end, private_too);
    space_leave();
}

void object_ask(struct object *object, unsigned long first, unsigned long end) {
    unsigned long start, stop;

    if (!object->mappings)
        return;
    for (const struct area *a = area_find(0); a; a = area_next(a))
        if (a->object == object && !is_private(a) &&
            find_part(a, first, end, &start, &stop))
            backing_ask(start, stop, a->prot);
}

bool object_is_locked(struct object *object, unsigned long index) {
    const struct area *a = object->mappings ? area_find(0) : NULL;
    unsigned long start, stop;

    while (a && !(a->object == object && a->flags & AREA_LOCKED &&
                  find_part(a, index, index + 1, &start, &stop)))
        a = area_next(a);
    return a;
}

bool space_is_object_writable(struct object *object) {
    const struct area *a = NULL;

    space_enter();
    if (object->mappings)
        for (a = area_find(0); a; a = area_next(a))
            if (a->object == object && !is_private(a) && !(a->flags & AREA_READ_ONLY))
                break;
    space_leave();
    return a;
}
