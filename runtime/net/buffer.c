/* SPDX-License-Identifier: MIT */
#include "net/buffer.h"

#include "mm/heap.h"
#include "net/stack.h"

struct buffer *buffer_make(void) {
    struct buffer *b = heap_alloc(sizeof *b);

    if (!b)
        return NULL;
    b->page = net_page();
    if (b->page)
        return b;
    heap_free(b);
    return NULL;
}

void buffer_free(struct buffer *b) {
    net_page_free(b->page);
    heap_free(b);
}
