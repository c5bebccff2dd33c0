/* SPDX-License-Identifier: MIT */
#include "net/interface.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include "base/string.h"
#include "lwip/netif.h"
#include "net/inet.h"
#include "net/loop.h"
#include "net/netif.h"
#include "net/stack.h"
#include "pv/access.h"

void interface_name(const struct netif *netif, char name[INTERFACE_NAME]) {
    unsigned number = netif->num - 1u, at = 3;

    memset(name, 0, INTERFACE_NAME);
    if (loop_is(netif)) {
        memcpy(name, "lo", 2);
        return;
    }
    memcpy(name, "eth", 3);
    if (number >= 100)
        name[at++] = (char)('0' + number / 100);
    if (number >= 10)
        name[at++] = (char)('0' + number / 10 % 10);
    name[at] = (char)('0' + number % 10);
}

unsigned interface_flags(const struct netif *netif) {
    unsigned flags = loop_is(netif) ? IFF_LOOPBACK : IFF_BROADCAST | IFF_MULTICAST;

    if (netif_is_up(netif))
        flags |= IFF_UP;
    if (netif_is_up(netif) && netif_is_link_up(netif))
        flags |= IFF_RUNNING;
    return flags;
}

unsigned interface_mtu(const struct netif *netif) {
    return loop_is(netif) ? LOOP_MTU : netif->mtu;
}

static struct netif *find(const char *wanted) {
    char name[INTERFACE_NAME];
    struct netif *netif;

    NETIF_FOREACH(netif) {
        interface_name(netif, name);
        if (!strncmp(name, wanted, INTERFACE_NAME))
            return netif;
    }
    return NULL;
}

static void set_address(struct sockaddr *to, uint32_t address) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};

    memcpy(to, &in, sizeof in);
}

static long tell_address(const struct netif *netif, unsigned request, struct ifreq *r) {
    uint32_t address = netif_ip4_addr(netif)->addr;
    uint32_t mask = netif_ip4_netmask(netif)->addr;

    if (!address)
        return -EADDRNOTAVAIL;
    if (request == SIOCGIFNETMASK)
        address = mask;
    else if (request == SIOCGIFBRDADDR)
        address = loop_is(netif) ? 0 : address | ~mask;
    set_address(&r->ifr_addr, address);
    return 0;
}

static void tell_hardware(const struct netif *netif, struct ifreq *r) {
    memset(&r->ifr_hwaddr, 0, sizeof r->ifr_hwaddr);
    r->ifr_hwaddr.sa_family = loop_is(netif) ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
    memcpy(r->ifr_hwaddr.sa_data, netif->hwaddr, netif->hwaddr_len);
}

static long tell(const struct netif *netif, unsigned request, struct ifreq *r) {
    switch (request) {
    case SIOCGIFFLAGS:
        r->ifr_flags = (short)interface_flags(netif);
        return 0;
    case SIOCGIFADDR:
    case SIOCGIFNETMASK:
    case SIOCGIFBRDADDR:
    case SIOCGIFDSTADDR:
        return tell_address(netif, request, r);
    case SIOCGIFHWADDR:
        tell_hardware(netif, r);
        return 0;
    case SIOCGIFMTU:
        r->ifr_mtu = (int)interface_mtu(netif);
        return 0;
    case SIOCGIFINDEX:
        r->ifr_ifindex = netif_get_index(netif);
        return 0;
    case SIOCGIFMETRIC:
        r->ifr_metric = 0;
        return 0;
    case SIOCGIFTXQLEN:
        r->ifr_qlen = 1000;
        return 0;
    }
    return -EOPNOTSUPP;
}

/* SIOCGIFCONF: those with an IPv4 address. */
static long list(unsigned long argument) {
    struct ifconf conf;
    struct netif *netif;
    int at = 0;

    if (user_read(&conf, (void *)argument, sizeof conf))
        return -EFAULT;
    NETIF_FOREACH(netif) {
        struct ifreq r = {0};
        if (ip4_addr_isany(netif_ip4_addr(netif)))
            continue;
        if (conf.ifc_buf && conf.ifc_len - at < (int)sizeof r)
            break;
        interface_name(netif, r.ifr_name);
        set_address(&r.ifr_addr, netif_ip4_addr(netif)->addr);
        if (conf.ifc_buf && user_write(conf.ifc_buf + at, &r, sizeof r))
            return -EFAULT;
        at += (int)sizeof r;
    }
    conf.ifc_len = at;
    return user_write((void *)argument, &conf, sizeof conf);
}

static long one(unsigned request, unsigned long argument) {
    struct netif *netif;
    struct ifreq r;

    if (user_read(&r, (void *)argument, sizeof r))
        return -EFAULT;
    r.ifr_name[IFNAMSIZ - 1] = 0;
    if (request == SIOCGIFNAME)
        netif = r.ifr_ifindex > 0 && r.ifr_ifindex < 256
                    ? netif_get_by_index((u8_t)r.ifr_ifindex)
                    : NULL;
    else
        netif = find(r.ifr_name);
    if (!netif)
        return -ENODEV;
    if (request == SIOCGIFNAME) {
        interface_name(netif, r.ifr_name);
    } else {
        long error = tell(netif, request, &r);
        if (error)
            return error;
    }
    return user_write((void *)argument, &r, sizeof r);
}

long interface_control(unsigned request, unsigned long argument) {
    switch (request) {
    case SIOCGIFCONF:
    case SIOCGIFNAME:
    case SIOCGIFFLAGS:
    case SIOCGIFADDR:
    case SIOCGIFNETMASK:
    case SIOCGIFBRDADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFHWADDR:
    case SIOCGIFMTU:
    case SIOCGIFINDEX:
    case SIOCGIFMETRIC:
    case SIOCGIFTXQLEN:
        break;
    default:
        return -ENOTTY;
    }
    long error = stack_start();
    if (error)
        return error;
    netifs_settle();
    net_enter();
    error = request == SIOCGIFCONF ? list(argument) : one(request, argument);
    net_leave();
    return error;
}
