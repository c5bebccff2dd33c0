/* SPDX-License-Identifier: MIT */
/*
 * net/tx.c and net/rx.c: with an honest backend each packet arrives whole and each token
 * comes back once, frames that come in are what was given, no side waits for an event that
 * never comes, and nothing is lost but frames there was no memory for. With one that writes
 * anything anywhere nothing but shared pages is touched, and all tokens come back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netend.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"
#include "xen/interface.h"

#include <xen/io/netif.h>

enum { FEATURES = LINK_SG | LINK_CSUM4 | LINK_CSUM6 | LINK_TSO4 | LINK_TSO6, PIECES = 40 };

/* --- sending ------------------------------------------------------------------------ */

static struct net_tx tx;
static struct netend_frame expected[NETEND_FRAMES]; /* in the order they were sent */
static unsigned expected_count;
static unsigned long kept, returned, sent, refused;
static unsigned features;

/* A packet that stays as it is until its token is back. */
struct packet {
    struct link_packet packet;
    struct link_piece pieces[PIECES];
    char *memory; /* of what is not of the pool */
    uint64_t sum; /* of the data */
    bool is_out;
};

static uint64_t sum_of(const struct packet *p) {
    uint64_t sum = 1;

    for (unsigned i = 0; i < p->packet.count; i++)
        for (uint32_t n = 0; n < p->pieces[i].size; n++)
            sum = sum * 31 + (unsigned char)p->pieces[i].data[n];
    return sum;
}

/* Pieces from anywhere, at most size bytes. */
static void choose_pieces(struct packet *p, size_t size) {
    unsigned count = 0;

    p->memory = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        p->memory[i] = (char)random_next();
    for (size_t at = 0, n; at < size && count < PIECES; at += n, count++) {
        struct link_piece *piece = &p->pieces[count];
        n = random_between(0, MIN(size - at, (size_t)PAGE_SIZE));
        if (count == PIECES - 1)
            n = MIN(size - at, (size_t)PAGE_SIZE);
        *piece = (struct link_piece){p->memory + at, (uint32_t)n};
        if (random_one_in(3))
            continue;
        char *page = netend_pool((unsigned)random_below(NETEND_POOL));
        piece->data = page + random_below(PAGE_SIZE - n + 1);
    }
    p->packet.count = count;
    p->packet.pieces = p->pieces;
}

static struct packet *make_packet(void) {
    struct packet *p = calloc(1, sizeof *p);
    size_t size = random_one_in(3)   ? random_between(14, 65000)
                  : random_one_in(2) ? random_between(14, 1514)
                                     : random_between(14, 100);

    choose_pieces(p, size);
    p->packet.more = random_one_in(3);
    if (random_one_in(4))
        p->packet.sum = LINK_SUM_BLANK;
    if (random_one_in(4)) {
        p->packet.gso = random_one_in(2) ? LINK_GSO_TCP4 : LINK_GSO_TCP6;
        p->packet.gso_size = (uint16_t)random_between(1, 9000);
        p->packet.sum = LINK_SUM_BLANK;
    }
    if (!random_one_in(5))
        p->packet.token = p;
    return p;
}

static void expect(const struct packet *p) {
    struct netend_frame *frame = &expected[expected_count++];

    REQUIRE(expected_count <= NETEND_FRAMES);
    *frame = (struct netend_frame){
        .sum = p->packet.sum, .gso = p->packet.gso, .gso_size = p->packet.gso_size};
    for (unsigned i = 0; i < p->packet.count; i++)
        frame->size += p->pieces[i].size;
    frame->data = malloc(frame->size);
    for (unsigned i = 0, at = 0; i < p->packet.count; at += p->pieces[i++].size)
        memcpy(frame->data + at, p->pieces[i].data, p->pieces[i].size);
}

static void drop_packet(struct packet *p) {
    free(p->memory);
    free(p);
}

static void check_refusal(const struct packet *p, long error) {
    size_t size = 0;

    for (unsigned i = 0; i < p->packet.count; i++)
        size += p->pieces[i].size;
    refused++;
    if (error == -EMSGSIZE)
        REQUIRE(size < 14 || size > 65535 || (!(features & LINK_SG) && size > PAGE_SIZE));
    else if (error == -EINVAL)
        REQUIRE(p->packet.gso && !(features & (LINK_TSO4 | LINK_TSO6)));
    else
        REQUIRE_SAYING(error == -EAGAIN || error == -ENOMEM, "%ld", error);
}

/* -EAGAIN: nothing was sent, and room is to be told of. */
static long send_one(void) {
    struct packet *p = make_packet();
    long result = net_tx_send(&tx, &p->packet);

    if (result >= 0) {
        sent++;
        expect(p);
        p->sum = sum_of(p);
        p->is_out = true;
    } else {
        check_refusal(p, result);
    }
    if (!p->packet.more)
        net_tx_push(&tx);
    if (result == LINK_KEPT)
        kept++;
    else
        drop_packet(p);
    return result;
}

static void collect(void) {
    void *tokens[5];
    unsigned count;

    while ((count = net_tx_collect(&tx, tokens, 5)))
        while (count--) {
            struct packet *p = tokens[count];
            REQUIRE(p->is_out);
            p->is_out = false;
            returned++;
            drop_packet(p);
        }
}

static void check_arrived(void) {
    for (unsigned i = 0; i < netend_sent_count; i++) {
        const struct netend_frame *is = &netend_sent[i], *should = &expected[i];
        REQUIRE(i < expected_count && is->size == should->size && is->sum == should->sum);
        REQUIRE(is->gso == should->gso && (!is->gso || is->gso_size == should->gso_size));
        REQUIRE(!memcmp(is->data, should->data, is->size));
        free(is->data);
        free(should->data);
    }
    memmove(expected, expected + netend_sent_count,
            (expected_count - netend_sent_count) * sizeof *expected);
    expected_count -= netend_sent_count;
    netend_sent_count = 0;
}

static void forget_expected(void) {
    while (expected_count)
        free(expected[--expected_count].data);
}

static void connect_tx(void) {
    REQUIRE(!net_tx_make(&tx));
    netend_connect_tx(&tx);
    features = random_one_in(3) ? (random_one_in(2) ? LINK_SG : 0) : FEATURES;
    net_tx_connect(&tx, features);
}

static void take_tx(void) {
    while (net_tx_take(&tx) == NET_MORE)
        ;
    REQUIRE(tx.state == NET_RUNNING);
    collect();
}

/* Everything that is wanted happens by events alone. */
static void settle_tx(void) {
    bool waits = tx.is_wanted;

    net_tx_push(&tx);
    for (int i = 0; i < 1000; i++) {
        netend_take();
        unsigned left = netend_answer(1 + (unsigned)random_below(40));
        if (netend_has_tx_event() || netend_attended) {
            netend_attended = false;
            take_tx();
        }
        if (!left)
            break;
    }
    check_arrived();
    REQUIRE(!tx.kept && kept == returned && !expected_count);
    if (waits)
        REQUIRE(net_tx_has_room(&tx));
}

static void step_tx(void) {
    switch (random_below(8)) {
    case 0:
        netend_take();
        check_arrived();
        netend_answer((unsigned)random_below(60));
        break;
    case 1:
        if (netend_has_tx_event())
            take_tx();
        break;
    case 2:
        if (random_one_in(20))
            net_tx_join(&tx, (const uint8_t[6]){1, 0, 0x5e, 1, 2, 3}, random_one_in(2));
        break;
    default:
        send_one();
        collect();
    }
}

static void run_sends(void) {
    netend_most = random_one_in(3) ? 40 : NETEND_PAGES;
    REQUIRE(!net_tx_init(&tx, &netend_tx_ops));
    REQUIRE(net_tx_send(&tx, &(struct link_packet){0}) == -ENETDOWN);
    for (int life = 0; life < 5; life++) {
        connect_tx();
        for (int i = 0; i < 2000; i++)
            step_tx();
        if (random_one_in(2))
            settle_tx();
        net_tx_disconnect(&tx);
        collect();
        REQUIRE(kept == returned && !netend_pages && !tx.kept);
        check_arrived();
        forget_expected();
    }
    REQUIRE(sent > 1000 && returned);
    net_tx_free(&tx);
}

static void run_limits(void) {
    static char data[65536];
    struct link_piece pieces[70];
    struct link_packet packet = {.pieces = pieces, .count = 1};

    REQUIRE(!net_tx_init(&tx, &netend_tx_ops) && !net_tx_make(&tx));
    netend_connect_tx(&tx);
    net_tx_connect(&tx, LINK_SG);
    pieces[0] = (struct link_piece){data, 65535};
    REQUIRE(net_tx_send(&tx, &packet) == LINK_COPIED);
    pieces[0].size = 65536;
    REQUIRE(net_tx_send(&tx, &packet) == -EMSGSIZE);
    pieces[0].size = 13;
    REQUIRE(net_tx_send(&tx, &packet) == -EMSGSIZE);
    pieces[0].size = 60;
    packet.gso = LINK_GSO_TCP4;
    packet.gso_size = 10;
    packet.sum = LINK_SUM_BLANK;
    REQUIRE(net_tx_send(&tx, &packet) == -EINVAL);
    /* More pieces of the pool than a packet can have: it goes as a copy. */
    packet = (struct link_packet){.pieces = pieces, .count = 30, .token = data};
    for (unsigned i = 0; i < 30; i++)
        pieces[i] = (struct link_piece){netend_pool(i), 1000};
    REQUIRE(net_tx_send(&tx, &packet) == LINK_COPIED);
    packet.count = 18;
    REQUIRE(net_tx_send(&tx, &packet) == LINK_KEPT);
    unsigned n = 0;
    while (net_tx_send(&tx, &packet) == LINK_KEPT)
        n++;
    REQUIRE(n >= 10 && tx.is_wanted && !net_tx_has_room(&tx));
    net_tx_break(&tx);
    REQUIRE(net_tx_send(&tx, &packet) == -ENETDOWN && !net_tx_has_room(&tx));
    void *tokens[64];
    REQUIRE(net_tx_collect(&tx, tokens, 64) == n + 1 && tokens[0] == data);
    REQUIRE(!netend_pages);
    net_tx_free(&tx);
}

/* --- receiving ---------------------------------------------------------------------- */

static struct net_rx rx;
static struct net_rx_batch batch;
static unsigned long given, got;

static void give_one(void) {
    struct netend_frame frame = {.sum = (uint8_t)random_below(3)};

    frame.size = (uint32_t)(random_one_in(3)   ? random_between(14, 65535)
                            : random_one_in(2) ? random_between(14, 1514)
                                               : random_between(14, 257));
    if (random_one_in(4)) {
        frame.gso = random_one_in(2) ? LINK_GSO_TCP4 : LINK_GSO_TCP6;
        frame.gso_size = (uint16_t)random_between(1, 9000);
    }
    if (expected_count == NETEND_FRAMES)
        return;
    frame.data = malloc(frame.size);
    for (uint32_t i = 0; i < frame.size; i++)
        frame.data[i] = (char)random_next();
    if (!netend_give(&frame)) {
        free(frame.data);
        return;
    }
    given++;
    expected[expected_count++] = frame;
}

static bool is_same(const struct link_frame *is, const struct netend_frame *should) {
    uint32_t at = 0;

    if (is->size != should->size)
        return false;
    for (unsigned i = 0; i < is->count; at += is->pieces[i++].size)
        if (memcmp(is->pieces[i].data, should->data + at, is->pieces[i].size) != 0)
            return false;
    return at == is->size;
}

static void free_frame(const struct link_frame *frame) {
    for (unsigned i = 0; i < frame->count; i++) {
        unsigned long start = (unsigned long)frame->pieces[i].data;
        if (frame->is_small) {
            free(frame->pieces[i].data - rx.room);
            continue;
        }
        REQUIRE(frame->pieces[i].size &&
                start % PAGE_SIZE + frame->pieces[i].size <= PAGE_SIZE);
        netend_free_memory(frame->pieces[i].data);
    }
}

/* Those before it were lost. */
static void check_frame(const struct link_frame *frame) {
    unsigned n = 0;

    while (n < expected_count && !is_same(frame, &expected[n]))
        n++;
    REQUIRE(n < expected_count);
    const struct netend_frame *should = &expected[n];
    REQUIRE(frame->sum == should->sum && frame->gso == should->gso);
    REQUIRE(frame->gso_size == (should->gso ? should->gso_size : 0));
    REQUIRE(frame->is_small == (frame->size <= LINK_SMALL));
    for (unsigned i = 0; i <= n; i++)
        free(expected[i].data);
    memmove(expected, expected + n + 1, (expected_count -= n + 1) * sizeof *expected);
    got++;
}

static enum net_taken take_rx(void) {
    enum net_taken taken = net_rx_take(&rx, &batch);

    for (unsigned i = 0; i < batch.count; i++) {
        check_frame(&batch.frame[i]);
        free_frame(&batch.frame[i]);
    }
    REQUIRE(!netend_kept);
    return taken;
}

static void take_all_rx(void) {
    while (take_rx() == NET_MORE)
        ;
    REQUIRE(rx.state == NET_RUNNING);
}

static void run_receives(void) {
    unsigned long lost = 0;

    REQUIRE(!net_rx_init(&rx, &netend_rx_ops));
    rx.room = 32;
    for (int life = 0; life < 5; life++) {
        netend_most = NETEND_PAGES;
        REQUIRE(!net_rx_make(&rx, (unsigned)random_between(40, 300)));
        netend_connect_rx(&rx);
        net_rx_connect(&rx);
        bool is_short = random_one_in(3);
        netend_most = is_short ? netend_pages + 3 : NETEND_PAGES;
        for (int i = 0; i < 1000; i++) {
            give_one();
            if (random_one_in(3) && netend_has_rx_event())
                take_all_rx();
        }
        if (netend_has_rx_event())
            take_all_rx();
        REQUIRE(!rx.errors && netend_pages == rx.target + 1);
        if (is_short)
            lost += rx.dropped;
        else
            REQUIRE(!rx.dropped);
        rx.dropped = 0;
        REQUIRE(given == got + lost || expected_count);
        given = got = lost = 0;
        net_rx_disconnect(&rx);
        REQUIRE(!netend_pages);
        forget_expected();
    }
    net_rx_free(&rx);
}

static void run_holds(void) {
    netend_holds = 4;
    REQUIRE(!net_rx_init(&rx, &netend_rx_ops) && !net_rx_make(&rx, 256));
    netend_connect_rx(&rx);
    net_rx_connect(&rx);
    for (int i = 0; i < 1000 && rx.state == NET_RUNNING; i++) {
        give_one();
        take_rx();
    }
    REQUIRE(rx.state == NET_BROKEN && !netend_pages && !netend_kept);
    forget_expected();
    net_rx_free(&rx);
}

/* --- what cannot be ----------------------------------------------------------------- */

static struct netif_rx_sring *rx_ring(void) {
    return (void *)rx.ring->memory;
}

static void begin_rx(void) {
    REQUIRE(!net_rx_make(&rx, 64));
    netend_connect_rx(&rx);
    net_rx_connect(&rx);
}

/* The next response is that one; what comes of it. */
static void respond(uint32_t *at, int status, unsigned offset, unsigned flags) {
    rx_ring()->ring[*at % NET_RING].rsp =
        (struct netif_rx_response){.id = (uint16_t)(*at % NET_RING),
                                   .offset = (uint16_t)offset,
                                   .flags = (uint16_t)flags,
                                   .status = (int16_t)status};
    rx_ring()->rsp_prod = ++*at;
}

static void expect_rx(enum net_state state, unsigned frames, uint64_t errors) {
    net_rx_take(&rx, &batch);
    REQUIRE(rx.state == state && batch.count == frames && rx.errors == errors);
    for (unsigned i = 0; i < batch.count; i++)
        free_frame(&batch.frame[i]);
    REQUIRE(state == NET_BROKEN ? !netend_pages : netend_pages == 65);
    rx.errors = 0;
}

static void run_wrong_frames(void) {
    uint32_t at = 0;

    REQUIRE(!net_rx_init(&rx, &netend_rx_ops));
    begin_rx();
    respond(&at, 4096, 0, 0);
    expect_rx(NET_RUNNING, 1, 0);
    respond(&at, 13, 0, 0); /* too short */
    respond(&at, -1, 4000, 0);
    respond(&at, 0, 4096, 0);
    expect_rx(NET_RUNNING, 0, 3);
    respond(&at, 2000, 0, NETRXF_more_data); /* the rest comes later */
    expect_rx(NET_RUNNING, 0, 0);
    respond(&at, -2, 0, NETRXF_more_data);
    respond(&at, 2000, 0, 0);
    expect_rx(NET_RUNNING, 0, 1);
    respond(&at, 4096, 1, 0); /* beyond its page */
    expect_rx(NET_BROKEN, 0, 0);
    begin_rx();
    respond(&(uint32_t){0}, 1, 65535, 0);
    expect_rx(NET_BROKEN, 0, 0);
    begin_rx();
    rx_ring()->rsp_prod = 65; /* more than was asked for */
    expect_rx(NET_BROKEN, 0, 0);
    begin_rx();
    rx_ring()->ring[0].rsp = (struct netif_rx_response){.id = 1, .status = 60};
    rx_ring()->rsp_prod = 1;
    expect_rx(NET_BROKEN, 0, 0);
    begin_rx();
    at = 0;
    for (unsigned i = 0; i <= LINK_PIECES; i++) /* without end */
        respond(&at, i ? 0 : 60, 0, NETRXF_more_data);
    expect_rx(NET_BROKEN, 0, 0);
    net_rx_free(&rx);
}

static void add_extra(uint32_t *at, unsigned type, unsigned flags, unsigned gso,
                      unsigned size) {
    struct netif_extra_info extra = {.type = (uint8_t)type, .flags = (uint8_t)flags};

    extra.u.gso.type = (uint8_t)gso;
    extra.u.gso.size = (uint16_t)size;
    memcpy(&rx_ring()->ring[*at % NET_RING], &extra, sizeof extra);
    rx_ring()->rsp_prod = ++*at;
}

static void run_wrong_extras(void) {
    uint32_t at = 0;

    REQUIRE(!net_rx_init(&rx, &netend_rx_ops));
    begin_rx();
    respond(&at, 1000, 0, NETRXF_extra_info);
    add_extra(&at, XEN_NETIF_EXTRA_TYPE_GSO, 0, 1, 0); /* segments of nothing */
    respond(&at, 1000, 0, NETRXF_extra_info);
    add_extra(&at, XEN_NETIF_EXTRA_TYPE_GSO, 0, 3, 1000); /* of an unknown kind */
    expect_rx(NET_RUNNING, 0, 2);
    respond(&at, 1000, 0, NETRXF_extra_info);
    add_extra(&at, XEN_NETIF_EXTRA_TYPE_GSO, 0, 0, 1000);
    expect_rx(NET_RUNNING, 1, 0);
    for (unsigned type = 0; type <= 255; type += 5) {
        respond(&at, 1000, 0, NETRXF_extra_info);
        add_extra(&at, type, 0, 0, 0);
        expect_rx(NET_BROKEN, 0, 0);
        begin_rx();
        at = 0;
    }
    respond(&at, 1000, 0, NETRXF_extra_info);
    for (unsigned i = 0; i < 5; i++) /* without end */
        add_extra(&at, XEN_NETIF_EXTRA_TYPE_HASH, XEN_NETIF_EXTRA_FLAG_MORE, 0, 0);
    expect_rx(NET_BROKEN, 0, 0);
    net_rx_free(&rx);
}

static struct netif_tx_sring *tx_ring(void) {
    return (void *)tx.ring->memory;
}

/* A packet of two slots is out; the first answers are those, up to id 0xffff. */
static void answer_tx(const uint16_t *ids, int16_t status, uint32_t shown,
                      enum net_state state) {
    static char data[100];
    struct link_piece pieces[] = {{data, 100}, {netend_pool(0), 1000}};
    void *token;

    REQUIRE(!net_tx_make(&tx));
    netend_connect_tx(&tx);
    net_tx_connect(&tx, FEATURES);
    struct link_packet packet = {.pieces = pieces, .count = 2, .token = data};
    REQUIRE(net_tx_send(&tx, &packet) == LINK_KEPT);
    net_tx_push(&tx);
    for (unsigned i = 0; ids[i] != 0xffff; i++)
        tx_ring()->ring[i].rsp = (struct netif_tx_response){.id = ids[i], .status = status};
    tx_ring()->rsp_prod = shown;
    net_tx_take(&tx);
    REQUIRE(tx.state == state);
    if (state == NET_RUNNING)
        REQUIRE(net_tx_send(&tx, &packet) == LINK_KEPT);
    net_tx_disconnect(&tx);
    REQUIRE(!netend_pages);
    while (net_tx_collect(&tx, &token, 1))
        REQUIRE(token == data);
}

static void run_wrong_answers(void) {
    static const uint16_t good[] = {1, 0, 0xffff}, twice[] = {0, 0, 0xffff},
                          unused[] = {2, 0xffff}, beyond[] = {256, 0xffff};

    REQUIRE(!net_tx_init(&tx, &netend_tx_ops));
    answer_tx(good, 0, 2, NET_RUNNING);
    answer_tx(good, -1, 2, NET_RUNNING);
    answer_tx(good, 0, 3, NET_BROKEN);
    answer_tx(good, 0, UINT32_MAX, NET_BROKEN);
    answer_tx(good, NETIF_RSP_NULL, 1, NET_BROKEN); /* there was no extra entry */
    answer_tx(twice, 0, 2, NET_BROKEN);
    answer_tx(unused, 0, 1, NET_BROKEN);
    answer_tx(beyond, 0, 1, NET_BROKEN);
    net_tx_free(&tx);
}

#define SCENARIO(title, count_of)                                                          \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count_of, random_seed()));                 \
    }

SCENARIO(sends, 4)
SCENARIO(limits, 1)
SCENARIO(receives, 4)
SCENARIO(holds, 1)
SCENARIO(wrong_frames, 1)
SCENARIO(wrong_extras, 1)
SCENARIO(wrong_answers, 1)
