/* SPDX-License-Identifier: MIT */
/* The loopback interface as programs see it: getifaddrs, if_nameindex, SIOCGIF*. */
// stdout-from: checks
// native:
#define _GNU_SOURCE
#include "net.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>

static void test_addresses(void) {
    struct ifaddrs *all, *a;
    unsigned four = 0, six = 0, packet = 0;

    if (!CHECK(!getifaddrs(&all)))
        return;
    for (a = all; a; a = a->ifa_next) {
        if (strcmp(a->ifa_name, "lo") || !a->ifa_addr)
            continue;
        CHECK(a->ifa_flags & IFF_LOOPBACK && a->ifa_flags & IFF_UP);
        if (a->ifa_addr->sa_family == AF_INET) {
            four++;
            CHECK_EQUAL(((struct sockaddr_in *)a->ifa_addr)->sin_addr.s_addr,
                        htonl(INADDR_LOOPBACK));
            CHECK_EQUAL(((struct sockaddr_in *)a->ifa_netmask)->sin_addr.s_addr,
                        htonl(0xff000000));
        } else if (a->ifa_addr->sa_family == AF_INET6) {
            six++;
            CHECK(!memcmp(&((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr,
                          &in6addr_loopback, 16));
        } else if (a->ifa_addr->sa_family == AF_PACKET) {
            packet++;
            CHECK_EQUAL(((struct sockaddr_ll *)a->ifa_addr)->sll_ifindex, 1);
        }
    }
    CHECK_EQUAL(four, 1);
    CHECK_EQUAL(six, 1);
    CHECK_EQUAL(packet, 1);
    freeifaddrs(all);
}

static void test_names(void) {
    struct if_nameindex *all = if_nameindex();
    char name[IF_NAMESIZE];

    if (CHECK(all)) {
        CHECK(all[0].if_index == 1 && !strcmp(all[0].if_name, "lo"));
        if_freenameindex(all);
    }
    CHECK_EQUAL(if_nametoindex("lo"), 1);
    CHECK_EQUAL(if_nametoindex("nothing"), 0);
    CHECK(if_indextoname(1, name) && !strcmp(name, "lo"));
    CHECK(!if_indextoname(12345, name) && errno == ENXIO);
}

static void test_requests(void) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq r = {.ifr_name = "lo"}, many[8];
    struct ifconf list = {.ifc_len = sizeof many, .ifc_req = many};

    CHECK(!ioctl(fd, SIOCGIFFLAGS, &r));
    CHECK(r.ifr_flags & IFF_LOOPBACK && r.ifr_flags & IFF_UP && r.ifr_flags & IFF_RUNNING);
    CHECK(!ioctl(fd, SIOCGIFADDR, &r));
    CHECK_EQUAL(((struct sockaddr_in *)&r.ifr_addr)->sin_addr.s_addr,
                htonl(INADDR_LOOPBACK));
    CHECK(!ioctl(fd, SIOCGIFNETMASK, &r));
    CHECK_EQUAL(((struct sockaddr_in *)&r.ifr_addr)->sin_addr.s_addr, htonl(0xff000000));
    CHECK(!ioctl(fd, SIOCGIFMTU, &r) && r.ifr_mtu == 65536);
    CHECK(!ioctl(fd, SIOCGIFINDEX, &r) && r.ifr_ifindex == 1);
    CHECK(!ioctl(fd, SIOCGIFHWADDR, &r));
    CHECK(!ioctl(fd, SIOCGIFCONF, &list) && list.ifc_len >= (int)sizeof r);
    CHECK(!strcmp(many[0].ifr_name, "lo"));
    strcpy(r.ifr_name, "nothing");
    CHECK_FAILS(ioctl(fd, SIOCGIFFLAGS, &r), ENODEV);
    close(fd);
}

/* What needs no server. */
static void test_numeric(void) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM},
                    *found;

    CHECK(!getaddrinfo("::1", "80", &hints, &found));
    CHECK(found->ai_family == AF_INET6);
    freeaddrinfo(found);
    CHECK(!getaddrinfo("127.0.0.1", "80", &hints, &found));
    CHECK(found->ai_family == AF_INET);
    freeaddrinfo(found);
}

int main(void) {
    test_addresses();
    test_names();
    test_requests();
    test_numeric();
    return checks_end();
}
