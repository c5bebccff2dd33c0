/* SPDX-License-Identifier: MIT */
/*
 * A link as lwIP's interface. Frames that come in are pbufs without a copy, which give the
 * driver's pages back; what goes out is copied by the driver.
 */
#include "net/netif.h"

#include <errno.h>

#include "base/string.h"
#include "lwip/dhcp.h"
#include "lwip/dhcp6.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/inet_chksum.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ethernet.h"

#include LWIP_HOOK_FILENAME
#include "mm/heap.h"
#include "net/link.h"
#include "net/resolver.h"
#include "net/setup.h"
#include "net/stack.h"
#include "sched/clock.h"
#include "sched/ready.h"

enum {
    PIECES = 48,
    SETTLE = 10,
    ALL_SUMS = NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_CHECK_TCP
};

struct interface {
    struct netif netif; /* must be first */
    struct link *link;
    bool sends;    /* something waits for link_push */
    bool is_begun; /* it has been up, and so looks for addresses */
};

struct frame_piece {
    struct pbuf_custom custom; /* must be first */
    void *data;                /* link_page_free; NULL: this is in front of it */
};

static struct ready settled = {.lock = LOCK_INIT(LOCK_READY)};
static uint64_t until; /* when it is no longer waited for addresses */

/* In */

static void free_piece(struct pbuf *p) {
    struct frame_piece *piece = (struct frame_piece *)(void *)p;

    if (piece->data)
        link_page_free(piece->data);
    heap_free(piece);
}

static struct pbuf *wrap(struct frame_piece *piece, const struct link_piece *from) {
    piece->custom.custom_free_function = free_piece;
    return pbuf_alloced_custom(PBUF_RAW, (u16_t)from->size, PBUF_REF, &piece->custom,
                               from->data, (u16_t)from->size);
}

static struct pbuf *wrap_small(const struct link_frame *f) {
    struct frame_piece *piece =
        (void *)(f->pieces[0].data - ROUND_UP(sizeof(struct frame_piece), 16));

    piece->data = NULL;
    return wrap(piece, &f->pieces[0]);
}

/* NULL: there is no memory, and the frame is lost. */
static struct pbuf *wrap_frame(const struct link_frame *f) {
    struct pbuf *first = NULL;

    if (f->is_small)
        return wrap_small(f);
    for (unsigned i = f->count; i--;) {
        struct frame_piece *piece = heap_alloc(sizeof *piece);
        if (!piece) {
            for (unsigned k = 0; k <= i; k++)
                link_page_free(f->pieces[k].data);
            if (first)
                pbuf_free(first);
            return NULL;
        }
        piece->data = f->pieces[i].data;
        struct pbuf *p = wrap(piece, &f->pieces[i]);
        if (first)
            pbuf_cat(p, first);
        first = p;
    }
    return first;
}

static void receive(struct link *link, const struct link_frame *frames, unsigned count) {
    struct interface *i = link->user;

    net_enter();
    for (unsigned n = 0; n < count; n++) {
        struct pbuf *p = wrap_frame(&frames[n]);
        if (!p)
            continue;
        if (!i) { /* there was no memory for the interface */
            pbuf_free(p);
            continue;
        }
        if (frames[n].sum == LINK_SUM_THERE)
            i->netif.chksum_flags |= ALL_SUMS;
        else
            i->netif.chksum_flags &= (u16_t)~ALL_SUMS;
        if (i->netif.input(p, &i->netif) != ERR_OK)
            pbuf_free(p);
    }
    net_leave();
}

/* Out */

/* The TCP segment of an IP packet of ours: where its header is, and its pseudo header's
 * sum.
 */
static bool find_segment(const struct pbuf *p, size_t *at, uint16_t *sum) {
    const char *data = p->payload;
    const struct eth_hdr *eth = p->payload;
    uint32_t total;

    if (eth->type == PP_HTONS(ETHTYPE_IP)) {
        const struct ip_hdr *h = (const void *)(data + SIZEOF_ETH_HDR);
        *at = (size_t)(SIZEOF_ETH_HDR + IPH_HL_BYTES(h));
        if (IPH_PROTO(h) != IP_PROTO_TCP || IPH_OFFSET(h) & PP_HTONS(IP_OFFMASK | IP_MF))
            return false;
        total = net_checksum(&h->src, 8) + PP_HTONS(IP_PROTO_TCP);
        total += lwip_htons((u16_t)(lwip_ntohs(IPH_LEN(h)) - IPH_HL_BYTES(h)));
    } else if (eth->type == PP_HTONS(ETHTYPE_IPV6)) {
        const struct ip6_hdr *h = (const void *)(data + SIZEOF_ETH_HDR);
        *at = SIZEOF_ETH_HDR + IP6_HLEN;
        if (IP6H_NEXTH(h) != IP6_NEXTH_TCP)
            return false;
        total = net_checksum(&h->src, 32) + PP_HTONS(IP6_NEXTH_TCP);
        total += h->_plen;
    } else {
        return false;
    }
    total = (total & 0xffff) + (total >> 16);
    *sum = (uint16_t)((total & 0xffff) + (total >> 16));
    return p->len >= *at + TCP_HLEN;
}

/* lwIP leaves TCP's sum out where the other side makes it. */
static bool is_left_out(const struct interface *i, const struct pbuf *p) {
    uint16_t type = ((const struct eth_hdr *)p->payload)->type;
    unsigned feature = type == PP_HTONS(ETHTYPE_IP) ? LINK_CSUM4 : LINK_CSUM6;

    return i->link->features & feature;
}

static void prepare(const struct interface *i, struct pbuf *p, struct link_packet *packet) {
    uint16_t sum;
    size_t at;

    if (!find_segment(p, &at, &sum))
        return;
    struct tcp_hdr *tcp = (void *)((char *)p->payload + at);
    packet->hash = net_checksum(tcp, 4);
    if (i->netif.chksum_flags & NETIF_CHECKSUM_GEN_TCP)
        return;
    if (is_left_out(i, p)) {
        tcp->chksum = sum;
        packet->sum = LINK_SUM_BLANK;
        return;
    }
    /* The pseudo header's sum is in the field while that of the whole is made. */
    tcp->chksum = sum;
    pbuf_remove_header(p, at);
    tcp->chksum = inet_chksum_pbuf(p);
    pbuf_add_header_force(p, at);
}

static err_t send_one(struct interface *i, struct pbuf *p) {
    struct link_piece pieces[PIECES];
    struct link_packet packet = {.pieces = pieces, .more = true};

    for (struct pbuf *q = p; q; q = q->next)
        if (q->len)
            pieces[packet.count++] = (struct link_piece){q->payload, q->len};
    prepare(i, p, &packet);
    long result = link_send(i->link, &packet);
    i->sends = true;
    return result >= 0 ? ERR_OK : result == -EAGAIN ? ERR_MEM : ERR_IF;
}

static err_t send(struct netif *netif, struct pbuf *p) {
    struct interface *i = (struct interface *)(void *)netif;
    unsigned count = 0;

    for (const struct pbuf *q = p; q; q = q->next)
        count++;
    if (count <= PIECES)
        return send_one(i, p);
    /* Many small pieces are put together. */
    struct pbuf *copy = net_copy(p);
    if (!copy)
        return ERR_MEM;
    err_t error = send_one(i, copy);
    pbuf_free(copy);
    return error;
}

void netifs_push(void) {
    struct netif *netif;

    NETIF_FOREACH(netif) {
        struct interface *i = (struct interface *)(void *)netif;
        if (netif->linkoutput != send || !i->sends)
            continue;
        i->sends = false;
        link_push(i->link);
    }
}

static void writable(struct link *link) {
    (void)link;
    net_enter();
    tcp_txnow();
    net_leave();
}

static void sent(struct link *link, void *const *tokens, unsigned count) {
    (void)link, (void)tokens, (void)count;
}

/* Their lives */

static err_t set_up(struct netif *netif) {
    struct interface *i = (struct interface *)(void *)netif;

    netif->name[0] = 'e';
    netif->name[1] = 't';
    netif->hwaddr_len = sizeof i->link->mac;
    memcpy(netif->hwaddr, i->link->mac, sizeof i->link->mac);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = send;
    return ERR_OK;
}

static bool has_address(const struct netif *netif) {
    return !ip4_addr_isany(netif_ip4_addr(netif));
}

static void on_status(struct netif *netif) {
    (void)netif;
    ready_notify(&settled, 1);
}

static void configure(struct interface *i) {
    setup_begin(&i->netif, i->link->number, i->link->said);
    stack_wake();
}

/* The link's properties are what they are now. With the lock. */
static void adopt(struct interface *i) {
    const struct link *link = i->link;
    uint16_t flags = NETIF_CHECKSUM_ENABLE_ALL;

    if (link->features & (LINK_CSUM4 | LINK_CSUM6))
        flags &= (uint16_t)~NETIF_CHECKSUM_GEN_TCP;
    NETIF_SET_CHECKSUM_CTRL(&i->netif, flags);
    i->netif.mtu = i->netif.mtu6 = link->mtu;
    if (link->is_up)
        netif_set_link_up(&i->netif);
    else
        netif_set_link_down(&i->netif);
    if (link->is_up && !i->is_begun)
        configure(i);
    i->is_begun |= link->is_up;
}

static void added(struct link *link) {
    struct interface *i = heap_alloc(sizeof *i);

    link->user = i;
    if (!i)
        return;
    i->link = link;
    net_enter();
    netif_add(&i->netif, NULL, NULL, NULL, NULL, set_up, netif_input);
    netif_set_status_callback(&i->netif, on_status);
    if (!netif_default)
        netif_set_default(&i->netif);
    adopt(i);
    net_leave();
}

static void changed(struct link *link) {
    struct interface *i = link->user;

    if (!i)
        return;
    net_enter();
    adopt(i);
    net_leave();
}

static void removed(struct link *link) {
    struct interface *i = link->user;

    if (!i)
        return;
    net_enter();
    dhcp_stop(&i->netif);
    dhcp_cleanup(&i->netif);
    dhcp6_disable(&i->netif);
    dhcp6_cleanup(&i->netif);
    netif_remove(&i->netif);
    if (!netif_default && netif_list && netif_list->linkoutput == send)
        netif_set_default(netif_list);
    net_leave();
    heap_free(i);
}

static const struct link_user user = {.room = ROUND_UP(sizeof(struct frame_piece), 16),
                                      .added = added,
                                      .changed = changed,
                                      .removed = removed,
                                      .receive = receive,
                                      .sent = sent,
                                      .writable = writable};

void netifs_start(void) {
    until = clock_monotonic() + SETTLE * NS_PER_SEC;
    if (links_start(&user))
        until = 0;
}

static bool is_settled(const struct interface *i) {
    return i->is_begun && (has_address(&i->netif) || !netif_dhcp_data(&i->netif));
}

static bool are_settled(void) {
    struct netif *netif;

    NETIF_FOREACH(netif)
    if (netif->linkoutput == send && !is_settled((struct interface *)(void *)netif))
        return false;
    return true;
}

void netifs_settle(void) {
    if (!until)
        return;
    links_wait(until);
    for (;;) {
        uint32_t seen = ready_seen(&settled);
        net_enter();
        bool is_over = are_settled() || clock_monotonic() >= until;
        net_leave();
        if (is_over)
            break;
        long error = ready_wait(&settled, seen, until, true);
        if (error == -ETIMEDOUT)
            break;
        if (error)
            return; /* a handler is to be called first */
    }
    resolver_write();
    until = 0;
}
