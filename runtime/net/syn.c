/* SPDX-License-Identifier: MIT */
/*
 * A connection that begins. If its ends are those of one that has ended and is only
 * remembered, that one is forgotten (RFC 6191), where lwIP would let the new one wait. And
 * who only begins, and never answers, keeps nobody else out: the oldest of those gives way.
 */
#include "net/syn.h"

#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"

enum { REMEMBERED = 4096 };

/* What is remembered of the other end is older than this segment. */
static void forget(const struct tcp_hdr *h, const ip_addr_t *from, const ip_addr_t *to) {
    uint16_t port = lwip_ntohs(h->dest), remote = lwip_ntohs(h->src);

    for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb; pcb = pcb->next)
        if (pcb->local_port == port && pcb->remote_port == remote &&
            ip_addr_zoneless_eq(&pcb->remote_ip, from) &&
            ip_addr_zoneless_eq(&pcb->local_ip, to)) {
            if (TCP_SEQ_GT(lwip_ntohl(h->seqno), pcb->rcv_nxt))
                tcp_abort(pcb);
            return;
        }
}

/* lwIP puts the new ones in front. */
static void give_way(const struct tcp_pcb_listen *listener) {
    struct tcp_pcb *oldest = NULL;

    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
        if (pcb->state == SYN_RCVD && pcb->listener == listener)
            oldest = pcb;
    if (oldest)
        tcp_abandon(oldest, 0);
}

void syn_look(const struct tcp_hdr *h, const ip_addr_t *from, const ip_addr_t *to) {
    uint16_t port = lwip_ntohs(h->dest);

    if ((TCPH_FLAGS(h) & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return;
    forget(h, from, to);
    for (struct tcp_pcb_listen *l = tcp_listen_pcbs.listen_pcbs; l; l = l->next)
        if (l->local_port == port && l->backlog && l->accepts_pending >= l->backlog)
            give_way(l);
}

void syn_trim(void) {
    struct tcp_pcb *pcb = tcp_tw_pcbs, *next;

    for (unsigned i = 0; pcb && i < REMEMBERED; i++)
        pcb = pcb->next;
    for (; pcb; pcb = next) {
        next = pcb->next;
        tcp_abort(pcb);
    }
}
