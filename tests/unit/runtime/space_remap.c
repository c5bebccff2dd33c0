/* SPDX-License-Identifier: MIT */
/* Random calls of mremap; see space_calls.h. */
#include "space_calls.h"

#include <errno.h>
#include <sys/mman.h>

#include "mm/space.h"
#include "random.h"
#include "require.h"
#include "space_model.h"

struct remap {
    unsigned long old, new;
    size_t old_size, new_size, old_pages, new_pages;
    int flags;
    struct model_page like; /* the old range's first page */
};

static struct remap random_remap(void) {
    static const int kinds[] = {0, MREMAP_MAYMOVE, MREMAP_MAYMOVE,
                                MREMAP_MAYMOVE | MREMAP_FIXED,
                                MREMAP_MAYMOVE | MREMAP_DONTUNMAP};
    struct remap r = {.old = calls_random_address(),
                      .new = calls_random_address(),
                      .old_size = calls_random_size(),
                      .new_size = calls_random_size()};

    r.flags = random_one_in(50) ? MREMAP_FIXED : kinds[random_below(ARRAY_SIZE(kinds))];
    r.like.prot = MODEL_NONE;
    if (model_has(r.old)) {
        r.like = *model_at(r.old);
        size_t longest = 1;
        while (r.like.prot != MODEL_NONE && model_is_mapped(r.old, longest + 1, &r.like))
            longest++;
        if (!random_one_in(4)) /* what can be done */
            r.old_size = random_between(1, longest) * PAGE_SIZE;
    }
    if (r.flags & MREMAP_DONTUNMAP && !random_one_in(8))
        r.new_size = r.old_size;
    r.old_pages = calls_to_pages(r.old_size);
    r.new_pages = calls_to_pages(r.new_size);
    return r;
}

/* Whether the pages behind the old ones are free, up to the new size. */
static bool can_grow(const struct remap *r) {
    return calls_is_range(r->old, r->new_size) &&
           model_is_free(r->old + r->old_pages * PAGE_SIZE, r->new_pages - r->old_pages);
}

static bool is_mistaken(const struct remap *r) {
    return r->old % PAGE_SIZE || !r->new_size || r->flags == MREMAP_FIXED ||
           (r->flags & MREMAP_DONTUNMAP && r->old_pages != r->new_pages);
}

static long expect_remap(const struct remap *r) {
    if (is_mistaken(r))
        return -EINVAL;
    if (r->new_size > SPACE_END &&
        (r->flags & MREMAP_FIXED || r->new_size > -PAGE_SIZE)) /* rounded up it is 0 */
        return -EINVAL;
    if (r->old_size > SPACE_END || r->new_size > SPACE_END)
        return -ENOMEM;
    if (r->like.prot == MODEL_NONE)
        return -EFAULT;
    if (!r->old_size) /* another mapping of a shared object, which this is not */
        return -EINVAL;
    if (r->old_size > SPACE_END - r->old)
        return r->new_pages < r->old_pages ? -EINVAL : -EFAULT;
    bool placed = r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
    if (r->flags & MREMAP_FIXED) {
        bool apart = r->new + r->new_pages *PAGE_SIZE <= r->old ||
                     r->old + r->old_pages *PAGE_SIZE <= r->new;
        if (!calls_is_range(r->new, r->new_size) || !apart)
            return -EINVAL;
    }
    /* What is behind the new size goes first, whatever it is. */
    size_t pages = MIN(r->old_pages, r->new_pages);
    if (!placed && r->new_pages <= r->old_pages)
        return (long)r->old;
    if (!model_is_mapped(r->old, pages, &r->like))
        return -EFAULT;
    if (r->flags & MREMAP_FIXED)
        return (long)r->new;
    if (!placed && can_grow(r))
        return (long)r->old;
    if (!(r->flags & MREMAP_MAYMOVE) || r->new_size > SPACE_END - MODEL_HEAP_END)
        return -ENOMEM;
    return (long)calls_find_gap(r->new_pages);
}

/* The model after a mremap that came to new. */
static void move_model(const struct remap *r, unsigned long new) {
    uint64_t tags[MODEL_MAPPINGS];
    size_t kept = MIN(r->old_pages, r->new_pages);
    bool stays = r->flags & MREMAP_DONTUNMAP;

    if (new == r->old && r->new_pages <= r->old_pages) {
        model_set(r->old + r->new_pages * PAGE_SIZE, r->old_pages - r->new_pages,
                  MODEL_NONE, false);
        return;
    }
    for (size_t i = 0; i < kept; i++)
        tags[i] = model_at(r->old + i * PAGE_SIZE)->tag;
    model_set(r->old, r->old_pages, stays ? r->like.prot : MODEL_NONE, r->like.charged);
    model_set(new, r->new_pages, r->like.prot, r->like.charged);
    for (size_t i = 0; i < kept; i++)
        model_at(new + i *PAGE_SIZE)->tag = tags[i];
}

/* What is gone though the call failed: the place that it was to come to, and the old part
 * that would not have come along. */
static void forget(const struct remap *r) {
    if (!(r->flags & MREMAP_FIXED) || is_mistaken(r) || r->like.prot == MODEL_NONE ||
        r->old_size > SPACE_END - r->old)
        return;
    if (space_check(r->new, r->new_size, 0))
        model_set(r->new, r->new_pages, MODEL_NONE, false);
    if (r->new_pages < r->old_pages && space_check(r->old + r->new_size, PAGE_SIZE, 0))
        model_set(r->old + r->new_pages * PAGE_SIZE, r->old_pages - r->new_pages,
                  MODEL_NONE, false);
}

void calls_remap(void) {
    struct remap r = random_remap();
    long wanted = expect_remap(&r);
    long is = space_remap(r.old, r.old_size, r.new_size, r.flags, r.new);

    if (is == wanted && is > 0)
        move_model(&r, (unsigned long)is);
    if (is == wanted && is == -EFAULT)
        forget(&r);
    if (is == wanted)
        return;
    if (is > 0 && wanted == (long)r.old && r.flags & MREMAP_MAYMOVE &&
        calls_is_short(-ENOMEM, r.new_pages)) { /* tables were wanting at the old place */
        REQUIRE(model_is_free((unsigned long)is, r.new_pages));
        move_model(&r, (unsigned long)is);
        return;
    }
    REQUIRE_SAYING((wanted > 0 || wanted == -EFAULT) && calls_is_short(is, r.new_pages),
                   "mremap(0x%lx, 0x%lx, 0x%lx, %d, 0x%lx) is %ld, not 0x%lx", r.old,
                   r.old_size, r.new_size, r.flags, r.new, is, wanted);
    forget(&r);
}
