/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/opt.h"

#include LWIP_HOOK_FILENAME
#include "mm/heap.h"
#include "net/stack.h"

enum { MOST = 2048 }; /* packets on the way */

struct sent {
    struct sent *next;
    struct pbuf *packet;
};

static struct netif lo;
static struct sent *first, *last;
static unsigned count;

bool loop_is(const struct netif *netif) {
    return netif == &lo;
}

/* What cannot be is lost, as on any other way. */
static err_t send(struct pbuf *p) {
    struct sent *s = count < MOST ? heap_alloc(sizeof *s) : NULL;

    if (!s)
        return ERR_OK;
    s->packet = net_copy(p);
    if (!s->packet) {
        heap_free(s);
        return ERR_OK;
    }
    *(first ? &last->next : &first) = s;
    last = s;
    count++;
    return ERR_OK;
}

static err_t send4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to) {
    (void)netif, (void)to;
    return send(p);
}

static err_t send6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to) {
    (void)netif, (void)to;
    return send(p);
}

/* All of 127.0.0.0/8 is ours, but lwIP's interfaces have one address each. */
static void receive(struct pbuf *p) {
    const struct ip_hdr *header = p->payload;
    ip4_addr_t own = *netif_ip4_addr(&lo), to;

    if (p->len >= IP_HLEN && IPH_V(header) == 4) {
        ip4_addr_copy(to, header->dest);
        if (ip4_addr_isloopback(&to))
            ip_addr_copy_from_ip4(lo.ip_addr, to);
    }
    p->if_idx = netif_get_index(&lo);
    if (ip_input(p, &lo) != ERR_OK)
        pbuf_free(p);
    ip_addr_copy_from_ip4(lo.ip_addr, own);
}

void loop_deliver(void) {
    while (first) {
        struct sent *s = first;
        first = s->next;
        count--;
        receive(s->packet);
        heap_free(s);
    }
}

static err_t set_up(struct netif *netif) {
    netif->name[0] = 'l';
    netif->name[1] = 'o';
    netif->mtu = 65535;
    netif->mtu6 = 65535;
    netif->output = send4;
    netif->output_ip6 = send6;
    netif->flags = NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
    NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_DISABLE_ALL);
    return ERR_OK;
}

void loop_init(void) {
    ip4_addr_t address, mask, gateway;

    IP4_ADDR(&address, 127, 0, 0, 1);
    IP4_ADDR(&mask, 255, 0, 0, 0);
    ip4_addr_set_zero(&gateway);
    netif_add(&lo, &address, &mask, &gateway, NULL, set_up, ip_input);
    lo.rs_count = 0;
    IP_ADDR6_HOST(&lo.ip6_addr[0], 0, 0, 0, 1);
    netif_ip6_addr_set_state(&lo, 0, IP6_ADDR_PREFERRED);
    netif_set_up(&lo);
}

static bool is_own4(const ip4_addr_t *a) {
    struct netif *netif;

    if (ip4_addr_isloopback(a))
        return true;
    NETIF_FOREACH(netif)
    if (!ip4_addr_isany(a) && ip4_addr_eq(a, netif_ip4_addr(netif)))
        return true;
    return false;
}

static bool is_own6(const ip6_addr_t *a) {
    struct netif *netif;

    if (ip6_addr_isloopback(a))
        return true;
    NETIF_FOREACH(netif)
    if (netif_get_ip6_addr_match(netif, a) >= 0)
        return true;
    return false;
}

bool net_is_own(const ip_addr_t *a) {
    return IP_IS_V6(a) ? is_own6(ip_2_ip6(a)) : is_own4(ip_2_ip4(a));
}

struct netif *net_route4(const ip4_addr_t *from, const ip4_addr_t *to) {
    (void)from;
    return is_own4(to) ? &lo : NULL;
}

struct netif *net_route6(const ip6_addr_t *from, const ip6_addr_t *to) {
    (void)from;
    return is_own6(to) ? &lo : NULL;
}
