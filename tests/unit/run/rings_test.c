/* SPDX-License-Identifier: MIT */
/*
 * The shared rings, atman-run's side, against a guest played here: every byte arrives once
 * and in order, the guest is woken for, and a guest that lies does no harm.
 */
#include "rings.h"
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

enum { PAGES = 16, RING_PAGES = 2, RING_BYTES = RING_PAGES * RINGS_PAGE };

static char *memory;
static struct rings rings;
static struct rings_page *page; /* as the guest sees it */

static char *data_of(enum rings_index index, uint32_t position) {
    uint32_t offset = position % RING_BYTES;

    return memory + page->ring[index].page[offset / RINGS_PAGE] + offset % RINGS_PAGE;
}

/* A machine whose guest has its rings in pages 4 and following, out of order. */
static const char *boot(void) {
    unsigned next = PAGES - 1;

    free(memory);
    memory = aligned_alloc(RINGS_PAGE, PAGES * RINGS_PAGE);
    memset(memory, 0xee, PAGES * RINGS_PAGE);
    page = (struct rings_page *)(void *)(memory + 4 * RINGS_PAGE);
    memset(page, 0, sizeof *page);
    page->magic = RINGS_MAGIC;
    for (unsigned i = 0; i < RINGS_COUNT; i++) {
        page->ring[i].pages = RING_PAGES;
        for (unsigned p = 0; p < RING_PAGES; p++)
            page->ring[i].page[p] = (uint64_t)next-- * RINGS_PAGE;
    }
    rings = (struct rings){
        .memory = memory, .size = PAGES * RINGS_PAGE, .low = PAGES * RINGS_PAGE};
    return rings_attach(&rings, UINT64_C(4) * RINGS_PAGE);
}

/* The guest writes as many of length bytes as fit, counting up; returns how many. */
static uint32_t guest_write(uint32_t length) {
    struct rings_ring *ring = &page->ring[RINGS_STDOUT];
    uint32_t room = RING_BYTES - (ring->head - ring->tail);

    if (length > room)
        length = room;
    for (uint32_t i = 0; i < length; i++)
        *data_of(RINGS_STDOUT, ring->head + i) = (char)(ring->head + i);
    ring->head += length;
    return length;
}

TEST(output_in_order) {
    struct outlet outlet;
    int ends[2];
    uint32_t seen = 0;

    CHECK_TEXT(boot(), NULL);
    CHECK_EQ(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    srand(2);
    for (int round = 0; round < 300; round++) {
        char bytes[RING_BYTES];
        uint32_t written = guest_write((uint32_t)rand() % (RING_BYTES + 100));

        CHECK_EQ(rings_hold(&rings, RINGS_STDOUT), written > 0);
        CHECK(rings_take(&rings, RINGS_STDOUT, &outlet));
        CHECK(!rings_hold(&rings, RINGS_STDOUT));
        CHECK_EQ(page->ring[RINGS_STDOUT].tail, page->ring[RINGS_STDOUT].head);
        if (written)
            CHECK_EQ(read(ends[0], bytes, sizeof bytes), written);
        for (uint32_t i = 0; i < written; i++, seen++)
            if (bytes[i] != (char)seen) {
                CHECK_EQ(bytes[i], (char)seen);
                return;
            }
    }
    CHECK(seen > 10 * RING_BYTES);
    CHECK_EQ(page->ring[RINGS_STDERR].tail, 0);
    outlet_close(&outlet);
    close(ends[0]);
    close(ends[1]);
}

TEST(a_full_outlet_leaves_the_rest) {
    struct outlet outlet;
    int ends[2];

    CHECK_TEXT(boot(), NULL);
    CHECK_EQ(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    while (!outlet_full(&outlet))
        outlet_add(&outlet, memory, RINGS_PAGE);
    guest_write(100);
    CHECK(rings_take(&rings, RINGS_STDOUT, &outlet));
    CHECK(rings_hold(&rings, RINGS_STDOUT));
    CHECK_EQ(page->ring[RINGS_STDOUT].tail, 0);
    outlet_close(&outlet);
    close(ends[0]);
    close(ends[1]);
}

TEST(input_in_order) {
    struct rings_ring *ring;
    uint32_t sent = 0, seen = 0;

    CHECK_TEXT(boot(), NULL);
    ring = &page->ring[RINGS_STDIN];
    srand(3);
    for (int round = 0; round < 1000; round++) {
        char bytes[3 * RING_BYTES];
        uint32_t length = (uint32_t)rand() % sizeof bytes, given, take;

        for (uint32_t i = 0; i < length; i++)
            bytes[i] = (char)(sent + i);
        given = (uint32_t)rings_give(&rings, bytes, length);
        sent += given;
        CHECK_EQ(ring->head, sent);
        CHECK(given == length || ring->head - ring->tail == RING_BYTES);
        CHECK_EQ(rings_want(&rings), ring->head - ring->tail < RING_BYTES);
        take = (uint32_t)rand() % (ring->head - ring->tail + 1);
        for (; take; take--, seen++, ring->tail++)
            if (*data_of(RINGS_STDIN, ring->tail) != (char)seen) {
                CHECK_EQ(*data_of(RINGS_STDIN, ring->tail), (char)seen);
                return;
            }
    }
    CHECK(seen > 100 * RING_BYTES);
    CHECK_EQ(ring->closed, 0);
    rings_close_input(&rings);
    CHECK_EQ(ring->closed, 1);
}

TEST(positions_wrap_at_four_gibibytes) {
    struct outlet outlet;
    int ends[2];
    char bytes[200];

    CHECK_TEXT(boot(), NULL);
    CHECK_EQ(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    page->ring[RINGS_STDOUT].head = page->ring[RINGS_STDOUT].tail = UINT32_MAX - 99;
    rings.ring[RINGS_STDOUT].position = UINT32_MAX - 99;
    guest_write(200);
    CHECK_EQ(page->ring[RINGS_STDOUT].head, 100);
    CHECK(rings_take(&rings, RINGS_STDOUT, &outlet));
    CHECK_EQ(read(ends[0], bytes, sizeof bytes), 200);
    CHECK_EQ(page->ring[RINGS_STDOUT].tail, 100);
    outlet_close(&outlet);
    close(ends[0]);
    close(ends[1]);
}

TEST(the_bell_is_asked_for) {
    CHECK_TEXT(boot(), NULL);
    CHECK_EQ(page->bell, 0);
    rings_arm(&rings);
    CHECK_EQ(page->bell, 1);
}

TEST(a_guest_that_claims_too_much) {
    struct outlet outlet;
    int ends[2];

    CHECK_TEXT(boot(), NULL);
    CHECK_EQ(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    page->ring[RINGS_STDOUT].head = RING_BYTES + 1;
    CHECK(!rings_take(&rings, RINGS_STDOUT, &outlet));
    page->ring[RINGS_STDOUT].head = (uint32_t)-1;
    CHECK(!rings_take(&rings, RINGS_STDOUT, &outlet));
    page->ring[RINGS_STDIN].tail = 1; /* it took what was never given */
    CHECK_EQ(rings_give(&rings, "x", 1), 0);
    CHECK(!rings_want(&rings));
    outlet_close(&outlet);
    close(ends[0]);
    close(ends[1]);
}

TEST(pages_that_are_not_there) {
    static const uint64_t bad[] = {1,
                                   PAGES * RINGS_PAGE,
                                   (PAGES - 1) * RINGS_PAGE + 1,
                                   UINT64_C(1) << 32,
                                   (UINT64_C(1) << 32) + RINGS_PAGE,
                                   UINT64_C(0xfffffffffffff000),
                                   0xfffff000};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        boot();
        rings.page = NULL;
        CHECK(rings_attach(&rings, bad[i]) != NULL);
        page->ring[RINGS_STDERR].page[1] = bad[i];
        CHECK(rings_attach(&rings, UINT64_C(4) * RINGS_PAGE) != NULL);
        CHECK(rings.page == NULL);
    }
}

TEST(formats_that_are_none) {
    static const uint32_t pages[] = {0, 3, RINGS_PAGES_MAX + 1, 2 * RINGS_PAGES_MAX, ~0u};

    boot();
    page->magic++;
    CHECK(rings_attach(&rings, UINT64_C(4) * RINGS_PAGE) != NULL);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        boot();
        page->ring[RINGS_STDIN].pages = pages[i];
        CHECK(rings_attach(&rings, UINT64_C(4) * RINGS_PAGE) != NULL);
    }
}

/* RAM is in two parts: to `low`, and from 4 GiB on. */
TEST(memory_above_four_gibibytes) {
    boot();
    rings.low = 8 * RINGS_PAGE;
    rings.page = NULL;
    for (unsigned i = 0; i < RINGS_COUNT; i++)
        for (unsigned p = 0; p < RING_PAGES; p++)
            page->ring[i].page[p] += (UINT64_C(1) << 32) - 8 * RINGS_PAGE;
    CHECK_TEXT(rings_attach(&rings, UINT64_C(4) * RINGS_PAGE), NULL);
    CHECK(rings.ring[RINGS_STDIN].data[0] == memory + (PAGES - 1) * RINGS_PAGE);
    free(memory);
    memory = NULL;
}
