/* SPDX-License-Identifier: MIT */
/* net/offer.c: what backends publish is understood, and of nonsense nothing comes. */
#include "net/offer.h"

#include <errno.h>
#include <string.h>

#include "test.h"

enum { NODES = 12 };

static struct {
    const char *name, *value;
} nodes[NODES];
static unsigned count;

static long read_node(struct net_reader *reader, const char *name, char *value,
                      size_t size) {
    (void)reader;
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(nodes[i].name, name)) {
            size_t n = strlen(nodes[i].value);
            memcpy(value, nodes[i].value, n < size ? n : size);
            return (long)n;
        }
    return -ENOENT;
}

static void publish(const char *name, const char *value) {
    nodes[count].name = name;
    nodes[count++].value = value;
}

static struct net_offer offer(void) {
    struct net_reader reader = {read_node};
    struct net_offer is;

    net_offer_read(&reader, &is);
    return is;
}

TEST(nothing_is_published) {
    count = 0;
    struct net_offer is = offer();
    CHECK(!is.copies && is.features == LINK_CSUM4 && !is.queues && !is.splits && is.is_up);
}

TEST(linux_publishes) {
    count = 0;
    publish("feature-rx-copy", "1");
    publish("feature-sg", "1");
    publish("feature-gso-tcpv4", "1");
    publish("feature-gso-tcpv6", "1");
    publish("feature-ipv6-csum-offload", "1");
    publish("feature-multicast-control", "1");
    publish("feature-split-event-channels", "1");
    publish("multi-queue-max-queues", "8");
    struct net_offer is = offer();
    CHECK(is.copies && is.queues == 8 && is.splits && is.is_up);
    CHECK(is.features ==
          (LINK_SG | LINK_CSUM4 | LINK_CSUM6 | LINK_TSO4 | LINK_TSO6 | LINK_FILTER));
}

TEST(what_needs_another_feature) {
    count = 0;
    publish("feature-gso-tcpv4", "1");
    publish("feature-gso-tcpv6", "1");
    CHECK(offer().features == LINK_CSUM4);
    publish("feature-sg", "1");
    CHECK(offer().features == (LINK_SG | LINK_CSUM4 | LINK_TSO4));
    publish("feature-no-csum-offload", "1");
    CHECK(offer().features == LINK_SG);
    publish("carrier", "0");
    CHECK(!offer().is_up);
}

TEST(nonsense) {
    count = 0;
    publish("feature-rx-copy", "yes");
    publish("feature-sg", "2");
    publish("feature-split-event-channels", "");
    publish("multi-queue-max-queues", "99999999999999999999");
    publish("feature-ipv6-csum-offload", "1111111111111");
    struct net_offer is = offer();
    CHECK(!is.copies && !is.splits && !is.queues && is.features == LINK_CSUM4);
    nodes[3].value = "4294967296";
    CHECK(!offer().queues);
}

TEST(addresses) {
    static const char *const bad[] = {"",
                                      "00:16:3e:01:02",
                                      "00:16:3e:01:02:3",
                                      "00:16:3e:01:02:03:04",
                                      "00-16-3e-01-02-03",
                                      "0g:16:3e:01:02:03",
                                      "01:16:3e:01:02:03",
                                      "00:00:00:00:00:00",
                                      "ff:ff:ff:ff:ff:ff"};
    uint8_t mac[6];

    CHECK(net_offer_mac("00:16:3e:aB:Cd:0f", mac));
    CHECK(!memcmp(mac, "\0\x16\x3e\xab\xcd\x0f", 6));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        CHECK(!net_offer_mac(bad[i], mac));
}

TEST(sizes) {
    CHECK(net_offer_mtu("", 0) == 1500 && net_offer_mtu("", LINK_SG) == 1500);
    CHECK(net_offer_mtu("9000", LINK_SG) == 9000 && net_offer_mtu("9000", 0) == 1500);
    CHECK(net_offer_mtu("65536", LINK_SG) == 9000 && net_offer_mtu("1280", 0) == 1280);
    CHECK(net_offer_mtu("67", LINK_SG) == 1500 && net_offer_mtu("-1", LINK_SG) == 1500);
}

TEST(numbers) {
    unsigned number = 7;

    CHECK(net_offer_number("0", &number) && !number);
    CHECK(net_offer_number("12", &number) && number == 12);
    CHECK(!net_offer_number("", &number) && !net_offer_number("00", &number));
    CHECK(!net_offer_number("x", &number) && !net_offer_number("1000", &number));
    CHECK(!net_offer_number("-1", &number) && !net_offer_number("1a", &number));
}
