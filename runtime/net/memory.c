/* SPDX-License-Identifier: MIT */
/* What lwIP's records and packets are made of. */
#include "base/string.h"
#include "lwip/pbuf.h"
#include "mm/heap.h"
#include "net/stack.h"
#include "xen/lock.h"

enum {
    KEPT = 64, /* pages, for the next packets */
    SMALL =
        1344 - 64 - PBUF_TRANSPORT, /* fits into a record, with lwIP's own and headers */
};

static struct lock pages_lock = LOCK_INIT(LOCK_OBJECT);
static void *pages; /* each begins with a link */
static unsigned kept;

void *net_memory(unsigned long size) {
    return size > PAGE_SIZE ? NULL : heap_alloc(size);
}

void *net_memory_zeroed(unsigned long count, unsigned long size) {
    return net_memory(count * size);
}

void net_memory_free(void *memory) {
    heap_free(memory);
}

void *net_page(void) {
    lock_take(&pages_lock);
    void *page = pages;
    if (page) {
        pages = *(void **)page;
        kept--;
    }
    lock_drop(&pages_lock);
    return page ? page : heap_alloc_page();
}

void net_page_free(void *page) {
    lock_take(&pages_lock);
    bool keep = kept < KEPT;
    if (keep) {
        *(void **)page = pages;
        pages = page;
        kept++;
    }
    lock_drop(&pages_lock);
    if (!keep)
        heap_free(page);
}

struct page_packet {
    struct pbuf_custom custom; /* must be first */
    void *page;
};

static void free_packet(struct pbuf *p) {
    struct page_packet *packet = (struct page_packet *)(void *)p;

    net_page_free(packet->page);
    heap_free(packet);
}

static struct pbuf *page_of(size_t size) {
    struct page_packet *packet = heap_alloc(sizeof *packet);

    if (!packet)
        return NULL;
    packet->page = net_page();
    if (!packet->page) {
        heap_free(packet);
        return NULL;
    }
    packet->custom.custom_free_function = free_packet;
    return pbuf_alloced_custom(PBUF_RAW, (u16_t)size, PBUF_REF, &packet->custom,
                               packet->page, PAGE_SIZE);
}

struct pbuf *net_packet(size_t size) {
    struct pbuf *first = NULL;

    if (size <= SMALL)
        return pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);
    while (size) {
        /* The last pages first, so that each is put before what is there. */
        size_t n = size % PAGE_SIZE ? size % PAGE_SIZE : PAGE_SIZE;
        struct pbuf *p = page_of(n);
        if (!p) {
            if (first)
                pbuf_free(first);
            return NULL;
        }
        if (first)
            pbuf_cat(p, first);
        first = p;
        size -= n;
    }
    return first;
}

struct pbuf *net_copy(const struct pbuf *packet) {
    struct pbuf *p = net_packet(packet->tot_len);

    if (p && pbuf_copy(p, packet) != ERR_OK) {
        pbuf_free(p);
        return NULL;
    }
    return p;
}
