/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for block/ring.c: the input is what a backend that means harm does,
 * turn by turn, and what is asked of the ring meanwhile. Each request must end, once.
 */
#include "block/ring.h"

#include <stdlib.h>
#include <string.h>

#include "blockend.h"
#include "require.h"
#include "xen/interface.h"

#include <xen/io/blkif.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS = 32 };

struct job {
    struct block_request request; /* first */
    char *data;
};

static struct block_ring ring;
static struct job jobs[REQUESTS];
static const uint8_t *next, *end;

static uint8_t next_byte(void) {
    return next < end ? *next++ : 0;
}

static uint32_t next_word(void) {
    uint32_t low = next_byte(), high = next_byte();

    low |= high << 8;
    high = next_byte();
    return low | high << 16 | (uint32_t)next_byte() << 24;
}

static char *job_memory(struct block_request *request, size_t page) {
    REQUIRE(page * BLOCK_PAGE_SECTORS < request->count);
    return ((struct job *)request)->data + page * PAGE_SIZE;
}

static void submit(enum block_kind kind) {
    struct job *job = jobs;
    uint64_t count = next_byte() * 3u;

    while (job < jobs + REQUESTS && job->data)
        job++;
    if (job == jobs + REQUESTS)
        return;
    job->data = calloc(count + 1, BLOCK_SECTOR);
    job->data = realloc(job->data, count * BLOCK_SECTOR + !count);
    job->request = (struct block_request){
        .kind = kind, .sector = 7, .count = count, .memory = job_memory};
    block_ring_submit(&ring, &job->request);
}

static void collect(void) {
    while (!list_is_empty(&ring.done)) {
        struct job *job = (struct job *)ring.done.next;
        list_remove(&job->request.node);
        REQUIRE(job->data && !job->request.left && !job->request.parts);
        free(job->data);
        job->data = NULL;
    }
}

/* An answer, good or not, where the next one is looked for. */
static void answer(void) {
    struct blkif_response response = {.id = next_byte(), .operation = next_byte()};

    response.status = (int8_t)next_byte();
    uint32_t *words = (uint32_t *)ring.pages[0]->memory;
    size_t at = 64 + words[2] % ring.size * sizeof(union blkif_sring_entry);
    for (size_t i = 0; i < sizeof response; i++, at++)
        ring.pages[at / PAGE_SIZE]->memory[at % PAGE_SIZE] = ((char *)&response)[i];
    words[2]++;
}

/* Any word of any page that the ring shares. */
static void write_word(void) {
    unsigned number = next_byte(), at = next_byte();
    char *page =
        number < ring.page_count ? ring.pages[number]->memory : blockend_page(100 + number);

    if (page)
        ((uint32_t *)page)[number < ring.page_count ? at / 4 : at] = next_word();
}

static void reconnect(bool broken) {
    struct block_offer offer;
    uint8_t features = next_byte();

    if (broken)
        block_ring_break(&ring);
    else
        block_ring_disconnect(&ring);
    REQUIRE(!blockend_pages);
    if (block_ring_make(&ring, 1u << features % 5))
        abort();
    offer = (struct block_offer){.flush = features & 32,
                                 .barrier = features & 64,
                                 .discard = features & 128,
                                 .segments = next_byte()};
    block_ring_connect(&ring, BLOCKEND_HANDLE, &offer);
}

static void turn(void) {
    uint8_t what = next_byte();

    if (what % 8 < 2)
        submit(what % 8 ? BLOCK_WRITE : BLOCK_READ);
    else if (what % 8 == 2)
        submit(next_byte() % 2 ? BLOCK_FLUSH : BLOCK_DISCARD);
    else if (what % 8 == 3 && ring.size)
        answer();
    else if (what % 8 == 4)
        write_word();
    else if (what % 8 == 5)
        block_ring_take(&ring, 1u + next_byte());
    else if (what % 8 > 5)
        reconnect(what % 8 == 7);
    collect();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    next = data;
    end = data + size;
    block_ring_init(&ring, &blockend_ops);
    reconnect(false);
    for (int turns = 0; next < end && turns < 300; turns++)
        turn();
    block_ring_break(&ring);
    collect();
    for (int i = 0; i < REQUESTS; i++)
        REQUIRE(!jobs[i].data);
    REQUIRE(!blockend_pages);
    return 0;
}
