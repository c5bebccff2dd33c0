/* SPDX-License-Identifier: MIT */
/* What a network device publishes, under the names of xen/include/public/io/netif.h. */
#include <errno.h>

#include "base/format.h"
#include "mm/heap.h"
#include "net/front.h"

enum { NODES = NET_QUEUES * 5 + 16 /* a queue has five, the rest is below that */ };

struct nodes {
    unsigned count;
    struct frontend_node node[NODES];
};

/* Value -1: it is to go. */
static void say(struct nodes *nodes, const char *directory, const char *name, long value) {
    struct frontend_node *node = &nodes->node[nodes->count++];

    format(node->name, sizeof node->name, "%s%s", directory, name);
    if (value >= 0)
        format(node->value, sizeof node->value, "%u", (unsigned)value);
    else
        node->value[0] = '\0';
}

static void say_queue(struct nodes *nodes, const struct net_queue *q, const char *where) {
    bool splits = q->tx_port != q->rx_port;

    say(nodes, where, "tx-ring-ref", q->tx.ring->ref);
    say(nodes, where, "rx-ring-ref", q->rx.ring->ref);
    say(nodes, where, "event-channel", splits ? -1 : (long)q->tx_port);
    say(nodes, where, "event-channel-tx", splits ? (long)q->tx_port : -1);
    say(nodes, where, "event-channel-rx", splits ? (long)q->rx_port : -1);
}

static void say_queues(struct nodes *nodes, const struct net_device *d) {
    static const char *const alone[] = {"tx-ring-ref", "rx-ring-ref", "event-channel",
                                        "event-channel-tx", "event-channel-rx"};
    char where[12];

    if (d->offer.queues)
        say(nodes, "", "multi-queue-num-queues", d->queue_count);
    if (d->queue_count == 1) {
        say_queue(nodes, d->queues[0], "");
        return;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(alone); i++)
        say(nodes, "", alone[i], -1);
    for (unsigned i = 0; i < d->queue_count; i++) {
        format(where, sizeof where, "queue-%u/", i);
        say_queue(nodes, d->queues[i], where);
    }
}

long net_publish(struct net_device *d) {
    struct nodes *nodes = heap_alloc(sizeof *nodes);

    if (!nodes)
        return -ENOMEM;
    say(nodes, "", "request-rx-copy", 1);
    say(nodes, "", "feature-rx-notify", 1);
    say(nodes, "", "feature-sg", 1);
    say(nodes, "", "feature-gso-tcpv4", 1);
    say(nodes, "", "feature-gso-tcpv6", 1);
    say(nodes, "", "feature-no-csum-offload", 0);
    say(nodes, "", "feature-ipv6-csum-offload", 1);
    say(nodes, "", "request-multicast-control",
        net_user->filters && (d->offer.features & LINK_FILTER));
    say_queues(nodes, d);
    long error = frontend_publish(&d->front, nodes->node, nodes->count);
    heap_free(nodes);
    return error;
}
