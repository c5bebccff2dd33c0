/* SPDX-License-Identifier: MIT */
/* Addresses as programs write them. */
#include <errno.h>
#include <netinet/in.h>

#include "base/string.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "net/inet.h"
#include "net/loop.h"
#include "net/netif.h"

enum { SHORT6 = 24 /* without the scope */, NO_GROUP = 0 };

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static uint16_t swap(uint16_t word) {
    return (uint16_t)(word << 8 | word >> 8);
}

static long read4(const struct sockaddr_storage *from, unsigned size, struct end *to) {
    struct sockaddr_in in;

    if (size < sizeof in)
        return -EINVAL;
    if (from->ss_family != AF_INET)
        return -EAFNOSUPPORT;
    memcpy(&in, from, sizeof in);
    memset(to, 0, sizeof *to);
    ip_addr_set_ip4_u32(&to->address, in.sin_addr.s_addr);
    to->port = swap(in.sin_port);
    return 0;
}

static long read6(const struct inet *i, const struct sockaddr_storage *from, unsigned size,
                  struct end *to) {
    struct sockaddr_in6 in = {0};
    uint32_t words[4];

    if (size < SHORT6)
        return -EINVAL;
    if (from->ss_family != AF_INET6)
        return -EAFNOSUPPORT;
    memcpy(&in, from, MIN(size, (unsigned)sizeof in));
    memset(to, 0, sizeof *to);
    to->port = swap(in.sin6_port);
    memcpy(words, &in.sin6_addr, sizeof words);
    if (!memcmp(&in.sin6_addr, mapped, sizeof mapped)) {
        ip_addr_set_ip4_u32(&to->address, words[3]);
        return i->only6 ? -ENETUNREACH : 0;
    }
    IP_ADDR6(&to->address, words[0], words[1], words[2], words[3]);
    if (in.sin6_scope_id && ip6_addr_has_scope(ip_2_ip6(&to->address), IP6_UNKNOWN))
        ip6_addr_set_zone(ip_2_ip6(&to->address), (u8_t)in.sin6_scope_id);
    return 0;
}

long inet_read_address(const struct inet *i, const struct sockaddr_storage *from,
                       unsigned size, struct end *to) {
    return i->socket.family == AF_INET ? read4(from, size, to) : read6(i, from, size, to);
}

static bool is_near(const struct sockaddr_storage *to) {
    const struct sockaddr_in *in = (const void *)to;
    const struct sockaddr_in6 *in6 = (const void *)to;
    static const uint8_t zeros[15];
    const uint8_t *bytes = in6->sin6_addr.s6_addr;

    if (to->ss_family == AF_INET)
        return !in->sin_addr.s_addr || (in->sin_addr.s_addr & 0xff) == 127;
    if (!memcmp(bytes, mapped, sizeof mapped))
        return bytes[12] == 127;
    return to->ss_family != AF_INET6 ||
           (!memcmp(bytes, zeros, sizeof zeros) && bytes[15] < 2);
}

void inet_settle(const struct sockaddr_storage *to) {
    if (!is_near(to))
        netifs_settle();
}

void inet_mapped(const ip_addr_t *from, void *to) {
    if (IP_IS_V4(from)) {
        memcpy(to, mapped, sizeof mapped);
        memcpy((char *)to + sizeof mapped, &ip_2_ip4(from)->addr, 4);
    } else {
        memcpy(to, ip_2_ip6(from)->addr, 16);
    }
}

void inet_write_address(const struct inet *i, const struct end *from,
                        struct sockaddr_storage *to, unsigned *size) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = swap(from->port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = swap(from->port)};

    *to = (struct sockaddr_storage){0};
    if (i->socket.family == AF_INET) {
        in.sin_addr.s_addr = ip_2_ip4(&from->address)->addr;
        memcpy(to, &in, *size = sizeof in);
        return;
    }
    if (IP_IS_V6(&from->address) || !ip_addr_isany(&from->address))
        inet_mapped(&from->address, &in6.sin6_addr);
    if (IP_IS_V6(&from->address) && ip6_addr_has_zone(ip_2_ip6(&from->address)))
        in6.sin6_scope_id = ip6_addr_zone(ip_2_ip6(&from->address));
    memcpy(to, &in6, *size = sizeof in6);
}

void inet_any(const struct inet *i, ip_addr_t *any) {
    memset(any, 0, sizeof *any);
    IP_SET_TYPE(any, i->socket.family == AF_INET ? IPADDR_TYPE_V4
                     : i->only6                  ? IPADDR_TYPE_V6
                                                 : IPADDR_TYPE_ANY);
}

long inet_read_own(const struct inet *i, const struct sockaddr_storage *from, unsigned size,
                   bool groups, struct end *to) {
    struct sockaddr_storage own = *from;
    long error;

    /* An old habit that Linux lets pass: all zeros. */
    if (i->socket.family == AF_INET && own.ss_family == AF_UNSPEC &&
        size >= sizeof(struct sockaddr_in) &&
        !((struct sockaddr_in *)(void *)&own)->sin_addr.s_addr)
        own.ss_family = AF_INET;
    error = inet_read_address(i, &own, size, to);
    if (error)
        return error == -ENETUNREACH ? -EINVAL : error;
    if (ip_addr_isany(&to->address)) {
        if (IP_IS_V6(&to->address) || i->socket.family == AF_INET)
            inet_any(i, &to->address);
        return 0;
    }
    if (net_is_own(&to->address) || i->options.free_bind || i->options.transparent)
        return 0;
    bool is_group =
        ip_addr_ismulticast(&to->address) ||
        (IP_IS_V4(&to->address) && ip_2_ip4(&to->address)->addr == IPADDR_BROADCAST);
    return groups && is_group ? 0 : -EADDRNOTAVAIL;
}

/* The first interface that is no loopback, for groups. */
static struct netif *by_index(uint8_t index) {
    return index ? netif_get_by_index(index) : NULL;
}

long inet_route(const struct inet *i, const ip_addr_t *to, ip_addr_t *source,
                struct netif **by) {
    bool is_own = net_is_own(to);
    struct netif *netif = NULL;

    if (ip_addr_ismulticast(to))
        netif = by_index(i->options.many_index);
    if (!netif)
        netif = ip_route(&i->local.address, to);
    if (!netif || (loop_is(netif) && !is_own && !ip_addr_ismulticast(to)))
        return -ENETUNREACH;
    *by = netif;
    if (!ip_addr_isany(&i->local.address) && !ip_addr_ismulticast(&i->local.address)) {
        ip_addr_copy(*source, i->local.address);
        return 0;
    }
    if (is_own && !ip_addr_isloopback(to)) {
        ip_addr_copy(*source, *to);
        return 0;
    }
    const ip_addr_t *own = ip_netif_get_local_ip(netif, to);
    if (!own || (IP_IS_V4(own) && ip_addr_isany(own)))
        return -ENETUNREACH;
    ip_addr_copy(*source, *own);
    return 0;
}
