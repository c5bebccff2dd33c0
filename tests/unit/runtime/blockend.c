/* SPDX-License-Identifier: MIT */
/* The backend takes copies of requests; the ring's pages are looked at byte by byte, as one
 * piece of memory that they are put together to. */
#include "blockend.h"

#include <stdlib.h>
#include <string.h>

#include "mm/heap.h"
#include "random.h"
#include "require.h"
#include "xen/interface.h"

#include <xen/io/blkif.h>

enum { MOST_PENDING = 512, HEADER = 64 };

char blockend_disk[BLOCKEND_SECTORS][BLOCK_SECTOR];
unsigned blockend_most = BLOCKEND_PAGES, blockend_pages;
unsigned blockend_errors, blockend_unable;
unsigned long blockend_writes, blockend_flushed;
unsigned long blockend_indirect, blockend_flushes, blockend_discards;

static struct block_page *made[BLOCKEND_PAGES];
static struct block_ring *ring;
static struct block_offer offer;
static union blkif_sring_entry pending[MOST_PENDING];
static unsigned pending_count;
static uint32_t taken, answered;
static bool notified, event;

/* --- memory ------------------------------------------------------------------------- */

void *heap_alloc(size_t size) {
    REQUIRE(size <= PAGE_SIZE);
    return calloc(1, size);
}

void heap_free(void *record) {
    free(record);
}

static struct block_page *make_page(struct block_ring *of) {
    static uint32_t next;

    (void)of;
    if (blockend_pages >= blockend_most)
        return NULL;
    while (made[next])
        next = (next + 1) % BLOCKEND_PAGES;
    struct block_page *page = calloc(1, sizeof *page);
    page->memory = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    memset(page->memory, 0, PAGE_SIZE);
    page->ref = 100 + next;
    made[next] = page;
    next = (next + 1) % BLOCKEND_PAGES; /* so that references are not used again soon */
    blockend_pages++;
    return page;
}

static void drop_page(struct block_ring *of, struct block_page *page) {
    (void)of;
    REQUIRE(made[page->ref - 100] == page);
    made[page->ref - 100] = NULL;
    free(page->memory);
    free(page);
    blockend_pages--;
}

static void notify(struct block_ring *of) {
    (void)of;
    notified = true;
}

const struct block_ring_ops blockend_ops = {
    .notify = notify, .make_page = make_page, .drop_page = drop_page};

char *blockend_page(uint32_t ref) {
    return ref >= 100 && ref < 100 + BLOCKEND_PAGES && made[ref - 100]
               ? made[ref - 100]->memory
               : NULL;
}

/* --- the ring ----------------------------------------------------------------------- */

void blockend_connect(struct block_ring *to, const struct block_offer *with) {
    ring = to;
    offer = *with;
    taken = answered = pending_count = 0;
    notified = event = false;
}

void blockend_disconnect(void) {
    ring = NULL;
    pending_count = 0;
    notified = event = false;
}

bool blockend_is_busy(void) {
    return ring && (notified || pending_count);
}

bool blockend_has_event(void) {
    bool had = event;

    event = false;
    return had;
}

static struct blkif_sring *indices(void) {
    return (void *)ring->pages[0]->memory;
}

static char *byte_at(uint32_t index, size_t offset) {
    size_t at = HEADER + index % ring->size * sizeof *pending + offset;

    return ring->pages[at / PAGE_SIZE]->memory + at % PAGE_SIZE;
}

static void take_requests(void) {
    uint32_t prod = indices()->req_prod;

    REQUIRE(prod - answered <= ring->size);
    for (; taken != prod; taken++) {
        char *entry = (char *)&pending[pending_count++];
        for (size_t i = 0; i < sizeof *pending; i++)
            entry[i] = *byte_at(taken, i);
    }
    indices()->req_event = taken + 1;
}

/* --- what is asked for -------------------------------------------------------------- */

static void move(uint8_t operation, uint64_t sector,
                 const struct blkif_request_segment *segments, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        char *page = blockend_page(segments[i].gref);
        REQUIRE(page && segments[i].first_sect <= segments[i].last_sect);
        REQUIRE(segments[i].last_sect < BLOCK_PAGE_SECTORS);
        for (unsigned at = segments[i].first_sect; at <= segments[i].last_sect; at++) {
            char *memory = page + at * BLOCK_SECTOR;
            REQUIRE(sector < BLOCKEND_SECTORS);
            if (operation == BLKIF_OP_READ)
                memcpy(memory, blockend_disk[sector++], BLOCK_SECTOR);
            else
                memcpy(blockend_disk[sector++], memory, BLOCK_SECTOR);
        }
    }
    blockend_writes += operation == BLKIF_OP_WRITE;
}

static void do_transfer(const struct blkif_request *r) {
    REQUIRE(r->handle == BLOCKEND_HANDLE);
    REQUIRE(r->nr_segments >= 1 && r->nr_segments <= BLKIF_MAX_SEGMENTS_PER_REQUEST);
    move(r->operation, r->sector_number, r->seg, r->nr_segments);
}

static void do_indirect(const struct blkif_request_indirect *r) {
    const struct blkif_request_segment *list = (void *)blockend_page(r->indirect_grefs[0]);

    REQUIRE(list && r->handle == BLOCKEND_HANDLE);
    REQUIRE(r->nr_segments >= 1 && r->nr_segments <= offer.segments);
    REQUIRE(r->indirect_op == BLKIF_OP_READ || r->indirect_op == BLKIF_OP_WRITE);
    move(r->indirect_op, r->sector_number, list, r->nr_segments);
    blockend_indirect++;
}

static void do_discard(const struct blkif_request_discard *r) {
    REQUIRE(offer.discard && !r->flag && r->handle == BLOCKEND_HANDLE);
    REQUIRE(r->nr_sectors && r->nr_sectors <= BLOCKEND_SECTORS &&
            r->sector_number <= BLOCKEND_SECTORS - r->nr_sectors);
    memset(blockend_disk[r->sector_number], 0, r->nr_sectors * BLOCK_SECTOR);
    blockend_discards++;
}

static void do_flush(const struct blkif_request *r) {
    REQUIRE(r->operation == BLKIF_OP_FLUSH_DISKCACHE ? offer.flush : offer.barrier);
    REQUIRE(!r->nr_segments);
    blockend_flushed = blockend_writes;
    blockend_flushes++;
}

static void perform(const union blkif_sring_entry *entry) {
    switch (entry->req.operation) {
    case BLKIF_OP_READ:
    case BLKIF_OP_WRITE:
        do_transfer(&entry->req);
        break;
    case BLKIF_OP_INDIRECT:
        do_indirect((const void *)entry);
        break;
    case BLKIF_OP_DISCARD:
        do_discard((const void *)entry);
        break;
    case BLKIF_OP_FLUSH_DISKCACHE:
    case BLKIF_OP_WRITE_BARRIER:
        do_flush(&entry->req);
        break;
    default:
        REQUIRE_SAYING(false, "operation %u", entry->req.operation);
    }
}

static bool may_be_unable(uint8_t operation) {
    return operation == BLKIF_OP_DISCARD || operation == BLKIF_OP_FLUSH_DISKCACHE ||
           operation == BLKIF_OP_WRITE_BARRIER;
}

static struct blkif_response answer(const union blkif_sring_entry *entry) {
    const struct blkif_request_indirect *list = (const void *)entry;
    struct blkif_response response = {.operation = entry->req.operation};

    if (entry->req.operation == BLKIF_OP_INDIRECT) {
        response.id = list->id;
        if (random_one_in(2))
            response.operation = list->indirect_op;
    } else {
        response.id = entry->req.id;
    }
    if (blockend_unable && may_be_unable(response.operation) &&
        random_one_in(blockend_unable))
        response.status = BLKIF_RSP_EOPNOTSUPP;
    else if (blockend_errors && random_one_in(blockend_errors))
        response.status = BLKIF_RSP_ERROR;
    else
        perform(entry);
    return response;
}

static void give_answer(unsigned which) {
    struct blkif_response response = answer(&pending[which]);

    pending[which] = pending[--pending_count];
    for (size_t i = 0; i < sizeof response; i++)
        *byte_at(answered, i) = ((char *)&response)[i];
    answered++;
}

void blockend_act(unsigned answers) {
    uint32_t old = answered;

    notified = false;
    take_requests();
    while (answers-- && pending_count)
        give_answer((unsigned)random_below(pending_count));
    indices()->rsp_prod = answered;
    if (answered - indices()->rsp_event < answered - old)
        event = true;
    notified |= indices()->req_prod != taken;
}
