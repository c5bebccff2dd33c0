/* SPDX-License-Identifier: MIT */
/*
 * Reading ahead. Who reads in order gets a window of pages that doubles up to a limit; the
 * next one is started when half of the last one is left, so that the device has always
 * something to do. Who does not gets what he asked for.
 */
#include <errno.h>
#include <fcntl.h>

#include "fs/backed_parts.h"
#include "mm/internal.h"
#include "mm/page.h"

enum {
    WINDOW_FIRST = 4,
    WINDOW_MOST = 32, /* pages; twice as many with POSIX_FADV_SEQUENTIAL */
    AROUND = 16,      /* pages around one that is touched by a mapping */
};

static bool is_missing(struct backed *b, unsigned long index) {
    unsigned marks;

    return !backed_look(b, index, &marks);
}

static bool is_next(const struct ahead *a, unsigned long index) {
    return index == a->next || index + 1 == a->next;
}

/* Its error matters only if it is the page itself that has no memory. */
static long start(struct backed *b, unsigned long index, unsigned long first,
                  unsigned long end) {
    long error = backed_start(b, first, end);

    return error && is_missing(b, index) ? error : 0;
}

static long read_in_order(struct backed *b, struct ahead *a, unsigned long index,
                          unsigned long end) {
    unsigned most = a->mode == AHEAD_SEQUENTIAL ? 2 * WINDOW_MOST : WINDOW_MOST;
    unsigned long asked = a->next + a->beyond;
    long error = 0;

    asked = asked > index ? asked : index;
    if (asked - index <= a->window / 2u) {
        a->window = (uint16_t)MIN(a->window ? 2u * a->window : WINDOW_FIRST, most);
        if (end > asked + a->window)
            a->window = (uint16_t)MIN(end - asked, most);
        error = start(b, index, asked, asked + a->window);
        asked += a->window;
    }
    a->beyond = (uint32_t)(asked > index ? asked - (index + 1) : 0);
    a->next = index + 1;
    return !error && is_missing(b, index) ? start(b, index, index, index + 1) : error;
}

long ahead_read(struct backed *b, struct ahead *a, unsigned long index, unsigned long end) {
    end = MIN(end, index + WINDOW_MOST);
    if (a && a->mode != AHEAD_RANDOM && is_next(a, index))
        return read_in_order(b, a, index, end);
    if (a) {
        a->next = index + 1;
        a->beyond = 0;
        a->window = 0;
    }
    return is_missing(b, index) ? start(b, index, index, end) : 0;
}

long ahead_fault(struct backed *b, unsigned long index) {
    if (is_next(&b->ahead, index))
        return read_in_order(b, &b->ahead, index, index + 1);
    b->ahead = (struct ahead){.next = index + 1};
    unsigned long first = ROUND_DOWN(index, (unsigned long)AROUND);
    long error = start(b, index, index, first + AROUND);
    if (!error)
        start(b, index, first, index);
    return error;
}

/* Clean pages that nobody maps or uses go at once. */
static void let_go(struct backed *b, unsigned long first, unsigned long end) {
    lock_take(&mm_lock);
    lock_take(&b->cache.lock);
    if (!b->cache.object.mappings)
        for (; pagetree_next(&b->cache.tree, &first) && first < end; first++)
            if (!(pagetree_marks(&b->cache.tree, first) & BACKED_STAYS))
                backed_remove(b, first);
    lock_drop(&b->cache.lock);
    lock_drop(&mm_lock);
}

/* Only whole pages are not needed. */
void backed_advise(struct backed *b, int64_t start_at, int64_t end, int advice) {
    unsigned long first = (uint64_t)start_at / PAGE_SIZE, last = (uint64_t)end / PAGE_SIZE;

    if (advice == POSIX_FADV_WILLNEED) {
        last += !!((uint64_t)end % PAGE_SIZE);
        backed_fetch(b, first, MIN(last, first + page_count() / 4));
    } else if (advice == POSIX_FADV_DONTNEED) {
        first += !!((uint64_t)start_at % PAGE_SIZE);
        writeback_start(b, first, last);
        let_go(b, first, last);
    }
}
