/* SPDX-License-Identifier: MIT */
/*
 * Groups that frames are wanted for. The other side is told by entries among what is sent;
 * if there is no room for one it is told when the queue is looked at next.
 */
#include "base/string.h"
#include "mm/heap.h"
#include "net/front.h"

static struct net_group *find(struct net_device *d, const uint8_t mac[6]) {
    for (unsigned i = 0; i < NET_GROUPS; i++)
        if ((d->groups[i].count || !d->groups[i].is_told) &&
            !memcmp(d->groups[i].mac, mac, 6))
            return &d->groups[i];
    return NULL;
}

static struct net_group *find_free(struct net_device *d) {
    for (unsigned i = 0; i < NET_GROUPS; i++)
        if (!d->groups[i].count && d->groups[i].is_told)
            return &d->groups[i];
    return NULL;
}

static bool make_groups(struct net_device *d) {
    if (!d->groups)
        d->groups = heap_alloc(NET_GROUPS * sizeof *d->groups);
    for (unsigned i = 0; d->groups && i < NET_GROUPS; i++)
        d->groups[i].is_told = true;
    return d->groups;
}

static bool tell(struct net_device *d, struct net_group *group) {
    struct net_queue *q = d->queues[0];

    lock_take(&q->tx_lock);
    bool is_told = net_tx_join(&q->tx, group->mac, group->count);
    net_tx_push(&q->tx);
    lock_drop(&q->tx_lock);
    return is_told;
}

/* With the mutex. */
static void tell_all(struct net_device *d) {
    bool has_untold = false;

    for (unsigned i = 0; i < NET_GROUPS; i++) {
        struct net_group *group = &d->groups[i];
        if (!group->is_told)
            group->is_told = tell(d, group);
        has_untold |= !group->is_told;
    }
    __atomic_store_n(&d->has_untold, has_untold, __ATOMIC_RELAXED);
}

void net_groups_tell(struct net_device *d, bool is_new) {
    mutex_take(&d->groups_mutex);
    for (unsigned i = 0; d->groups && is_new && i < NET_GROUPS; i++)
        d->groups[i].is_told = !d->groups[i].count;
    if (d->groups && (d->offer.features & LINK_FILTER))
        tell_all(d);
    mutex_drop(&d->groups_mutex);
}

static bool count(struct net_device *d, const uint8_t mac[6], bool is_wanted) {
    struct net_group *group = find(d, mac);
    bool was_wanted = group && group->count;

    if (!group && is_wanted)
        group = find_free(d);
    if (!group || (!is_wanted && !was_wanted))
        return false;
    memcpy(group->mac, mac, 6);
    group->count = (uint16_t)(is_wanted ? group->count + 1 : group->count - 1);
    if (was_wanted == (group->count > 0))
        return false;
    group->is_told = false;
    return true;
}

void link_join(struct link *link, const uint8_t mac[6], bool is_wanted) {
    struct net_device *d = LIST_RECORD(link, struct net_device, link);

    if (!net_user->filters)
        return;
    mutex_take(&d->groups_mutex);
    if ((d->groups || make_groups(d)) && count(d, mac, is_wanted) && d->queue_count &&
        (d->offer.features & LINK_FILTER))
        tell_all(d);
    mutex_drop(&d->groups_mutex);
}
