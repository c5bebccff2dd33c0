/* SPDX-License-Identifier: MIT */
/*
 * ICMP's messages that something did not reach its end. lwIP ignores them; a socket whose
 * packet it was is told. What such a message holds is anybody's word: it counts only for a
 * socket that is connected, with those very ends, and closes no connection that is there.
 */
#include <errno.h>

#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/opt.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/tcp.h"
#include "lwip/udp.h"

#include LWIP_HOOK_FILENAME
#include "lwip/priv/tcp_priv.h"
#include "net/datagram.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/syn.h"

enum { HEAD = 8 /* of ICMP, and what there is of the other's data */ };

/* By the code; with HARD those that a datagram's socket is told of as well. */
enum { HARD = 0x100 };
static const uint16_t errors4[] = {
    ENETUNREACH,   EHOSTUNREACH,        ENOPROTOOPT | HARD,  ECONNREFUSED | HARD,
    EMSGSIZE,      EOPNOTSUPP,          ENETUNREACH | HARD,  EHOSTDOWN | HARD,
    ENONET | HARD, ENETUNREACH | HARD,  EHOSTUNREACH | HARD, ENETUNREACH,
    EHOSTUNREACH,  EHOSTUNREACH | HARD, EHOSTUNREACH | HARD, EHOSTUNREACH | HARD,
};
static const uint16_t errors6[] = {
    ENETUNREACH,         EACCES | HARD, EHOSTUNREACH,  EHOSTUNREACH,
    ECONNREFUSED | HARD, EACCES | HARD, EACCES | HARD,
};

struct lost {
    ip_addr_t from, to; /* as we sent it */
    uint8_t protocol;
    uint16_t from_port, to_port;
    uint32_t sequence;
    unsigned error;
};

static void tell_datagram(const struct lost *l) {
    if (!(l->error & HARD))
        return;
    for (struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next) {
        struct datagram *d = pcb->recv_arg;
        if (pcb->local_port != l->from_port || pcb->remote_port != l->to_port ||
            !(pcb->flags & UDP_FLAGS_CONNECTED) || !d ||
            !ip_addr_zoneless_eq(&pcb->remote_ip, &l->to))
            continue;
        __atomic_store_n(&d->inet.socket.error, (int)(l->error & ~(unsigned)HARD),
                         __ATOMIC_SEQ_CST);
        datagram_tell(d, POLLERR);
        return;
    }
}

/* A connection that is being tried fails at once. */
static void tell_stream(const struct lost *l) {
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
        if (pcb->state == SYN_SENT && pcb->local_port == l->from_port &&
            pcb->remote_port == l->to_port && pcb->snd_nxt == l->sequence + 1 &&
            ip_addr_zoneless_eq(&pcb->remote_ip, &l->to) && pcb->callback_arg) {
            stream_fail(pcb->callback_arg, (int)(l->error & ~(unsigned)HARD));
            return;
        }
}

static void tell(struct pbuf *p, uint16_t at, struct lost *l) {
    struct {
        uint16_t from, to;
        uint32_t sequence;
    } ports;

    if (pbuf_copy_partial(p, &ports, sizeof ports, at) != sizeof ports)
        return;
    l->from_port = lwip_ntohs(ports.from);
    l->to_port = lwip_ntohs(ports.to);
    l->sequence = lwip_ntohl(ports.sequence);
    if (l->protocol == IP_PROTO_UDP)
        tell_datagram(l);
    else if (l->protocol == IP_PROTO_TCP)
        tell_stream(l);
}

/* Is ICMP's part of the packet, behind that header, whole? The loopback's always is. */
static bool is_whole(struct pbuf *p, uint16_t header, const struct netif *from) {
    if (loop_is(from))
        return true;
    if (pbuf_remove_header(p, header))
        return false;
    bool is_good = !inet_chksum_pbuf(p);
    pbuf_header_force(p, (s16_t)header);
    return is_good;
}

static void look_at_segment4(const struct pbuf *p) {
    const struct ip_hdr *ip = p->payload;
    uint16_t size = IPH_HL_BYTES(ip);
    struct tcp_hdr tcp;
    ip_addr_t source, to;

    if (IPH_OFFSET(ip) & PP_HTONS(IP_OFFMASK | IP_MF) ||
        pbuf_copy_partial(p, &tcp, sizeof tcp, size) != sizeof tcp)
        return;
    ip_addr_copy_from_ip4(source, ip->src);
    ip_addr_copy_from_ip4(to, ip->dest);
    syn_look(&tcp, &source, &to);
}

int net_look4(struct pbuf *p, struct netif *from) {
    const struct ip_hdr *outer = p->payload;
    struct ip_hdr inner;
    uint8_t icmp[HEAD];
    struct lost l;

    if (p->len < IP_HLEN || IPH_V(outer) != 4)
        return 0;
    if (IPH_PROTO(outer) == IP_PROTO_TCP)
        look_at_segment4(p);
    if (IPH_PROTO(outer) != IP_PROTO_ICMP)
        return 0;
    uint16_t size = IPH_HL_BYTES(outer);
    if (size < IP_HLEN || size > p->len ||
        IPH_OFFSET(outer) & PP_HTONS(IP_OFFMASK | IP_MF) ||
        pbuf_copy_partial(p, icmp, sizeof icmp, size) != sizeof icmp ||
        icmp[0] != ICMP_DUR || icmp[1] >= ARRAY_SIZE(errors4) ||
        pbuf_copy_partial(p, &inner, sizeof inner, size + HEAD) != sizeof inner ||
        IPH_V(&inner) != 4 || IPH_HL_BYTES(&inner) < IP_HLEN || !is_whole(p, size, from))
        return 0;
    l.error = errors4[icmp[1]];
    l.protocol = IPH_PROTO(&inner);
    ip_addr_copy_from_ip4(l.from, inner.src);
    ip_addr_copy_from_ip4(l.to, inner.dest);
    tell(p, (uint16_t)(size + HEAD + IPH_HL_BYTES(&inner)), &l);
    return 0;
}

/* The checksum has the addresses in it; lwIP looks at it only later. */
static bool is_whole6(struct pbuf *p, const struct netif *from) {
    const struct ip6_hdr *h = p->payload;
    ip6_addr_t source, to;

    if (loop_is(from))
        return true;
    ip6_addr_copy_from_packed(source, h->src);
    ip6_addr_copy_from_packed(to, h->dest);
    if (pbuf_remove_header(p, IP6_HLEN))
        return false;
    bool is_good = !ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, &source, &to);
    pbuf_header_force(p, IP6_HLEN);
    return is_good;
}

static void look_at_segment6(const struct pbuf *p) {
    const struct ip6_hdr *ip = p->payload;
    struct tcp_hdr tcp;
    ip_addr_t source, to;

    if (pbuf_copy_partial(p, &tcp, sizeof tcp, IP6_HLEN) != sizeof tcp)
        return;
    ip_addr_copy_from_ip6_packed(source, ip->src);
    ip_addr_copy_from_ip6_packed(to, ip->dest);
    syn_look(&tcp, &source, &to);
}

int net_look6(struct pbuf *p, struct netif *from) {
    const struct ip6_hdr *outer = p->payload;
    struct ip6_hdr inner;
    uint8_t icmp[HEAD];
    struct lost l;

    if (p->len < IP6_HLEN || IP6H_V(outer) != 6)
        return 0;
    if (IP6H_NEXTH(outer) == IP6_NEXTH_TCP)
        look_at_segment6(p);
    if (IP6H_NEXTH(outer) != IP6_NEXTH_ICMP6)
        return 0;
    if (pbuf_copy_partial(p, icmp, sizeof icmp, IP6_HLEN) != sizeof icmp ||
        icmp[0] != ICMP6_TYPE_DUR || icmp[1] >= ARRAY_SIZE(errors6) ||
        pbuf_copy_partial(p, &inner, sizeof inner, IP6_HLEN + HEAD) != sizeof inner ||
        IP6H_V(&inner) != 6 || !is_whole6(p, from))
        return 0;
    l.error = errors6[icmp[1]];
    l.protocol = IP6H_NEXTH(&inner);
    ip_addr_copy_from_ip6_packed(l.from, inner.src);
    ip_addr_copy_from_ip6_packed(l.to, inner.dest);
    tell(p, IP6_HLEN + HEAD + IP6_HLEN, &l);
    return 0;
}
