/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for what comes in from a network: frames for lwIP as we configure it,
 * with our hooks. Beside whole frames the input makes segments for a connection that is
 * there, near enough to what it expects to get far. Afterwards nothing may be left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/igmp.h"
#include "lwip/init.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ethernet.h"
#include "lwip/sys.h"
#include "lwip/udp.h"

#include LWIP_HOOK_FILENAME
#include "mm/heap.h"
#include "net/datagram.h"
#include "net/loop.h"
#include "net/stack.h"
#include "net/stream.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *next, *end;
static struct netif netif;
static struct tcp_pcb *connection;
static size_t records; /* of the heap's */
static uint32_t ticks;

static uint8_t next_byte(void) {
    return next < end ? *next++ : 0;
}

static uint16_t next_word(void) {
    uint8_t low = next_byte();

    return (uint16_t)(low | next_byte() << 8);
}

/* What surrounds the stack. */

void *heap_alloc(size_t size) {
    records++;
    return calloc(1, size);
}

void *heap_alloc_page(void) {
    return heap_alloc(PAGE_SIZE);
}

void heap_free(void *record) {
    records -= record != NULL;
    free(record);
}

uint32_t net_random(void) {
    return 4; /* so that an input means the same again */
}

uint32_t net_first_sequence(const ip_addr_t *local, uint16_t local_port,
                            const ip_addr_t *remote, uint16_t remote_port) {
    (void)local, (void)local_port, (void)remote, (void)remote_port;
    return 1000;
}

u32_t sys_now(void) {
    return ticks;
}

void tcp_timer_needed(void) {}

void panic(const char *what) {
    fprintf(stderr, "%s\n", what);
    abort();
}

void dns_init(void) {}

void dns_setserver(u8_t number, const ip_addr_t *server) {
    (void)number, (void)server;
}

const ip_addr_t *dns_getserver(u8_t number) {
    (void)number;
    return IP_ADDR_ANY;
}

void stream_fail(struct stream *s, int reason) {
    (void)s, (void)reason;
}

void datagram_tell(struct datagram *d, unsigned tell) {
    (void)d, (void)tell;
}

/* Its own ends */

static void look_at(const struct pbuf *p) {
    static char all[65536];

    REQUIRE(pbuf_copy_partial(p, all, p->tot_len, 0) == p->tot_len);
}

static void on_error(void *arg, err_t error) {
    (void)arg, (void)error;
    connection = NULL;
}

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
    (void)arg, (void)error;
    if (!p)
        return ERR_OK;
    look_at(p);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error) {
    (void)arg;
    if (error != ERR_OK || !pcb)
        return ERR_VAL;
    if (connection)
        return ERR_MEM;
    connection = pcb;
    tcp_recv(pcb, on_receive);
    tcp_err(pcb, on_error);
    return ERR_OK;
}

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p,
                        const ip_addr_t *from, u16_t port) {
    (void)arg;
    udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

/* All of what goes out is looked at. */
static err_t send_frame(struct netif *n, struct pbuf *p) {
    (void)n;
    look_at(p);
    return ERR_OK;
}

static err_t set_up(struct netif *n) {
    static const uint8_t mac[6] = {0, 0x16, 0x3e, 0, 0, 1};

    memcpy(n->hwaddr, mac, sizeof mac);
    n->hwaddr_len = sizeof mac;
    n->mtu = n->mtu6 = 1500;
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
               NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
    n->output = etharp_output;
    n->output_ip6 = ethip6_output;
    n->linkoutput = send_frame;
    NETIF_SET_CHECKSUM_CTRL(n, NETIF_CHECKSUM_DISABLE_ALL);
    return ERR_OK;
}

static void begin(void) {
    static struct tcp_pcb *listener;
    ip4_addr_t address, mask, gateway;

    if (listener)
        return;
    lwip_init();
    loop_init();
    IP4_ADDR(&address, 10, 0, 0, 2);
    IP4_ADDR(&gateway, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &address, &mask, &gateway, NULL, set_up, netif_input);
    netif_set_default(&netif);
    netif_create_ip6_linklocal_address(&netif, 1);
    netif_set_ip6_autoconfig_enabled(&netif, 1);
    netif_set_up(&netif);
    listener = tcp_new_ip_type(IPADDR_TYPE_ANY);
    tcp_bind(listener, IP_ANY_TYPE, 80);
    listener = tcp_listen(listener);
    tcp_accept(listener, on_accept);
    struct udp_pcb *udp = udp_new_ip_type(IPADDR_TYPE_ANY);
    udp_bind(udp, IP_ANY_TYPE, 7);
    udp_recv(udp, on_datagram, NULL);
}

/* Frames */

static void give(const uint8_t *frame, size_t size) {
    struct pbuf *p = net_packet(size);

    if (!p)
        return;
    pbuf_take(p, frame, (u16_t)size);
    if (netif.input(p, &netif) != ERR_OK)
        pbuf_free(p);
    loop_deliver();
}

static void whole_frame(void) {
    static uint8_t frame[4096];
    size_t size = next_word() % sizeof frame;

    for (size_t i = 0; i < size; i++)
        frame[i] = next_byte();
    if (size >= SIZEOF_ETH_HDR && next_byte() & 1)
        memcpy(frame, netif.hwaddr, sizeof netif.hwaddr);
    give(frame, size);
}

static void put_ip(uint8_t *frame, size_t size, uint8_t protocol) {
    static const uint8_t head[] = {0x45, 0, 0,  0, 0, 0, 0x40, 0, 64, 0,
                                   0,    0, 10, 0, 0, 1, 10,   0, 0,  2};

    memcpy(frame, netif.hwaddr, 6);
    frame[12] = 8;
    memcpy(frame + SIZEOF_ETH_HDR, head, sizeof head);
    frame[16] = (uint8_t)((size - SIZEOF_ETH_HDR) >> 8);
    frame[17] = (uint8_t)(size - SIZEOF_ETH_HDR);
    frame[23] = protocol;
}

/* What the connection, or the listener, takes for its peer's. */
static void segment(void) {
    static uint8_t frame[2048];
    struct tcp_hdr *h = (void *)(frame + SIZEOF_ETH_HDR + IP_HLEN);
    uint8_t options = next_byte() % 11, flags = next_byte();
    size_t data = next_word() % 1460,
           size = SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN + options * 4u;

    memset(frame, 0, sizeof frame);
    h->src = PP_HTONS(5000);
    h->dest = PP_HTONS(80);
    h->seqno =
        lwip_htonl((connection ? connection->rcv_nxt : 77) + (int8_t)next_byte() * 16u);
    h->ackno = lwip_htonl((connection ? connection->snd_nxt : 1001) + (int8_t)next_byte());
    TCPH_HDRLEN_FLAGS_SET(h, 5 + options, flags & 0x3f);
    h->wnd = next_word();
    h->urgp = next_word();
    for (unsigned i = 0; i < options * 4u; i++)
        ((uint8_t *)(h + 1))[i] = next_byte();
    put_ip(frame, size + data, IP_PROTO_TCP);
    give(frame, size + data);
}

static void other(void) {
    static uint8_t frame[2048];
    size_t size = SIZEOF_ETH_HDR + IP_HLEN + next_word() % 1480;
    uint8_t protocol = next_byte();

    for (size_t i = SIZEOF_ETH_HDR + IP_HLEN; i < size; i++)
        frame[i] = next_byte();
    put_ip(frame, size, protocol);
    frame[SIZEOF_ETH_HDR + 6] = next_byte(); /* a fragment, maybe */
    frame[SIZEOF_ETH_HDR + 7] = next_byte();
    give(frame, size);
}

static void tick(void) {
    ticks += 100;
    tcp_tmr();
    ip_reass_tmr();
    ip6_reass_tmr();
    etharp_tmr();
    nd6_tmr();
    igmp_tmr();
    mld6_tmr();
}

static void answer(void) {
    static const char text[3000];

    if (connection && next_byte() & 1)
        tcp_write(connection, text, next_word() % sizeof text, 0);
    if (connection)
        tcp_output(connection);
}

/* Everything that time takes away is gone, and the connections are. */
static void finish(void) {
    struct tcp_pcb *pcb;

    while ((pcb = tcp_active_pcbs))
        tcp_abort(pcb);
    while ((pcb = tcp_tw_pcbs))
        tcp_abort(pcb);
    REQUIRE(!connection);
    for (unsigned i = 0; i < 70; i++)
        tick();
    loop_deliver();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const turns[])(void) = {whole_frame, segment, segment, segment,
                                          other,       tick,    answer,  whole_frame};

    begin();
    next = data;
    end = data + size;
    while (next < end)
        turns[next_byte() % 8]();
    finish();
    return 0;
}
