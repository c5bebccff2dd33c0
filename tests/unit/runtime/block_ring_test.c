/* SPDX-License-Identifier: MIT */
/*
 * block/ring.c: with an honest backend, whatever it offers, in whatever order it answers
 * and however often it goes and comes back, each request ends once, with the data that are
 * on the disk, and no side waits for an event that never comes; with one that writes
 * anything anywhere all requests end, and nothing but shared pages is touched.
 */
#include "block/ring.h"

#include <errno.h>
#include <stdlib.h>

#include "blockend.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"
#include "xen/interface.h"

#include <xen/io/blkif.h>

enum { REQUESTS = 24, LARGEST = 700 };

struct job {
    struct block_request request; /* first */
    char *data;                   /* NULL: free */
    unsigned long writes;         /* that had ended when it was begun */
};

static struct job jobs[REQUESTS];
static char shadow[BLOCKEND_SECTORS][BLOCK_SECTOR];
static struct block_ring ring;
static unsigned long begun, ended, failed, writes_ended;
static struct block_offer offer;

static char *job_memory(struct block_request *request, size_t page) {
    REQUIRE(page * BLOCK_PAGE_SECTORS < request->count);
    return ((struct job *)request)->data + page * PAGE_SIZE;
}

/* What is under way at the same time must not overlap: the disk may do it in any order. */
static bool overlaps(uint64_t sector, uint64_t count) {
    for (size_t i = 0; i < REQUESTS; i++) {
        const struct block_request *r = &jobs[i].request;
        if (jobs[i].data && sector < r->sector + r->count && r->sector < sector + count)
            return true;
    }
    return false;
}

static struct job *find_free(void) {
    for (size_t i = 0; i < REQUESTS; i++)
        if (!jobs[i].data)
            return &jobs[i];
    return NULL;
}

static enum block_kind random_kind(void) {
    return random_one_in(12)  ? BLOCK_FLUSH
           : random_one_in(8) ? BLOCK_DISCARD
           : random_one_in(2) ? BLOCK_READ
                              : BLOCK_WRITE;
}

static void begin(enum block_kind kind) {
    struct job *job = find_free();
    uint64_t count = random_below(random_one_in(3) ? LARGEST : 20);
    uint64_t sector = random_below(BLOCKEND_SECTORS - count);

    if (kind == BLOCK_FLUSH)
        sector = count = 0;
    if (!job || overlaps(sector, count))
        return;
    job->data = malloc(count * BLOCK_SECTOR + !count);
    for (size_t i = 0; i < count * BLOCK_SECTOR; i++)
        job->data[i] = (char)random_next();
    job->request = (struct block_request){
        .kind = kind, .sector = sector, .count = count, .memory = job_memory};
    job->writes = writes_ended;
    begun++;
    block_ring_submit(&ring, &job->request);
}

static void check(const struct job *job) {
    const struct block_request *r = &job->request;
    size_t size = r->count * BLOCK_SECTOR;

    if (r->error) {
        REQUIRE(r->error == -EIO || (r->kind == BLOCK_DISCARD && r->error == -EOPNOTSUPP));
        failed++;
        if (r->kind != BLOCK_READ && size) /* some of it may have been done */
            memcpy(shadow[r->sector], blockend_disk[r->sector], size);
    } else if (r->kind == BLOCK_READ && size) {
        REQUIRE(!memcmp(job->data, shadow[r->sector], size));
    } else if (r->kind == BLOCK_WRITE && size) {
        memcpy(shadow[r->sector], job->data, size);
        writes_ended = blockend_writes;
    } else if (r->kind == BLOCK_DISCARD && size) {
        memset(shadow[r->sector], 0, size);
    } else if (r->kind == BLOCK_FLUSH) {
        REQUIRE(blockend_flushed >= job->writes || blockend_unable ||
                (!offer.flush && !offer.barrier));
    }
}

static void collect(void) {
    while (!list_is_empty(&ring.done)) {
        struct job *job = (struct job *)ring.done.next;
        list_remove(&job->request.node);
        REQUIRE(job->data && !job->request.parts && !job->request.left);
        check(job);
        free(job->data);
        job->data = NULL;
        ended++;
    }
}

static void connect(void) {
    unsigned pages = 1u << random_below(5);

    offer = (struct block_offer){
        .flush = random_one_in(2),
        .barrier = random_one_in(2),
        .discard = random_one_in(2),
        .segments = random_one_in(3) ? 0 : (uint32_t)random_below(300),
    };
    if (random_one_in(4) && blockend_most > 2)
        pages = 1;
    REQUIRE(!block_ring_make(&ring, pages) && ring.size == 32 * pages);
    blockend_connect(&ring, &offer);
    block_ring_connect(&ring, BLOCKEND_HANDLE, &offer);
}

static void start(void) {
    block_ring_init(&ring, &blockend_ops);
    for (size_t i = 0; i < sizeof shadow; i++)
        ((char *)shadow)[i] = ((char *)blockend_disk)[i] = (char)random_next();
}

/* Both sides as they have a reason to. False: neither has. */
static bool go_on(void) {
    if (blockend_is_busy() && random_one_in(2)) {
        blockend_act((unsigned)random_below(6));
        return true;
    }
    if (blockend_has_event()) {
        while (block_ring_take(&ring, 1 + (unsigned)random_below(5)) == BLOCK_MORE)
            collect();
        collect();
        return true;
    }
    return blockend_is_busy();
}

static void settle(void) {
    collect(); /* what needed nobody else has ended already */
    for (unsigned long steps = 0; ended < begun; steps++)
        REQUIRE_SAYING(go_on() && steps < 1000000, "%lu of %lu", ended, begun);
    REQUIRE(list_is_empty(&ring.waiting));
    for (size_t i = 0; i < REQUESTS; i++)
        REQUIRE(!jobs[i].data);
}

static void work(unsigned rounds) {
    while (rounds--) {
        if (random_one_in(3))
            begin(random_kind());
        else
            go_on();
        collect();
    }
}

static void run_honest(void) {
    start();
    connect();
    work(3000);
    settle();
    REQUIRE(begun > 200 && !memcmp(shadow, blockend_disk, sizeof shadow));
    REQUIRE(!failed || !offer.discard);
    REQUIRE(!!blockend_indirect == (offer.segments > 11));
    REQUIRE(!!blockend_flushes == (offer.flush || offer.barrier));
    REQUIRE(!!blockend_discards == offer.discard);
    block_ring_disconnect(&ring);
    REQUIRE(!blockend_pages);
}

/* As little memory as there can be: a page for the ring, one for data. */
static void run_short(void) {
    blockend_most = 2 + (unsigned)random_below(14);
    start();
    blockend_most = 1;
    REQUIRE(block_ring_make(&ring, 1) == -ENOMEM && !blockend_pages);
    blockend_most = 2 + (unsigned)random_below(14);
    offer = (struct block_offer){.flush = true, .segments = 32};
    REQUIRE(!block_ring_make(&ring, 1));
    blockend_connect(&ring, &offer);
    block_ring_connect(&ring, BLOCKEND_HANDLE, &offer);
    work(3000);
    settle();
    REQUIRE(!memcmp(shadow, blockend_disk, sizeof shadow));
}

static void run_errors(void) {
    start();
    blockend_errors = 2 + (unsigned)random_below(10);
    blockend_unable = 3;
    connect();
    work(3000);
    settle();
    REQUIRE(failed && failed < ended);
    REQUIRE(!memcmp(shadow, blockend_disk, sizeof shadow));
}

/* The backend goes and comes back; before, between and behind requests are made. */
static void run_reconnect(void) {
    start();
    for (int i = 0; i < 10; i++) {
        work(20);
        connect();
        work((unsigned)random_below(300));
        block_ring_disconnect(&ring);
        blockend_disconnect();
        collect();
        REQUIRE(!blockend_pages);
    }
    connect();
    settle();
    REQUIRE(!memcmp(shadow, blockend_disk, sizeof shadow));
}

static void run_broken(void) {
    start();
    connect();
    work(100);
    block_ring_break(&ring);
    collect();
    REQUIRE(ended == begun && ring.state == BLOCK_BROKEN && !blockend_pages);
    blockend_disconnect();
    unsigned long before = failed;
    begin(BLOCK_FLUSH);
    collect();
    REQUIRE(ended == begun && failed == before + 1);
    REQUIRE(block_ring_take(&ring, 1) == BLOCK_NOTHING);
    connect();
    begin(BLOCK_READ);
    settle();
    REQUIRE(failed == before + 1);
}

/* As collect, with nothing said about data. */
static void drain(void) {
    for (; !list_is_empty(&ring.done); ended++) {
        struct job *job = (struct job *)ring.done.next;
        list_remove(&job->request.node);
        free(job->data);
        job->data = NULL;
    }
}

/* --- what cannot be, one thing at a time --------------------------------------------- */

static struct blkif_sring *indices(void) {
    return (void *)ring.pages[0]->memory;
}

static union blkif_sring_entry *entries(void) {
    return (void *)(ring.pages[0]->memory + 64);
}

/* One read under way; the answer that an honest backend would give. */
static struct blkif_response *start_one(void) {
    start();
    offer = (struct block_offer){0};
    REQUIRE(!block_ring_make(&ring, 1));
    block_ring_connect(&ring, BLOCKEND_HANDLE, &offer);
    jobs[0].data = calloc(2, BLOCK_SECTOR);
    jobs[0].request = (struct block_request){.count = 2, .memory = job_memory};
    begun++;
    block_ring_submit(&ring, &jobs[0].request);
    struct blkif_request *request = &entries()[0].req;
    REQUIRE(indices()->req_prod == 1 && request->operation == BLKIF_OP_READ);
    struct blkif_response response = {.id = request->id};
    entries()[0].rsp = response;
    indices()->rsp_prod = 1;
    return &entries()[0].rsp;
}

static void expect(enum block_state state, long error) {
    REQUIRE(block_ring_take(&ring, 100) != BLOCK_NOTHING || state == BLOCK_WAITING);
    if (state != BLOCK_WAITING)
        REQUIRE(ring.state == state && jobs[0].request.error == error &&
                ring.done.next == &jobs[0].request.node);
}

static void run_good(void) {
    start_one();
    expect(BLOCK_RUNNING, 0);
    drain();
    REQUIRE(block_ring_take(&ring, 100) == BLOCK_NOTHING && ring.state == BLOCK_RUNNING);
    indices()->rsp_prod = 2; /* an answer to nothing */
    REQUIRE(block_ring_take(&ring, 100) == BLOCK_ALL && ring.state == BLOCK_BROKEN);
}

static void run_bad_status(void) {
    start_one()->status = (int16_t)(random_one_in(2) ? -2 : 1 + random_below(9));
    expect(BLOCK_RUNNING, -EIO);
}

static void run_bad_id(void) {
    start_one()->id = random_one_in(2) ? 1 : 32 + random_magnitude() / 2;
    expect(BLOCK_BROKEN, -EIO);
}

static void run_bad_operation(void) {
    start_one()->operation = (uint8_t)random_between(1, 255);
    expect(BLOCK_BROKEN, -EIO);
}

static void run_bad_producer(void) {
    start_one();
    indices()->rsp_prod = 2 + (uint32_t)random_below(~0u - 1);
    expect(BLOCK_BROKEN, -EIO);
}

static void run_twice(void) {
    struct blkif_response answer = *start_one();

    REQUIRE(block_ring_take(&ring, 100) == BLOCK_ALL);
    struct job *other = &jobs[1];
    other->data = calloc(1, BLOCK_SECTOR);
    other->request =
        (struct block_request){.kind = BLOCK_WRITE, .count = 1, .memory = job_memory};
    block_ring_submit(&ring, &other->request);
    REQUIRE(ring.state == BLOCK_RUNNING);
    entries()[1].rsp = answer; /* the slot is a write's by now */
    indices()->rsp_prod = 2;
    REQUIRE(block_ring_take(&ring, 100) == BLOCK_ALL && ring.state == BLOCK_BROKEN);
    REQUIRE(jobs[1].request.error == -EIO && !jobs[0].request.error);
}

/* Requests show nothing of what was on the stack or in memory. */
static void run_no_leak(void) {
    start_one();
    const unsigned char *bytes = (void *)ring.pages[0]->memory;
    for (size_t i = 64 + 24 + 8; i < PAGE_SIZE; i++) /* behind the one segment */
        REQUIRE(!bytes[i]);
}

/* --- an enemy ------------------------------------------------------------------------ */

static void harm(void) {
    struct block_page *page = ring.pages[random_below(ring.page_count)];
    uint32_t *words = (void *)page->memory;

    switch (random_below(4)) {
    case 0:
        words[random_below(4)] = (uint32_t)random_next();
        break;
    case 1:
        words[random_below(PAGE_SIZE / 4)] = (uint32_t)random_next();
        break;
    case 2:
        indices()->rsp_prod++;
        break;
    default:
        entries()[random_below(32)].rsp =
            (struct blkif_response){.id = random_below(40),
                                    .operation = (uint8_t)random_below(7),
                                    .status = (int16_t)(random_below(4) - 2)};
    }
}

static void begin_any(void) {
    struct job *job = find_free();

    if (!job)
        return;
    job->data = calloc(LARGEST, BLOCK_SECTOR);
    job->request = (struct block_request){
        .kind = random_kind(), .count = random_below(LARGEST), .memory = job_memory};
    begun++;
    block_ring_submit(&ring, &job->request);
}

static void run_enemy(void) {
    block_ring_init(&ring, &blockend_ops);
    for (int i = 0; i < 300; i++) {
        bool is_enemy = false;
        connect();
        for (int turns = 0; turns < 200 && ring.state == BLOCK_RUNNING; turns++) {
            begin_any();
            is_enemy |= random_one_in(8);
            if (is_enemy)
                harm();
            else
                blockend_act(1);
            block_ring_take(&ring, 7);
            drain();
        }
        blockend_disconnect();
        block_ring_break(&ring);
        drain();
        REQUIRE(ended == begun && !blockend_pages);
    }
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(honest, 12)
SCENARIO(short, 6)
SCENARIO(errors, 6)
SCENARIO(reconnect, 6)
SCENARIO(broken, 4)
SCENARIO(good, 1)
SCENARIO(bad_status, 4)
SCENARIO(bad_id, 4)
SCENARIO(bad_operation, 4)
SCENARIO(bad_producer, 4)
SCENARIO(twice, 1)
SCENARIO(no_leak, 1)
SCENARIO(enemy, 2)
