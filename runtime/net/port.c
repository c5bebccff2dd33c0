/* SPDX-License-Identifier: MIT */
/* Who may have which port, by Linux's rules; lwIP is told that all may be shared. */
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"
#include "net/inet.h"
#include "net/stack.h"

enum { FIRST = 32768, PORTS = 28232 };

uint8_t port_ends(const struct inet *i) {
    bool reuses = i->socket.options >> SO_REUSEADDR & 1;
    bool shares = i->socket.options >> SO_REUSEPORT & 1;

    return (uint8_t)((reuses ? ENDS_REUSE : 0) | (shares ? ENDS_SHARE : 0));
}

static bool overlap(const ip_addr_t *a, const ip_addr_t *b) {
    bool any_a = ip_addr_isany(a), any_b = ip_addr_isany(b);

    if (IP_GET_TYPE(a) != IP_GET_TYPE(b) && !(any_a && IP_GET_TYPE(a) == IPADDR_TYPE_ANY) &&
        !(any_b && IP_GET_TYPE(b) == IPADDR_TYPE_ANY))
        return false;
    return any_a || any_b || ip_addr_eq(a, b);
}

static bool stream_conflicts(const struct tcp_pcb *pcb, const struct end *end,
                             uint8_t ends) {
    if (pcb->local_port != end->port)
        return false;
    if (ends & pcb->so_options & ENDS_REUSE && pcb->state != LISTEN)
        return false;
    if (ends & pcb->so_options & ENDS_SHARE)
        return false;
    return overlap(&end->address, &pcb->local_ip);
}

static bool stream_is_taken(const struct end *end, uint8_t ends) {
    for (unsigned i = 0; i < NUM_TCP_PCB_LISTS; i++)
        for (struct tcp_pcb *pcb = *tcp_pcb_lists[i]; pcb; pcb = pcb->next)
            if (stream_conflicts(pcb, end, ends))
                return true;
    return false;
}

static bool datagram_is_taken(const struct end *end, uint8_t ends) {
    for (struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next)
        if (pcb->local_port == end->port && overlap(&end->address, &pcb->local_ip) &&
            !(ends & pcb->so_options & (ENDS_REUSE | ENDS_SHARE)))
            return true;
    return false;
}

bool port_is_taken(bool stream, const struct end *end, uint8_t ends) {
    return stream ? stream_is_taken(end, ends) : datagram_is_taken(end, ends);
}

uint16_t port_choose(bool stream, const ip_addr_t *address, uint8_t ends) {
    uint32_t start = net_random() % PORTS;
    struct end end;

    (void)ends;
    ip_addr_copy(end.address, *address);
    for (uint32_t i = 0; i < PORTS; i++) {
        end.port = (uint16_t)(FIRST + (start + i) % PORTS);
        if (!port_is_taken(stream, &end, 0))
            return end.port;
    }
    return 0;
}
