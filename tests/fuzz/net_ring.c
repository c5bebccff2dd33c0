/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for net/tx.c and net/rx.c: the input is what a backend that means harm
 * does, turn by turn, and what is sent meanwhile. Each token must come back, once, and all
 * of a frame that comes must be memory that nobody shares.
 */
#include <stdlib.h>
#include <string.h>

#include "netend.h"
#include "require.h"
#include "xen/interface.h"

#include <xen/io/netif.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct net_tx tx;
static struct net_rx rx;
static struct net_rx_batch batch;
static unsigned out;
static const uint8_t *next, *end;

static uint8_t next_byte(void) {
    return next < end ? *next++ : 0;
}

static uint16_t next_half(void) {
    uint16_t low = next_byte();

    return (uint16_t)(low | next_byte() << 8);
}

static uint32_t next_word(void) {
    uint32_t low = next_half();

    return low | (uint32_t)next_half() << 16;
}

static void collect(void) {
    void *tokens[8];
    unsigned count;

    while ((count = net_tx_collect(&tx, tokens, 8)))
        while (count--) {
            REQUIRE(tokens[count] == &tx && out--);
        }
}

static void send(void) {
    static char memory[3 * PAGE_SIZE];
    uint8_t how = next_byte();
    struct link_piece pieces[30];
    struct link_packet packet = {.pieces = pieces, .count = how % 30u, .sum = how % 3};

    for (unsigned i = 0; i < packet.count; i++) {
        pieces[i].size = next_byte() * 16u;
        pieces[i].data =
            i % 2 ? netend_pool(i) + (PAGE_SIZE - pieces[i].size) : memory + i * 64;
    }
    packet.gso = next_byte() % 4;
    packet.gso_size = next_byte();
    packet.token = how & 128 ? &tx : NULL;
    if (how & 64)
        net_tx_join(&tx, (const uint8_t *)"\1\2\3\4\5\6", how & 1);
    out += net_tx_send(&tx, &packet) == LINK_KEPT;
    net_tx_push(&tx);
}

/* An answer, good or not, where the next one is looked for. */
static void answer_tx(void) {
    struct netif_tx_sring *ring = (void *)tx.ring->memory;

    ring->ring[ring->rsp_prod++ % NET_RING].rsp =
        (struct netif_tx_response){.id = next_byte(), .status = (int8_t)next_byte()};
}

static void answer_rx(void) {
    struct netif_rx_sring *ring = (void *)rx.ring->memory;
    uint8_t how = next_byte();
    uint32_t at = ring->rsp_prod++ % NET_RING;
    struct netif_rx_response response = {
        .id = (uint16_t)at, .flags = how % 16, .status = (int16_t)next_half()};

    if (how & 16)
        response.id = next_half();
    if (how & 32)
        response.offset = next_half();
    ring->ring[at].rsp = response;
}

static void write_word(void) {
    char *page = next_byte() % 2 ? tx.ring->memory : rx.ring->memory;

    ((uint32_t *)page)[next_half() % (PAGE_SIZE / 4)] = next_word();
}

static void take(void) {
    if (net_tx_take(&tx) != NET_NOTHING)
        (void)net_tx_has_room(&tx);
    net_rx_take(&rx, &batch);
    for (unsigned i = 0; i < batch.count; i++) {
        const struct link_frame *frame = &batch.frame[i];
        uint32_t size = 0;
        for (unsigned n = 0; n < frame->count; n++) {
            size += frame->pieces[n].size;
            memset(frame->pieces[n].data, 1, frame->pieces[n].size);
            if (frame->is_small)
                free(frame->pieces[n].data - rx.room);
            else
                netend_free_memory(frame->pieces[n].data);
        }
        REQUIRE(size == frame->size && size >= LINK_HEADER);
    }
}

static void reconnect(bool broken) {
    uint8_t how = next_byte();

    if (broken) {
        net_tx_break(&tx);
        net_rx_break(&rx);
    } else {
        net_tx_disconnect(&tx);
        net_rx_disconnect(&rx);
    }
    collect();
    REQUIRE(!netend_pages && !out);
    rx.room = how;
    netend_holds = how & 64 ? 3 : 0;
    if (net_tx_make(&tx) || net_rx_make(&rx, 20u + how))
        abort();
    netend_connect_tx(&tx);
    netend_connect_rx(&rx);
    net_tx_connect(&tx, how);
    net_rx_connect(&rx);
    netend_most = how & 128 ? netend_pages + 4 : NETEND_PAGES;
}

static void turn(void) {
    uint8_t what = next_byte() % 8;

    if (what == 0 || what == 1)
        send();
    else if (what == 2 && tx.ring)
        answer_tx();
    else if ((what == 3 || what == 4) && rx.ring)
        answer_rx();
    else if (what == 5 && tx.ring && rx.ring)
        write_word();
    else if (what == 6)
        take();
    else if (what == 7) {
        netend_most = NETEND_PAGES;
        reconnect(next_byte() % 2);
    }
    collect();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    next = data;
    end = data + size;
    netend_most = NETEND_PAGES;
    if (net_tx_init(&tx, &netend_tx_ops) || net_rx_init(&rx, &netend_rx_ops))
        abort();
    reconnect(false);
    for (int turns = 0; next < end && turns < 300; turns++)
        turn();
    net_tx_break(&tx);
    net_rx_break(&rx);
    collect();
    REQUIRE(!netend_pages && !out && !netend_kept && !tx.kept);
    net_tx_free(&tx);
    net_rx_free(&rx);
    return 0;
}
