/* SPDX-License-Identifier: MIT */
#include "fs/text.h"

#include <errno.h>

#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"

enum { BYTES = PAGE_SIZE - sizeof(struct text_page *) };

struct text_page {
    struct text_page *next;
    char bytes[BYTES];
};

/* The page that the next byte is in. */
static struct text_page *page_at_end(struct text *t) {
    struct text_page *page = t->last;

    if (t->size % BYTES)
        return page;
    page = heap_alloc(sizeof *page);
    if (!page)
        return NULL;
    *(t->last ? &t->last->next : &t->first) = page;
    t->last = page;
    return page;
}

void text_put(struct text *t, const void *bytes, size_t size) {
    const char *from = bytes;

    while (size && !t->failed) {
        struct text_page *page = page_at_end(t);
        size_t at = t->size % BYTES, n = MIN(size, BYTES - at);
        if (!page) {
            t->failed = true;
            return;
        }
        memcpy(page->bytes + at, from, n);
        t->size += n;
        from += n;
        size -= n;
    }
}

void text_add(struct text *t, const char *fmt, ...) {
    va_list args;

    if (!t->line)
        t->line = heap_alloc(PAGE_SIZE);
    if (!t->line) {
        t->failed = true;
        return;
    }
    va_start(args, fmt);
    text_put(t, t->line, format_v(t->line, PAGE_SIZE, fmt, args));
    va_end(args);
}

long text_read(const struct text *t, struct transfer *to, int64_t position) {
    const struct text_page *page = t->first;
    size_t left = (uint64_t)position < t->size ? t->size - (size_t)position : 0;
    size_t at = (uint64_t)position % BYTES;
    long done = 0;

    for (size_t i = (uint64_t)position / BYTES; left && i; i--)
        page = page->next;
    while (left && to->left) {
        size_t size = MIN(left, BYTES - at);
        long n = transfer_put(to, page->bytes + at, size);
        if (n <= 0)
            return done ? done : n;
        done += n;
        if ((size_t)n < size)
            break;
        left -= size;
        at = 0;
        page = page->next;
    }
    return done;
}

void text_free(struct text *t) {
    while (t->first) {
        struct text_page *page = t->first;
        t->first = page->next;
        heap_free(page);
    }
    heap_free(t->line);
    *t = (struct text){0};
}

unsigned long text_octal(unsigned value) {
    unsigned long digits = 0;

    for (unsigned long place = 1; value; value /= 8, place *= 10)
        digits += value % 8 * place;
    return digits;
}
