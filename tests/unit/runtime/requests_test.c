/* SPDX-License-Identifier: MIT */
/*
 * xenbus/wire.c with many requests under way: each gets its own answer, in whatever order,
 * parts and company those come, and no byte more than it has room for. What breaks the
 * protocol fails all of them, once, with one line in the log. When the domain is moved none
 * is half sent, and each is answered by either store, or is of a transaction that is no
 * more.
 */
#include "xenbus/wire.h"

#include <errno.h>
#include <stdlib.h>

#include "console/console.h"
#include "peer.h"
#include "pv/away.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"
#include "xen/suspend.h"

enum { REQUESTS = 24, LARGEST = XENSTORE_PAYLOAD_MAX, HEAD = sizeof(struct xsd_sockmsg) };

static struct asked {
    struct wire_request request;
    char body[2][LARGEST];
    bool is_busy, is_error;
    unsigned seed; /* of the answer's bytes */
    size_t length;
    unsigned times;       /* that it was done */
    uint32_t transaction; /* as the caller numbers it; 0: none */
} all[REQUESTS];

static volatile struct xenstore_domain_interface *ring;
static char in[HEAD + LARGEST]; /* the request that the store reads */
static size_t in_size;
static char out[4 * (HEAD + LARGEST)]; /* what it has to send */
static size_t out_size, out_sent;
static struct xsd_sockmsg heads[REQUESTS]; /* requests that it has, unanswered */
static unsigned head_count, lines, events, events_sent;
static bool is_over; /* the store only sends what is wrong */

void console_log(const char *line, size_t size) {
    (void)line, (void)size;
    lines++;
}

static char answer_byte(unsigned seed, size_t i) {
    return (char)(seed + i * 7);
}

static void watched(const char *token) {
    REQUIRE(!strcmp(token, "12345678"));
    events++;
}

/* --- the program ------------------------------------------------------------------------
 */

static void done(struct wire_request *r) {
    struct asked *a = LIST_RECORD(r, struct asked, request);

    REQUIRE(a->is_busy);
    a->is_busy = false;
    a->times++;
}

static void fill(struct wire_part *part, char *body, size_t size) {
    for (size_t i = 0; i < size; i++)
        body[i] = (char)random_next();
    *part = (struct wire_part){body, size};
}

static bool with_transactions;
enum { TRANSACTIONS = 5 }; /* of a connection, from 1 on */

static void start_one(struct asked *a) {
    static const uint32_t types[] = {XS_READ, XS_WRITE, XS_DIRECTORY, XS_RM};
    size_t most = random_one_in(8) ? LARGEST / 2 : 40;

    free(a->request.reply);
    a->request = (struct wire_request){.head.type = types[random_below(4)], .done = done};
    fill(&a->request.parts[0], a->body[0], random_below(most));
    fill(&a->request.parts[1], a->body[1], random_below(most));
    a->request.room = random_below(100);
    a->request.reply = malloc(a->request.room + 1); /* one more: must stay as it is */
    a->request.reply[a->request.room] = '!';
    a->is_busy = true;
    a->transaction = 0;
    if (with_transactions && random_one_in(2))
        a->transaction = 1 + (uint32_t)random_below(wire_transactions.base + TRANSACTIONS);
    a->request.head.tx_id = a->transaction;
    wire_submit(&a->request);
}

/* The answer was the one that the store made for this request. */
static void check(struct asked *a) {
    struct wire_request *r = &a->request;

    if (r->result == -EAGAIN) {
        REQUIRE(a->transaction && a->transaction <= wire_transactions.base);
        return;
    }
    REQUIRE(r->length == a->length && r->result == a->is_error);
    for (size_t i = 0; i < MIN(r->length, r->room); i++)
        REQUIRE(r->reply[i] == answer_byte(a->seed, i));
    REQUIRE(r->reply[r->room] == '!');
}

/* --- the store --------------------------------------------------------------------------
 */

static struct asked *find_asked(uint32_t id) {
    for (unsigned i = 0; i < REQUESTS; i++)
        if (all[i].is_busy && all[i].request.head.req_id == id)
            return &all[i];
    REQUIRE_SAYING(false, "request %u: not one of ours", id);
    return NULL;
}

static void check_body(const struct asked *a) {
    const struct wire_part *p = a->request.parts;

    REQUIRE(a->request.head.len == p[0].size + p[1].size);
    REQUIRE(!memcmp(in + HEAD, p[0].data, p[0].size));
    REQUIRE(!memcmp(in + HEAD + p[0].size, p[1].data, p[1].size));
}

static void check_transaction(const struct asked *a, const struct xsd_sockmsg *head) {
    uint32_t base = wire_transactions.base;

    REQUIRE(head->tx_id == (a->transaction ? a->transaction - base : 0));
    REQUIRE(head->tx_id <= TRANSACTIONS);
}

static void take_requests(void) {
    struct xsd_sockmsg head;

    for (size_t n = random_below(XENSTORE_RING_SIZE); n; n--) {
        if (ring->req_cons == ring->req_prod)
            return;
        in[in_size++] = ring->req[MASK_XENSTORE_IDX(ring->req_cons)];
        ring->req_cons++;
        memcpy(&head, in, sizeof head);
        if (in_size < HEAD || in_size < HEAD + head.len)
            continue;
        check_body(find_asked(head.req_id));
        check_transaction(find_asked(head.req_id), &head);
        heads[head_count++] = head;
        in_size = 0;
    }
}

static void put(const void *data, size_t size) {
    REQUIRE(out_size + size <= sizeof out);
    memcpy(out + out_size, data, size);
    out_size += size;
}

static void make_answer(void) {
    unsigned i = (unsigned)random_below(head_count);
    struct xsd_sockmsg head = heads[i];
    struct asked *a = find_asked(head.req_id);

    heads[i] = heads[--head_count];
    a->seed = (unsigned)random_next();
    a->is_error = random_one_in(4);
    a->length = random_below(random_one_in(8) ? LARGEST + 1 : 120);
    head.type = a->is_error ? XS_ERROR : head.type;
    head.len = (uint32_t)a->length;
    put(&head, sizeof head);
    for (size_t j = 0; j < a->length; j++)
        put((char[]){answer_byte(a->seed, j)}, 1);
}

static void make_event(const char *contents, size_t size) {
    struct xsd_sockmsg head = {.type = XS_WATCH_EVENT, .len = (uint32_t)size};

    put(&head, sizeof head);
    put(contents, size);
}

static void send_some(void) {
    for (size_t n = random_below(XENSTORE_RING_SIZE + 1); n && out_sent < out_size; n--) {
        if (ring->rsp_prod - ring->rsp_cons == XENSTORE_RING_SIZE)
            return;
        ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod)] = out[out_sent++];
        ring->rsp_prod++;
    }
    if (out_sent == out_size)
        out_sent = out_size = 0;
}

static bool act_as_store(void) {
    if (is_over)
        return false;
    take_requests();
    if (out_size < sizeof out / 4 && head_count && random_one_in(2))
        make_answer();
    if (out_size < sizeof out / 4 && random_one_in(4)) {
        make_event("a/path\0"
                   "12345678",
                   16);
        events_sent++;
    }
    send_some();
    return true;
}

/* --- both -------------------------------------------------------------------------------
 */

static void start(void) {
    ring = peer_start(act_as_store);
    ring->req_cons = ring->req_prod = (uint32_t)random_next();
    ring->rsp_cons = ring->rsp_prod = (uint32_t)random_next();
    wire_watched = watched;
    REQUIRE(wire_open());
}

static void check_done(void) {
    for (unsigned i = 0; i < REQUESTS; i++)
        if (all[i].times) {
            REQUIRE(all[i].times == 1);
            all[i].times = 0;
            check(&all[i]);
        }
}

static void step(bool starts) {
    struct asked *a = &all[random_below(REQUESTS)];

    if (starts && !a->is_busy && random_one_in(2))
        start_one(a);
    act_as_store();
    wire_pump();
    check_done();
}

static bool is_any_busy(void) {
    for (unsigned i = 0; i < REQUESTS; i++)
        if (all[i].is_busy)
            return true;
    return false;
}

static void finish_all(void) {
    for (unsigned i = 0; is_any_busy() || out_size || ring->rsp_prod != ring->rsp_cons;
         i++) {
        REQUIRE_SAYING(i < 100000, "an answer does not come");
        step(false);
    }
}

static void run_many(void) {
    start();
    for (int i = 0; i < 3000; i++)
        step(true);
    finish_all();
    REQUIRE(events == events_sent && events > 10 && !lines);
}

static unsigned moves;

/* What the old store had begun to say is there still; the new one begins where it likes. */
static void move(void) {
    for (size_t n = random_below(HEAD); n; n--) {
        ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod)] = 'x';
        ring->rsp_prod++;
    }
    if (random_one_in(2)) {
        ring->req_cons = ring->req_prod = (uint32_t)random_next();
        ring->rsp_cons = ring->rsp_prod = (uint32_t)random_next();
    }
    events_sent -= (unsigned)(out_size != 0);
    out_size = out_sent = 0;
    moves++;
}

/* The domain is away: the store owes it nothing, and has got nothing by half. */
bool away(void) {
    REQUIRE(!in_size && !head_count);
    for (unsigned i = 0; i < REQUESTS; i++)
        REQUIRE(!all[i].is_busy || !all[i].request.sent);
    if (random_one_in(3))
        return false;
    wire_transactions.most = wire_transactions.base + TRANSACTIONS;
    move();
    return true;
}

static void run_moved(void) {
    with_transactions = true;
    wire_transactions.base = wire_transactions.most = 0;
    start();
    peer_be_restless();
    for (int i = 0; i < 2000; i++) {
        step(true);
        if (random_one_in(50))
            suspend();
        check_done();
    }
    finish_all();
    REQUIRE_SAYING(!lines && moves > 5, "%u moves, %u lines", moves, lines);
}

/* What no store may send: the whole of it has been sent when it is found out. */
static void send_wrong(unsigned way) {
    struct xsd_sockmsg head = {.type = XS_READ, .req_id = 77777};

    if (way == 0) { /* an answer to nobody */
        put(&head, sizeof head);
    } else if (way == 1) { /* one that is too long */
        head.type = XS_WATCH_EVENT;
        head.len = LARGEST + 1;
        put(&head, sizeof head);
    } else if (way == 2) { /* an event without a token, or of more strings */
        make_event("path", 5);
    } else if (way == 3) {
        make_event("path\0"
                   "12345678\0more",
                   19);
    } else if (way == 4) {
        make_event("", 0);
    } else if (way == 5) { /* an answer of another kind */
        head = heads[0];
        head.type = XS_MKDIR;
        put(&head, sizeof head);
    } else { /* to a request that is not yet sent */
        head.req_id =
            in_size >= HEAD ? ((struct xsd_sockmsg *)(void *)in)->req_id + 100 : 0;
        put(&head, sizeof head);
    }
}

static void run_wrong(void) {
    unsigned way = (unsigned)random_below(7);

    start();
    for (int i = 0; i < 200 || !head_count; i++)
        step(true);
    is_over = true;
    send_wrong(way);
    for (int i = 0; i < 1000 && !lines; i++) {
        send_some();
        wire_pump();
    }
    REQUIRE_SAYING(lines == 1 && !is_any_busy(), "way %u: %u lines", way, lines);
    for (unsigned i = 0; i < REQUESTS; i++)
        all[i].times = 0;
    start_one(&all[0]); /* from now on at once */
    REQUIRE(all[0].times == 1 && all[0].request.result == -EIO && lines == 1);
}

/* An index that cannot be. */
static void run_wrong_index(void) {
    start();
    for (int i = 0; i < 100; i++)
        step(true);
    is_over = true;
    if (random_one_in(2))
        ring->rsp_prod += XENSTORE_RING_SIZE + 1 + (uint32_t)random_below(1u << 30);
    else
        ring->req_cons += XENSTORE_RING_SIZE + 1 + (uint32_t)random_below(1u << 30);
    wire_pump();
    REQUIRE(lines == 1 && !is_any_busy());
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(many, 20)
SCENARIO(moved, 20)
SCENARIO(wrong, 60)
SCENARIO(wrong_index, 10)
