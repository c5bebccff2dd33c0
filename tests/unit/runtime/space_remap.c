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
    int flags, prot;
};

static struct remap random_remap(void) {
    static const int kinds[] = {0, MREMAP_MAYMOVE, MREMAP_MAYMOVE,
                                MREMAP_MAYMOVE | MREMAP_FIXED};
    struct remap r = {.old = calls_random_address(),
                      .new = calls_random_address(),
                      .old_size = calls_random_size(),
                      .new_size = calls_random_size()};

    r.flags = random_one_in(50) ? MREMAP_FIXED : kinds[random_below(ARRAY_SIZE(kinds))];
    if (model_has(r.old)) {
        r.prot = model_at(r.old)->prot;
        size_t longest = 1;
        while (r.prot != MODEL_NONE && model_is_mapped(r.old, longest + 1, r.prot))
            longest++;
        if (!random_one_in(4)) /* what can be done */
            r.old_size = random_between(1, longest) * PAGE_SIZE;
    }
    r.old_pages = calls_to_pages(r.old_size);
    r.new_pages = calls_to_pages(r.new_size);
    return r;
}

/* Whether the pages behind the old ones are free, up to the new size. */
static bool can_grow(const struct remap *r) {
    return calls_is_range(r->old, r->new_size) &&
           model_is_free(r->old + r->old_pages * PAGE_SIZE, r->new_pages - r->old_pages);
}

static long expect_remap(const struct remap *r) {
    if (r->old_size > SPACE_END || r->new_size > SPACE_END)
        return -ENOMEM;
    if (r->old % PAGE_SIZE || !r->old_size || !r->new_size || r->flags == MREMAP_FIXED)
        return -EINVAL;
    if (!calls_is_range(r->old, r->old_size) || r->prot == MODEL_NONE ||
        !model_is_mapped(r->old, r->old_pages, r->prot))
        return -EFAULT;
    if (r->flags & MREMAP_FIXED) {
        bool apart = r->new + r->new_pages *PAGE_SIZE <= r->old ||
                     r->old + r->old_pages *PAGE_SIZE <= r->new;
        return calls_is_range(r->new, r->new_size) && apart ? (long)r->new : -EINVAL;
    }
    if (r->new_pages <= r->old_pages || can_grow(r))
        return (long)r->old;
    if (!(r->flags & MREMAP_MAYMOVE) || r->new_size > SPACE_END - MODEL_HEAP_END)
        return -ENOMEM;
    return (long)calls_find_gap(r->new_pages);
}

/* The model after a mremap that came to new. */
static void move_model(const struct remap *r, unsigned long new) {
    uint64_t tags[MODEL_MAPPINGS];
    size_t kept = MIN(r->old_pages, r->new_pages);

    for (size_t i = 0; i < kept; i++)
        tags[i] = model_at(r->old + i * PAGE_SIZE)->tag;
    model_set(r->old, r->old_pages, MODEL_NONE);
    model_set(new, r->new_pages, r->prot);
    for (size_t i = 0; i < kept; i++)
        model_at(new + i *PAGE_SIZE)->tag = tags[i];
}

void calls_remap(void) {
    struct remap r = random_remap();
    long wanted = expect_remap(&r);
    long is = space_remap(r.old, r.old_size, r.new_size, r.flags, r.new);

    if (is == wanted && is > 0)
        move_model(&r, (unsigned long)is);
    if (is == wanted)
        return;
    if (is > 0 && wanted == (long)r.old && r.flags & MREMAP_MAYMOVE &&
        calls_is_short(-ENOMEM, r.new_pages)) { /* tables were wanting at the old place */
        REQUIRE(model_is_free((unsigned long)is, r.new_pages));
        move_model(&r, (unsigned long)is);
        return;
    }
    REQUIRE_SAYING(wanted > 0 && calls_is_short(is, r.new_pages),
                   "mremap(0x%lx, 0x%lx, 0x%lx, %d, 0x%lx) is %ld, not 0x%lx", r.old,
                   r.old_size, r.new_size, r.flags, r.new, is, wanted);
    if (r.flags & MREMAP_FIXED && space_check(r.new, r.new_size))
        model_set(r.new, r.new_pages, MODEL_NONE);
}
