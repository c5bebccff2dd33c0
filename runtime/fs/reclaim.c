/* SPDX-License-Identifier: MIT */
/*
 * Pages of files on devices make room for what is needed more. A hand goes round over all
 * of them, in the order of caches and pages: a page that was used since it was there last
 * loses that mark, and its mappings, so that the next touch shows; one that was not goes.
 * All with mm_lock held.
 */
#include "fs/backed_parts.h"
#include "mm/backing.h"
#include "mm/internal.h"

enum { BATCH = 64 /* pages that are freed together at most */ };

static struct backed *hand;
static unsigned long hand_index;

static struct backed *at(struct list *node) {
    if (node == &backed_all)
        node = backed_all.next;
    return node == &backed_all ? NULL : LIST_RECORD(node, struct backed, node);
}

static void go_on(void) {
    hand = at(hand ? hand->node.next : backed_all.next);
    hand_index = 0;
}

void reclaim_forget(struct backed *b) {
    if (hand != b)
        return;
    go_on();
    if (hand == b)
        hand = NULL;
}

static unsigned marks_of(struct backed *b, unsigned long index) {
    unsigned marks;

    backed_look(b, index, &marks);
    return marks;
}

/* Nobody can have pinned it since it was looked at but under the cache's lock. */
static bool free_page(struct backed *b, unsigned long index) {
    lock_take(&b->cache.lock);
    bool goes = !(pagetree_marks(&b->cache.tree, index) & (BACKED_STAYS | BACKED_USED));
    if (goes)
        backed_remove(b, index);
    lock_drop(&b->cache.lock);
    return goes;
}

static bool consider(struct backed *b, unsigned long index) {
    unsigned marks = marks_of(b, index);

    if (marks & BACKED_STAYS || object_is_locked(&b->cache.object, index))
        return false;
    object_forget(&b->cache.object, index, index + 1, false);
    if (!(marks & BACKED_USED))
        return free_page(b, index);
    lock_take(&b->cache.lock);
    backed_change(b, index, BACKED_USED, 0);
    lock_drop(&b->cache.lock);
    return false;
}

/* Two rounds: the first may do no more than take marks away. */
bool reclaim_pages(void) {
    size_t looks = 2 * backing_kept + 2, freed = 0;

    for (; looks && freed < BATCH && backing_kept; looks--) {
        if (!hand)
            go_on();
        if (pagetree_next(&hand->cache.tree, &hand_index)) {
            freed += consider(hand, hand_index++);
            continue;
        }
        struct backed *was = hand;
        go_on();
        looks += hand != was && looks < 2 * backing_kept; /* an empty one counts not */
    }
    return freed;
}
