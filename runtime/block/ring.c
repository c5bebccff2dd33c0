/* SPDX-License-Identifier: MIT */
/*
 * Entries may lie across two pages of the ring, which need not be neighbours: they are
 * copied in and out, and the ring's memory is never used in place but for its four indices.
 *
 * Invariant: as many slots are in use as requests are sent and not answered, so a free slot
 * is room in the ring. As long as nothing is in flight a page is idle: so things go on.
 */
#include "block/ring.h"

#include <errno.h>

#include "base/string.h"
#include "mm/heap.h"
#include "xen/interface.h"

#include <xen/io/blkif.h>

enum {
    ENTRY = sizeof(union blkif_sring_entry),
    ENTRIES_START = offsetof(struct blkif_sring, ring),
    SLOTS = 32, /* in a record of the heap's: no more than a page of the ring has */
    SLOTS_END = 0xffff,
    SEGMENT_MOST = BLKIF_MAX_SEGMENTS_PER_REQUEST,
};

_Static_assert(ENTRY == 112 && ENTRIES_START == 64, "blkif's layout");
_Static_assert((PAGE_SIZE - ENTRIES_START) / ENTRY >= SLOTS, "");

/* A part in flight; its number is its id. */
struct block_slot {
    struct block_request *request; /* NULL: free */
    struct block_page *data, *indirect;
    uint64_t first; /* the request's page that data begins with */
    unsigned sectors;
    uint16_t next; /* the next free one */
    uint8_t operation;
};

static struct block_slot *slot_of(struct block_ring *ring, unsigned number) {
    return &ring->slots[number / SLOTS][number % SLOTS];
}

/* --- pages -------------------------------------------------------------------------- */

static struct block_page *take_page(struct block_ring *ring) {
    struct block_page *page = ring->idle;

    if (!page)
        return ring->ops->make_page(ring);
    ring->idle = page->next;
    return page;
}

static void put_page(struct block_ring *ring, struct block_page *page) {
    page->next = ring->idle;
    ring->idle = page;
}

static void put_pages(struct block_ring *ring, struct block_page *pages) {
    while (pages) {
        struct block_page *next = pages->next;
        put_page(ring, pages);
        pages = next;
    }
}

/* As many as there are, at most count; how many. */
static unsigned take_pages(struct block_ring *ring, struct block_page **first,
                           unsigned count) {
    unsigned n = 0;

    *first = NULL;
    while (n < count) {
        struct block_page *page = take_page(ring);
        if (!page)
            break;
        page->next = *first;
        *first = page;
        n++;
    }
    return n;
}

/* --- the shared memory -------------------------------------------------------------- */

static volatile struct blkif_sring *indices(struct block_ring *ring) {
    return (volatile struct blkif_sring *)ring->pages[0]->memory;
}

/* One piece of an entry, which ends with its page at the latest. */
static char *entry_at(struct block_ring *ring, uint32_t index, size_t offset,
                      size_t *size) {
    size_t at = ENTRIES_START + (size_t)(index & (ring->size - 1)) * ENTRY + offset;

    *size = MIN(*size, PAGE_SIZE - at % PAGE_SIZE);
    return ring->pages[at / PAGE_SIZE]->memory + at % PAGE_SIZE;
}

static void put_entry(struct block_ring *ring, uint32_t index, const void *entry) {
    for (size_t done = 0, size; done < ENTRY; done += size) {
        size = ENTRY - done;
        char *to = entry_at(ring, index, done, &size);
        memcpy(to, (const char *)entry + done, size);
    }
}

static struct blkif_response get_response(struct block_ring *ring, uint32_t index) {
    struct blkif_response response;

    for (size_t done = 0, size; done < sizeof response; done += size) {
        size = sizeof response - done;
        const char *from = entry_at(ring, index, done, &size);
        memcpy((char *)&response + done, from, size);
    }
    barrier(); /* it is the copy that is looked at from here on */
    return response;
}

/* --- the end of requests ------------------------------------------------------------ */

static void finish(struct block_ring *ring, struct block_request *request) {
    if (!request->left && !request->parts)
        list_insert(&request->node, &ring->done);
}

/* What was not sent yet will not be. */
static void fail(struct block_request *request, long error) {
    request->error = error;
    if (request->left)
        list_remove(&request->node);
    request->left = 0;
}

static void wait(struct block_request *request, struct list *next) {
    request->left = request->kind == BLOCK_FLUSH ? 1 : request->count;
    request->error = 0;
    list_insert(&request->node, next);
}

static void release_slot(struct block_ring *ring, unsigned number) {
    struct block_slot *slot = slot_of(ring, number);

    if (slot->indirect)
        put_page(ring, slot->indirect);
    put_pages(ring, slot->data);
    slot->request->parts--;
    *slot = (struct block_slot){.next = (uint16_t)ring->free_slot};
    ring->free_slot = number;
}

/* --- making and ending a ring ------------------------------------------------------- */

void block_ring_init(struct block_ring *ring, const struct block_ring_ops *ops) {
    *ring = (struct block_ring){.ops = ops};
    list_init(&ring->waiting);
    list_init(&ring->done);
}

static void drop(struct block_ring *ring) {
    for (struct block_page *page = ring->idle, *next; page; page = next) {
        next = page->next;
        ring->ops->drop_page(ring, page);
    }
    ring->idle = NULL;
    for (unsigned i = 0; i < BLOCK_RING_PAGES; i++) {
        if (ring->pages[i])
            ring->ops->drop_page(ring, ring->pages[i]);
        heap_free(ring->slots[i]);
        ring->pages[i] = NULL;
        ring->slots[i] = NULL;
    }
    ring->page_count = ring->size = 0;
}

static bool make(struct block_ring *ring, unsigned pages) {
    for (unsigned i = 0; i < pages; i++) {
        ring->pages[i] = ring->ops->make_page(ring);
        ring->slots[i] = heap_alloc(SLOTS * sizeof(struct block_slot));
        if (!ring->pages[i] || !ring->slots[i])
            return false;
    }
    ring->idle = ring->ops->make_page(ring);
    if (!ring->idle)
        return false;
    ring->idle->next = NULL;
    return true;
}

long block_ring_make(struct block_ring *ring, unsigned pages) {
    if (!make(ring, pages)) {
        drop(ring);
        return -ENOMEM;
    }
    ring->page_count = pages;
    ring->size = pages * SLOTS;
    ring->free_slot = SLOTS_END;
    for (unsigned i = ring->size; i-- > 0;) {
        slot_of(ring, i)->next = (uint16_t)ring->free_slot;
        ring->free_slot = i;
    }
    ring->sent = ring->pushed = ring->taken = 0;
    indices(ring)->req_event = indices(ring)->rsp_event = 1;
    ring->state = BLOCK_WAITING;
    return 0;
}

/* Of what is in flight nothing will be heard any more. */
static void call_back(struct block_ring *ring) {
    for (unsigned i = ring->size; i-- > 0;) {
        struct block_request *request = slot_of(ring, i)->request;
        if (!request)
            continue;
        release_slot(ring, i);
        if (request->left)
            list_remove(&request->node);
        wait(request, ring->waiting.next);
    }
}

void block_ring_disconnect(struct block_ring *ring) {
    call_back(ring);
    drop(ring);
    ring->state = BLOCK_WAITING;
}

void block_ring_break(struct block_ring *ring) {
    block_ring_disconnect(ring);
    ring->state = BLOCK_BROKEN;
    while (!list_is_empty(&ring->waiting)) {
        struct block_request *request =
            LIST_RECORD(ring->waiting.next, struct block_request, node);
        fail(request, -EIO);
        finish(ring, request);
    }
}

/* --- sending ------------------------------------------------------------------------ */

/* How the part's data lie in its pages. */
static void fill_segments(struct blkif_request_segment *segments,
                          const struct block_page *page, unsigned sectors) {
    for (; page; page = page->next, segments++) {
        unsigned n = MIN(sectors, (unsigned)BLOCK_PAGE_SECTORS);
        segments->gref = page->ref;
        segments->last_sect = (uint8_t)(n - 1);
        sectors -= n;
    }
}

/* Between the part's pages and the request's memory. */
static void copy_data(const struct block_slot *slot) {
    uint64_t at = slot->first;
    unsigned left = slot->sectors;

    for (struct block_page *page = slot->data; page; page = page->next, at++) {
        unsigned n = MIN(left, (unsigned)BLOCK_PAGE_SECTORS);
        char *memory = slot->request->memory(slot->request, at);
        if (slot->request->kind == BLOCK_READ)
            memcpy(memory, page->memory, n * BLOCK_SECTOR);
        else
            memcpy(page->memory, memory, n * BLOCK_SECTOR);
        left -= n;
    }
}

/*
 * Pages for as much of the request as goes into one part; how many of them are for data. A
 * page more, if there are many, is for their list.
 */
static unsigned take_data(struct block_ring *ring, struct block_slot *slot,
                          unsigned wanted) {
    unsigned count = take_pages(ring, &slot->data, wanted);

    if (count <= SEGMENT_MOST)
        return count;
    slot->indirect = take_page(ring);
    while (!slot->indirect && count > SEGMENT_MOST) {
        struct block_page *page = slot->data;
        slot->data = page->next;
        put_page(ring, page);
        count--;
    }
    return count;
}

static void describe_direct(struct blkif_request *entry, const struct block_slot *slot,
                            unsigned count) {
    entry->nr_segments = (uint8_t)count;
    fill_segments(entry->seg, slot->data, slot->sectors);
}

static void describe_indirect(struct blkif_request_indirect *entry,
                              const struct block_slot *slot, unsigned count,
                              uint16_t handle) {
    entry->operation = BLKIF_OP_INDIRECT;
    entry->indirect_op = slot->operation;
    entry->nr_segments = (uint16_t)count;
    entry->handle = handle;
    entry->indirect_grefs[0] = slot->indirect->ref;
    memset(slot->indirect->memory, 0, count * sizeof(struct blkif_request_segment));
    fill_segments((void *)slot->indirect->memory, slot->data, slot->sectors);
}

/* An entry as the protocol has it, of which no byte is left to chance. */
union entry {
    struct blkif_request transfer;
    struct blkif_request_indirect indirect;
    struct blkif_request_discard discard;
    char bytes[ENTRY];
};

/* The next part of a transfer. False: there is no page for it. */
static bool make_transfer(struct block_ring *ring, struct block_request *request,
                          struct block_slot *slot, unsigned number, union entry *entry) {
    unsigned most = MIN(ring->offer.segments, (unsigned)BLOCK_SEGMENTS);
    uint64_t pages = (request->left + BLOCK_PAGE_SECTORS - 1) / BLOCK_PAGE_SECTORS;

    most = most > SEGMENT_MOST ? most : SEGMENT_MOST;
    unsigned count = take_data(ring, slot, (unsigned)MIN(pages, most));
    if (!count)
        return false;
    uint64_t done = request->count - request->left;
    slot->first = done / BLOCK_PAGE_SECTORS;
    slot->sectors = (unsigned)MIN(request->left, (uint64_t)count * BLOCK_PAGE_SECTORS);
    slot->operation = request->kind == BLOCK_READ ? BLKIF_OP_READ : BLKIF_OP_WRITE;
    if (slot->indirect) {
        describe_indirect(&entry->indirect, slot, count, ring->handle);
        entry->indirect.id = number;
        entry->indirect.sector_number = request->sector + done;
    } else {
        describe_direct(&entry->transfer, slot, count);
        entry->transfer.operation = slot->operation;
        entry->transfer.handle = ring->handle;
        entry->transfer.id = number;
        entry->transfer.sector_number = request->sector + done;
    }
    request->left -= slot->sectors;
    if (request->kind == BLOCK_WRITE)
        copy_data(slot);
    return true;
}

static bool make_flush(struct block_ring *ring, struct block_request *request,
                       struct block_slot *slot, unsigned number, union entry *entry) {
    slot->operation = ring->offer.flush ? BLKIF_OP_FLUSH_DISKCACHE : BLKIF_OP_WRITE_BARRIER;
    entry->transfer.operation = slot->operation;
    entry->transfer.handle = ring->handle;
    entry->transfer.id = number;
    request->left = 0;
    return true;
}

static bool make_discard(struct block_ring *ring, struct block_request *request,
                         struct block_slot *slot, unsigned number, union entry *entry) {
    slot->operation = entry->discard.operation = BLKIF_OP_DISCARD;
    entry->discard.handle = ring->handle;
    entry->discard.id = number;
    entry->discard.sector_number = request->sector;
    entry->discard.nr_sectors = request->count;
    request->left = 0;
    return true;
}

/* True if the request needs nothing of the other side, and has ended. */
static bool end_at_once(struct block_ring *ring, struct block_request *request) {
    const struct block_offer *offer = &ring->offer;

    if (request->kind == BLOCK_DISCARD && !offer->discard)
        fail(request, -EOPNOTSUPP);
    else if (request->kind == BLOCK_FLUSH && !offer->flush && !offer->barrier)
        fail(request, 0); /* so there is nothing between it and the disk */
    else
        return false;
    finish(ring, request);
    return true;
}

/* Sends the next part. False: it has to wait. */
static bool send(struct block_ring *ring, struct block_request *request) {
    unsigned number = ring->free_slot;
    union entry entry;
    bool made;

    if (number == SLOTS_END)
        return false;
    struct block_slot *slot = slot_of(ring, number);
    memset(&entry, 0, sizeof entry);
    slot->request = request;
    if (request->kind == BLOCK_FLUSH)
        made = make_flush(ring, request, slot, number, &entry);
    else if (request->kind == BLOCK_DISCARD)
        made = make_discard(ring, request, slot, number, &entry);
    else
        made = make_transfer(ring, request, slot, number, &entry);
    if (!made) {
        slot->request = NULL;
        return false;
    }
    ring->free_slot = slot->next;
    request->parts++;
    if (!request->left)
        list_remove(&request->node);
    put_entry(ring, ring->sent++, &entry);
    return true;
}

/* Shows the other side what was sent, and wakes it if it asked for that. */
static void push(struct block_ring *ring) {
    uint32_t old = ring->pushed, now = ring->sent;

    if (old == now)
        return;
    barrier();
    indices(ring)->req_prod = ring->pushed = now;
    memory_barrier();
    if (now - indices(ring)->req_event < now - old)
        ring->ops->notify(ring);
}

static void pump(struct block_ring *ring) {
    while (ring->state == BLOCK_RUNNING && !list_is_empty(&ring->waiting)) {
        struct block_request *request =
            LIST_RECORD(ring->waiting.next, struct block_request, node);
        if (!end_at_once(ring, request) && !send(ring, request))
            break;
    }
    if (ring->state == BLOCK_RUNNING)
        push(ring);
}

void block_ring_connect(struct block_ring *ring, uint16_t handle,
                        const struct block_offer *offer) {
    ring->handle = handle;
    ring->offer = *offer;
    ring->state = BLOCK_RUNNING;
    pump(ring);
}

void block_ring_submit(struct block_ring *ring, struct block_request *request) {
    request->parts = 0;
    request->left = 0;
    request->error = ring->state == BLOCK_BROKEN ? -EIO : 0;
    if (request->error || (request->kind != BLOCK_FLUSH && !request->count)) {
        finish(ring, request);
        return;
    }
    wait(request, &ring->waiting);
    pump(ring);
}

/* --- responses ---------------------------------------------------------------------- */

/* The response is one to what is in the slot. Some backends name the operation of an
 * indirect request, some the one within. */
static bool is_answer(const struct block_slot *slot,
                      const struct blkif_response *response) {
    return slot->request && (response->operation == slot->operation ||
                             (slot->indirect && response->operation == BLKIF_OP_INDIRECT));
}

/* The other side does not do it after all; true if there is another way. */
static bool try_without(struct block_ring *ring, uint8_t operation) {
    if (operation == BLKIF_OP_FLUSH_DISKCACHE)
        ring->offer.flush = false;
    else if (operation == BLKIF_OP_WRITE_BARRIER)
        ring->offer.barrier = false;
    else
        return false;
    return true;
}

static void answer(struct block_ring *ring, unsigned number, int status) {
    struct block_slot *slot = slot_of(ring, number);
    struct block_request *request = slot->request;
    uint8_t operation = slot->operation;

    if (status == BLKIF_RSP_OKAY && request->kind == BLOCK_READ)
        copy_data(slot);
    release_slot(ring, number);
    if (status == BLKIF_RSP_EOPNOTSUPP && try_without(ring, operation)) {
        wait(request, ring->waiting.next);
        return;
    }
    if (status == BLKIF_RSP_EOPNOTSUPP && operation == BLKIF_OP_DISCARD) {
        ring->offer.discard = false;
        fail(request, -EOPNOTSUPP);
    } else if (status != BLKIF_RSP_OKAY) {
        fail(request, -EIO);
    }
    finish(ring, request);
}

/* False: there can be no such response. */
static bool take_one(struct block_ring *ring) {
    struct blkif_response response = get_response(ring, ring->taken);

    if (response.id >= ring->size ||
        !is_answer(slot_of(ring, (unsigned)response.id), &response))
        return false;
    ring->taken++;
    answer(ring, (unsigned)response.id, response.status);
    return true;
}

/* Asks for an event with the next response; true if there is one already. */
static bool ask_for_event(struct block_ring *ring) {
    indices(ring)->rsp_event = ring->taken + 1;
    memory_barrier();
    return indices(ring)->rsp_prod != ring->taken;
}

enum block_taken block_ring_take(struct block_ring *ring, unsigned most) {
    if (ring->state != BLOCK_RUNNING)
        return BLOCK_NOTHING;
    uint32_t ready = indices(ring)->rsp_prod - ring->taken;
    bool good = ready <= ring->pushed - ring->taken;

    barrier();
    for (unsigned n = 0; good && n < ready && n < most; n++)
        good = take_one(ring);
    if (!good) {
        block_ring_break(ring);
        return BLOCK_ALL;
    }
    pump(ring);
    if (ask_for_event(ring))
        return BLOCK_MORE;
    return ready ? BLOCK_ALL : BLOCK_NOTHING;
}
