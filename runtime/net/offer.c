/* SPDX-License-Identifier: MIT */
/* Names and defaults are those of xen/include/public/io/netif.h. */
#include "net/offer.h"

#include "base/string.h"
#include "net/page.h"
#include "xenbus/number.h"

enum { MTU = 1500, MTU_LEAST = 68, MTU_MOST = 9000, NUMBER_MOST = 999 };

/* A number, or 0, as text of its own, or the value for what is not there. */
static uint32_t get(struct net_reader *reader, const char *name, uint32_t otherwise) {
    char text[12] = "";
    long size = reader->read(reader, name, text, sizeof text - 1);

    if (size <= 0)
        return otherwise;
    if (size >= (long)sizeof text)
        return 0;
    text[size] = '\0';
    return store_number(text);
}

static unsigned get_feature(struct net_reader *reader, const char *name, unsigned feature) {
    return get(reader, name, 0) == 1 ? feature : 0;
}

/* What is large needs more than one piece. */
void net_offer_read(struct net_reader *reader, struct net_offer *offer) {
    unsigned f = get_feature(reader, "feature-sg", LINK_SG);

    if (f)
        f |= get_feature(reader, "feature-gso-tcpv4", LINK_TSO4) |
             get_feature(reader, "feature-gso-tcpv6", LINK_TSO6);
    if (!get(reader, "feature-no-csum-offload", 0))
        f |= LINK_CSUM4;
    f |= get_feature(reader, "feature-ipv6-csum-offload", LINK_CSUM6);
    f |= get_feature(reader, "feature-multicast-control", LINK_FILTER);
    if (!(f & LINK_CSUM4))
        f &= ~(unsigned)LINK_TSO4;
    if (!(f & LINK_CSUM6))
        f &= ~(unsigned)LINK_TSO6;
    *offer = (struct net_offer){
        .copies = get_feature(reader, "feature-rx-copy", 1),
        .features = f,
        .queues = get(reader, "multi-queue-max-queues", 0),
        .splits = get_feature(reader, "feature-split-event-channels", 1),
        .is_up = get(reader, "carrier", 1),
    };
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool net_offer_mac(const char *text, uint8_t mac[6]) {
    uint8_t any = 0;

    for (unsigned i = 0; i < 6; i++, text += 3) {
        int high = digit_of(text[0]), low = high < 0 ? -1 : digit_of(text[1]);
        if (low < 0 || text[2] != (i < 5 ? ':' : '\0'))
            return false;
        any |= mac[i] = (uint8_t)(high * 16 + low);
    }
    return any && !(mac[0] & 1);
}

uint16_t net_offer_mtu(const char *text, unsigned features) {
    uint32_t mtu = store_number(text);
    uint32_t most = features & LINK_SG ? MTU_MOST : MTU;

    if (mtu < MTU_LEAST)
        mtu = MTU;
    return (uint16_t)MIN(mtu, most);
}

bool net_offer_number(const char *name, unsigned *number) {
    *number = store_number(name);
    return (*number || !strcmp(name, "0")) && *number <= NUMBER_MOST &&
           (*name != '0' || !name[1]);
}
