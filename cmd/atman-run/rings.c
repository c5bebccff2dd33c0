/* SPDX-License-Identifier: MIT */
/*
 * atman-run's side of the shared rings: see rings.h.
 */
#include "rings.h"

#include <string.h>

#define FOUR_GIB (UINT64_C(1) << 32)

/* Where a page of machine memory is in ours, or NULL if there is no such RAM. */
static void *page_at(const struct rings *rings, uint64_t address) {
    uint64_t offset = address;

    if (address % RINGS_PAGE)
        return NULL;
    if (address >= rings->low) {
        if (address < FOUR_GIB)
            return NULL;
        offset = address - FOUR_GIB + rings->low;
    }
    return offset <= rings->size && rings->size - offset >= RINGS_PAGE
               ? rings->memory + offset
               : NULL;
}

/* Looks up one ring's data pages. */
static bool find_pages(struct rings *rings, struct rings_page *page, unsigned index) {
    uint32_t pages = __atomic_load_n(&page->ring[index].pages, __ATOMIC_RELAXED);

    if (pages == 0 || pages > RINGS_PAGES_MAX || (pages & (pages - 1)))
        return false;
    for (uint32_t i = 0; i < pages; i++) {
        uint64_t address = __atomic_load_n(&page->ring[index].page[i], __ATOMIC_RELAXED);

        rings->ring[index].data[i] = page_at(rings, address);
        if (!rings->ring[index].data[i])
            return false;
    }
    rings->ring[index].bytes = pages * RINGS_PAGE;
    rings->ring[index].position = 0;
    return true;
}

const char *rings_attach(struct rings *rings, uint64_t address) {
    struct rings_page *page = page_at(rings, address);

    if (!page)
        return "the page is not in the machine's memory";
    if (__atomic_load_n(&page->magic, __ATOMIC_ACQUIRE) != RINGS_MAGIC)
        return "the page has another format; build image and atman-run from one source";
    for (unsigned i = 0; i < RINGS_COUNT; i++)
        if (!find_pages(rings, page, i))
            return "a ring's pages are not in the machine's memory";
    rings->page = page;
    return NULL;
}

/* The bytes at a position of a ring that lie together: *length is cut to them. */
static char *piece(struct rings *rings, enum rings_index index, uint32_t position,
                   uint32_t *length) {
    uint32_t offset = position & (rings->ring[index].bytes - 1);
    uint32_t in_page = offset % RINGS_PAGE;

    if (*length > RINGS_PAGE - in_page)
        *length = RINGS_PAGE - in_page;
    return rings->ring[index].data[offset / RINGS_PAGE] + in_page;
}

bool rings_take(struct rings *rings, enum rings_index index, struct outlet *outlet) {
    struct rings_ring *ring = &rings->page->ring[index];
    uint32_t tail = rings->ring[index].position;
    uint32_t held = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) - tail;

    if (held > rings->ring[index].bytes)
        return false;
    while (held && !outlet_full(outlet)) {
        uint32_t length = held;
        const char *bytes = piece(rings, index, tail, &length);

        outlet_add(outlet, bytes, length);
        tail += length;
        held -= length;
    }
    rings->ring[index].position = tail;
    __atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
    return true;
}

/* Bytes of input that still fit; a guest that lies about its tail gets none. */
static uint32_t input_room(struct rings *rings) {
    uint32_t bytes = rings->ring[RINGS_STDIN].bytes;
    uint32_t tail = __atomic_load_n(&rings->page->ring[RINGS_STDIN].tail, __ATOMIC_ACQUIRE);
    uint32_t held = rings->ring[RINGS_STDIN].position - tail;

    return held > bytes ? 0 : bytes - held;
}

size_t rings_give(struct rings *rings, const char *bytes, size_t length) {
    uint32_t room = input_room(rings);
    uint32_t head = rings->ring[RINGS_STDIN].position;
    size_t given = 0;

    while (given < length && room) {
        uint32_t part = length - given < room ? (uint32_t)(length - given) : room;
        char *to = piece(rings, RINGS_STDIN, head, &part);

        memcpy(to, bytes + given, part);
        head += part;
        room -= part;
        given += part;
    }
    rings->ring[RINGS_STDIN].position = head;
    __atomic_store_n(&rings->page->ring[RINGS_STDIN].head, head, __ATOMIC_RELEASE);
    return given;
}

void rings_close_input(struct rings *rings) {
    __atomic_store_n(&rings->page->ring[RINGS_STDIN].closed, 1, __ATOMIC_RELEASE);
}

void rings_arm(struct rings *rings) {
    __atomic_store_n(&rings->page->bell, 1, __ATOMIC_SEQ_CST);
}

bool rings_hold(struct rings *rings, enum rings_index index) {
    return __atomic_load_n(&rings->page->ring[index].head, __ATOMIC_SEQ_CST) !=
           rings->ring[index].position;
}

bool rings_want(struct rings *rings) {
    return input_room(rings) > 0;
}

void rings_news(struct rings *rings, uint64_t signals, uint32_t window) {
    struct rings_news *news = &rings->page->news;

    if (window)
        __atomic_store_n(&news->window, window, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&news->signals, signals, __ATOMIC_SEQ_CST);
}
