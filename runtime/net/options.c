/* SPDX-License-Identifier: MIT */
/* Options of IP and of IPv6, and SOL_SOCKET's that are only kept. */
#include <errno.h>
#include <netinet/in.h>

#include "base/string.h"
#include "lwip/igmp.h"
#include "lwip/mld6.h"
#include "lwip/netif.h"
#include "net/inet.h"
#include "net/loop.h"
#include "net/stack.h"

enum { DEFAULT_TTL = 64, INTERFACE_BY_NAME = 16 };

void inet_init_options(struct inet *i) {
    i->options = (struct inet_options){.ttl = -1,
                                       .hops = -1,
                                       .many_ttl = -1,
                                       .many_loop = true,
                                       .discovers4 = 1,
                                       .discovers6 = 1};
}

/* The interface of that index, or that has the address; else the first that is no loopback.
 */
static struct netif *find_netif(int index, const ip4_addr_t *address) {
    struct netif *netif, *any = NULL;

    NETIF_FOREACH(netif) {
        if (index ? netif_get_index(netif) == index
                  : address && !ip4_addr_isany(address) &&
                        ip4_addr_eq(netif_ip4_addr(netif), address))
            return netif;
        if (!any || loop_is(any))
            any = netif;
    }
    return index || (address && !ip4_addr_isany(address)) ? NULL : any;
}

static long join4(const void *value, unsigned size, bool joins) {
    struct ip_mreqn request = {0};
    ip4_addr_t group, own;

    if (size < sizeof(struct ip_mreq))
        return -EINVAL;
    memcpy(&request, value, MIN(size, (unsigned)sizeof request));
    ip4_addr_set_u32(&group, request.imr_multiaddr.s_addr);
    ip4_addr_set_u32(&own, request.imr_address.s_addr);
    if (!ip4_addr_ismulticast(&group))
        return -EINVAL;
    struct netif *netif = find_netif(request.imr_ifindex, &own);
    if (!netif)
        return -ENODEV;
    err_t error =
        joins ? igmp_joingroup_netif(netif, &group) : igmp_leavegroup_netif(netif, &group);
    return error == ERR_OK ? 0 : joins ? -ENOBUFS : -EADDRNOTAVAIL;
}

static long join6(const void *value, unsigned size, bool joins) {
    struct ipv6_mreq request;
    ip6_addr_t group;

    if (size < sizeof request)
        return -EINVAL;
    memcpy(&request, value, sizeof request);
    memset(&group, 0, sizeof group);
    memcpy(group.addr, &request.ipv6mr_multiaddr, 16);
    if (!ip6_addr_ismulticast(&group))
        return -EINVAL;
    struct netif *netif = find_netif((int)request.ipv6mr_interface, NULL);
    if (!netif)
        return -ENODEV;
    ip6_addr_assign_zone(&group, IP6_MULTICAST, netif);
    err_t error =
        joins ? mld6_joingroup_netif(netif, &group) : mld6_leavegroup_netif(netif, &group);
    return error == ERR_OK ? 0 : joins ? -ENOBUFS : -EADDRNOTAVAIL;
}

static long set_interface4(struct inet *i, const void *value, unsigned size) {
    struct ip_mreqn request = {0};
    ip4_addr_t own;

    if (size < sizeof(struct in_addr))
        return -EINVAL;
    if (size >= sizeof(struct ip_mreq))
        memcpy(&request, value, MIN(size, (unsigned)sizeof request));
    else
        memcpy(&request.imr_address, value, sizeof request.imr_address);
    ip4_addr_set_u32(&own, request.imr_address.s_addr);
    if (!request.imr_ifindex && ip4_addr_isany(&own)) {
        i->options.many_index = 0;
        return 0;
    }
    struct netif *netif = find_netif(request.imr_ifindex, &own);
    if (i->socket.type == SOCK_STREAM)
        return -EINVAL;
    if (netif)
        i->options.many_index = netif_get_index(netif);
    return netif ? 0 : -EADDRNOTAVAIL;
}

/* Most of IP's numbers may be given as one byte. */
static long read_number(const void *value, unsigned size, int *number) {
    *number = 0;
    if (size >= sizeof *number)
        memcpy(number, value, sizeof *number);
    else if (size)
        *number = *(const uint8_t *)value;
    else
        return -EINVAL;
    return 0;
}

static long set_ttl(int *to, int number, int least) {
    if (number < -1 || number > 255 || (number >= 0 && number < least))
        return -EINVAL;
    *to = number;
    return 0;
}

static long set4(struct inet *i, int name, const void *value, unsigned size) {
    struct inet_options *o = &i->options;
    int number;
    long error;

    switch (name) {
    case IP_ADD_MEMBERSHIP:
    case IP_DROP_MEMBERSHIP:
        return join4(value, size, name == IP_ADD_MEMBERSHIP);
    case IP_MULTICAST_IF:
        return set_interface4(i, value, size);
    }
    if (name == IP_MULTICAST_TTL && i->socket.type == SOCK_STREAM)
        return -EINVAL;
    error = read_number(value, size, &number);
    if (error)
        return error;
    switch (name) {
    case IP_TTL:
        return set_ttl(&o->ttl, number, 1);
    case IP_MULTICAST_TTL:
        return set_ttl(&o->many_ttl, number, 0);
    case IP_TOS:
        o->tos = (uint8_t)number;
        return 0;
    case IP_MULTICAST_LOOP:
        if (number != 0 && number != 1)
            return -EINVAL;
        o->many_loop = number;
        return 0;
    case IP_PKTINFO:
        o->tells_info4 = number;
        return 0;
    case IP_RECVTTL:
        o->tells_ttl = number;
        return 0;
    case IP_RECVTOS:
        o->tells_tos = number;
        return 0;
    case IP_RECVERR:
        o->tells_errors4 = number;
        return 0;
    case IP_MTU_DISCOVER:
        if (number < 0 || number > 5)
            return -EINVAL;
        o->discovers4 = number;
        return 0;
    case IP_HDRINCL:
        if (i->socket.type != SOCK_RAW)
            return -ENOPROTOOPT;
        o->has_header = number;
        return 0;
    case IP_FREEBIND:
        o->free_bind = number;
        return 0;
    case IP_TRANSPARENT:
        o->transparent = number;
        return 0;
    case IP_MULTICAST_ALL:
    case IP_BIND_ADDRESS_NO_PORT:
    case IP_RECVORIGDSTADDR:
    case IP_OPTIONS:
        return 0;
    }
    return -ENOPROTOOPT;
}

static long set_only6(struct inet *i, int number) {
    if (i->is_bound)
        return -EINVAL;
    i->only6 = number;
    inet_any(i, &i->local.address);
    inet_any(i, &i->remote.address);
    return 0;
}

static long set6(struct inet *i, int name, const void *value, unsigned size) {
    struct inet_options *o = &i->options;
    int number;

    if (name == IPV6_JOIN_GROUP || name == IPV6_LEAVE_GROUP)
        return join6(value, size, name == IPV6_JOIN_GROUP);
    if (size < sizeof number)
        return -EINVAL;
    if (i->socket.type == SOCK_STREAM &&
        (name == IPV6_MULTICAST_HOPS || name == IPV6_MULTICAST_IF))
        return -ENOPROTOOPT;
    memcpy(&number, value, sizeof number);
    switch (name) {
    case IPV6_V6ONLY:
        return set_only6(i, number);
    case IPV6_UNICAST_HOPS:
        return set_ttl(&o->hops, number, 0);
    case IPV6_MULTICAST_HOPS:
        return set_ttl(&o->many_ttl, number, 0);
    case IPV6_MULTICAST_LOOP:
        if (number != 0 && number != 1)
            return -EINVAL;
        o->many_loop = number;
        return 0;
    case IPV6_MULTICAST_IF:
        if (number && !find_netif(number, NULL))
            return -ENODEV;
        o->many_index = (uint8_t)number;
        return 0;
    case IPV6_TCLASS:
        if (number < -1 || number > 255)
            return -EINVAL;
        o->class = number < 0 ? 0 : (uint8_t)number;
        return 0;
    case IPV6_RECVPKTINFO:
        o->tells_info6 = number;
        return 0;
    case IPV6_RECVHOPLIMIT:
        o->tells_hops = number;
        return 0;
    case IPV6_RECVTCLASS:
        o->tells_class = number;
        return 0;
    case IPV6_RECVERR:
        o->tells_errors6 = number;
        return 0;
    case IPV6_MTU_DISCOVER:
        if (number < 0 || number > 5)
            return -EINVAL;
        o->discovers6 = number;
        return 0;
    case IPV6_FREEBIND:
        o->free_bind = number;
        return 0;
    case IPV6_TRANSPARENT:
        o->transparent = number;
        return 0;
    case IPV6_DONTFRAG:
    case IPV6_AUTOFLOWLABEL:
    case IPV6_ADDR_PREFERENCES:
        return 0;
    }
    return -ENOPROTOOPT;
}

static long set_common(int name, unsigned size) {
    switch (name) {
    case SO_PRIORITY:
    case SO_RCVLOWAT:
    case SO_MARK:
    case SO_BUSY_POLL:
    case SO_INCOMING_CPU:
    case SO_NO_CHECK:
    case SO_MAX_PACING_RATE:
    case SO_TIMESTAMPNS:
    case SO_ZEROCOPY:
        return size < sizeof(int) ? -EINVAL : 0;
    case SO_BINDTODEVICE:
        return 0;
    }
    return -ENOPROTOOPT;
}

long inet_set(struct socket *socket, int level, int name, const void *value,
              unsigned size) {
    struct inet *i = inet_of(socket);
    long error = -ENOPROTOOPT;

    net_enter();
    if (level == SOL_SOCKET)
        error = set_common(name, size);
    else if (level == IPPROTO_IP)
        error = set4(i, name, value, size);
    else if (level == IPPROTO_IPV6 && socket->family == AF_INET6)
        error = set6(i, name, value, size);
    net_leave();
    return error;
}

static long get4(const struct inet *i, int name, int *number) {
    const struct inet_options *o = &i->options;

    switch (name) {
    case IP_TTL:
        *number = o->ttl < 0 ? DEFAULT_TTL : o->ttl;
        return 0;
    case IP_MULTICAST_TTL:
        *number = o->many_ttl < 0 ? 1 : o->many_ttl;
        return 0;
    case IP_TOS:
        *number = o->tos;
        return 0;
    case IP_MULTICAST_LOOP:
        *number = o->many_loop;
        return 0;
    case IP_PKTINFO:
        *number = o->tells_info4;
        return 0;
    case IP_RECVTTL:
        *number = o->tells_ttl;
        return 0;
    case IP_RECVTOS:
        *number = o->tells_tos;
        return 0;
    case IP_RECVERR:
        *number = o->tells_errors4;
        return 0;
    case IP_MTU_DISCOVER:
        *number = o->discovers4;
        return 0;
    case IP_FREEBIND:
        *number = o->free_bind;
        return 0;
    case IP_TRANSPARENT:
        *number = o->transparent;
        return 0;
    case IP_MTU:
        *number = LOOP_MTU;
        return i->remote.port ? 0 : -ENOTCONN;
    case IP_HDRINCL:
        *number = o->has_header;
        return i->socket.type == SOCK_RAW ? 0 : -ENOPROTOOPT;
    }
    return -ENOPROTOOPT;
}

static long get6(const struct inet *i, int name, int *number) {
    const struct inet_options *o = &i->options;

    switch (name) {
    case IPV6_V6ONLY:
        *number = i->only6;
        return 0;
    case IPV6_UNICAST_HOPS:
        *number = o->hops < 0 ? DEFAULT_TTL : o->hops;
        return 0;
    case IPV6_MULTICAST_HOPS:
        *number = o->many_ttl < 0 ? 1 : o->many_ttl;
        return 0;
    case IPV6_MULTICAST_LOOP:
        *number = o->many_loop;
        return 0;
    case IPV6_MULTICAST_IF:
        *number = o->many_index;
        return 0;
    case IPV6_TCLASS:
        *number = o->class;
        return 0;
    case IPV6_RECVPKTINFO:
        *number = o->tells_info6;
        return 0;
    case IPV6_RECVHOPLIMIT:
        *number = o->tells_hops;
        return 0;
    case IPV6_RECVTCLASS:
        *number = o->tells_class;
        return 0;
    case IPV6_RECVERR:
        *number = o->tells_errors6;
        return 0;
    case IPV6_MTU_DISCOVER:
        *number = o->discovers6;
        return 0;
    }
    return -ENOPROTOOPT;
}

/* With less room than a number needs, one that fits is told as a byte. */
static void write_number(int number, void *value, unsigned *size, bool as_byte) {
    if (as_byte && *size < sizeof number && *size && number >= 0 && number <= 255) {
        *(uint8_t *)value = (uint8_t)number;
        *size = 1;
        return;
    }
    *size = MIN(*size, (unsigned)sizeof number);
    memcpy(value, &number, *size);
}

long inet_get(struct socket *socket, int level, int name, void *value, unsigned *size) {
    struct inet *i = inet_of(socket);
    long error = -ENOPROTOOPT;
    int number = 0;

    net_enter();
    if (level == SOL_SOCKET)
        error = set_common(name, sizeof number);
    else if (level == IPPROTO_IP)
        error = get4(i, name, &number);
    else if (level == IPPROTO_IPV6 && socket->family == AF_INET6)
        error = get6(i, name, &number);
    net_leave();
    if (level == SOL_SOCKET && name == SO_BINDTODEVICE) {
        *size = 0;
        return 0;
    }
    if (!error)
        write_number(number, value, size, level == IPPROTO_IP);
    return error;
}
