/* SPDX-License-Identifier: MIT */
/* mremap. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "mm/backing.h"
#include "mm/internal.h"

struct remap {
    unsigned long old, new;
    size_t old_size, new_size;
    int flags;
    bool fill; /* the result is locked, and to have all its memory */
};

/* MREMAP_FIXED: what is there goes; the place is taken by no part of the old one. */
static long make_place(const struct remap *r) {
    bool apart = r->new + r->new_size <= r->old || r->old + r->old_size <= r->new;

    if (!space_is_placeable(r->new, r->new_size) || !apart)
        return -EINVAL;
    return space_clear(r->new, r->new + r->new_size);
}

/* What may be done with an area's range; the new part of it is to be had. */
static long check(const struct area *a, const struct remap *r) {
    if (!a || a->start > r->old || a->end < r->old + r->old_size)
        return -EFAULT;
    if (a->flags & AREA_NEEDED)
        return -EACCES;
    size_t more = r->flags & MREMAP_DONTUNMAP ? r->new_size
                  : r->new_size > r->old_size ? r->new_size - r->old_size
                                              : 0;
    bool is_charged = a->flags & AREA_CHARGED; /* its new part, too, whatever its rights */
    size_t owed = is_charged ? space_owed : 0;
    bool takes = is_charged || area_takes_memory(a, a->prot);
    return takes && more && !space_has_room(more / PAGE_SIZE, owed) ? -ENOMEM : 0;
}

static long grow(const struct area *a, const struct remap *r, const struct area *like) {
    unsigned long end = r->old + r->old_size;
    size_t more = r->new_size - r->old_size;

    if (a->end != end || !space_is_placeable(r->old, r->new_size) ||
        area_find_gap(more, end, end + more) != end)
        return -ENOMEM;
    return space_add(end, more, like);
}

/*
 * Memory moves from an area to another. If they are charged, what the one was given the
 * other has, and the old one is owed it again as long as it is there.
 */
static long move(const struct remap *r, const struct area *like) {
    size_t kept = MIN(r->old_size, r->new_size);
    long error = area_add_like(r->new, r->new + r->new_size, like);

    if (error)
        return error;
    if (like->flags & AREA_CHARGED)
        space_owed += r->new_size / PAGE_SIZE;
    error = backing_move(r->old, r->new, kept, like->prot);
    if (!error && like->flags & AREA_CHARGED && space_is_tight(0)) {
        error = space_fill(area_find(r->new), r->new, r->new + r->new_size);
        if (error != -ENOMEM) /* an object's end, or to be waited for */
            error = 0;
        if (error)
            backing_move(r->new, r->old, kept, like->prot); /* its tables are still there */
    }
    if (error)
        space_clear(r->new, r->new + r->new_size);
    else if (!(r->flags & MREMAP_DONTUNMAP))
        error = space_clear(r->old, r->old + r->old_size);
    return error;
}

static long place(struct remap *r, struct area *like) {
    if (!(r->flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    if (!(r->flags & MREMAP_FIXED))
        r->new = space_choose(0, r->new_size, 0);
    if (!r->new)
        return -ENOMEM;
    if (like->object)
        like->origin += r->new - r->old;
    if (!r->old_size) { /* another mapping of the same object */
        long error = space_add(r->new, r->new_size, like);
        return error ? error : (long)r->new;
    }
    /* The borders are made first: once memory has moved nothing must fail. */
    long error = area_split(r->old, r->old + r->old_size);
    if (!error)
        error = move(r, like);
    area_join(r->old, r->old + r->old_size);
    return error ? error : (long)r->new;
}

static long remap(struct remap *r) {
    const struct area *a = area_find(r->old);
    bool stays = !(r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP));
    long error = 0;

    if (!a || a->start > r->old)
        return -EFAULT;
    if (!r->old_size && !(a->flags & AREA_SHARED && a->object))
        return -EINVAL;
    if (r->old_size > SPACE_END - r->old)
        return r->new_size < r->old_size ? -EINVAL : -EFAULT;
    if (r->flags & MREMAP_FIXED)
        error = make_place(r);
    if (!error && r->new_size < r->old_size) {
        error = space_clear(r->old + r->new_size, r->old + r->old_size);
        r->old_size = r->new_size;
    }
    if (error || (stays && r->new_size == r->old_size))
        return error ? error : (long)r->old;
    a = area_find(r->old);
    error = check(a, r);
    if (error)
        return error;
    struct area like = *a;
    like.flags &= AREA_CHARGED | AREA_LOCKED | AREA_LAZY | AREA_SHARED | AREA_READ_ONLY;
    r->fill = like.prot && like.flags & AREA_LOCKED && !(like.flags & AREA_LAZY);
    if (stays && r->old_size && !grow(a, r, &like))
        return (long)r->old;
    return place(r, &like);
}

long space_remap(unsigned long old, size_t old_size, size_t new_size, int flags,
                 unsigned long new) {
    struct remap r = {.old = old,
                      .new = new,
                      .old_size = space_to_pages(old_size),
                      .new_size = space_to_pages(new_size),
                      .flags = flags};

    if (old & (PAGE_SIZE - 1) || !new_size ||
        flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP) ||
        (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE)) ||
        (flags & MREMAP_DONTUNMAP && r.old_size != r.new_size))
        return -EINVAL;
    if (!r.new_size && (flags & MREMAP_FIXED || !ROUND_UP(new_size, PAGE_SIZE)))
        return -EINVAL;
    if ((old_size && !r.old_size) || !r.new_size)
        return -ENOMEM;
    space_enter();
    long result = remap(&r);
    space_leave();
    if (result >= 0 && r.fill)
        space_populate((unsigned long)result, r.new_size, SPACE_ANY);
    return result;
}
