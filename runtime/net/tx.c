/* SPDX-License-Identifier: MIT */
/*
 * A packet's first slot counts those that are not answered, and has its token, so it is not
 * free before all of them are, in whatever order that is.
 */
#include "net/tx.h"

#include <errno.h>

#include "base/string.h"
#include "mm/heap.h"
#include "xen/interface.h"

#include <xen/io/netif.h>

enum {
    ROOM = NET_TX_SLOTS + 1, /* entries that must be free for any packet to go */
    SLOTS_END = 0xffff,
    FAR = NET_RING / 2, /* responses that nobody waits for, for an event */
};

struct net_tx_slot {
    struct net_page *page; /* its copy, or NULL */
    uint16_t next;         /* the next free one */
    uint16_t first;        /* of the same packet */
    uint16_t left;         /* of the first: slots not answered */
    bool is_used;
};

/* All that is in flight or not collected has room. */
struct net_tx_tokens {
    void *of[NET_RING]; /* by first slot; NULL: nothing is kept */
    void *done[NET_RING];
};

_Static_assert(NET_RING * sizeof(struct net_tx_slot) <= PAGE_SIZE, "");
_Static_assert(sizeof(struct net_tx_tokens) <= PAGE_SIZE, "");
_Static_assert(sizeof(union netif_tx_sring_entry) == 12 &&
                   offsetof(struct netif_tx_sring, ring) == 64,
               "netif's layout");

static volatile struct netif_tx_sring *shared(struct net_tx *tx) {
    return (volatile struct netif_tx_sring *)tx->ring->memory;
}

static void *entry_at(struct net_tx *tx, uint32_t index) {
    struct netif_tx_sring *ring = (struct netif_tx_sring *)tx->ring->memory;

    return &ring->ring[index % NET_RING];
}

/* --- pages -------------------------------------------------------------------------- */

static struct net_page *take_page(struct net_tx *tx) {
    struct net_page *page = tx->idle;

    if (!page)
        return tx->ops->make_page(tx);
    tx->idle = page->next;
    return page;
}

static void put_page(struct net_tx *tx, struct net_page *page) {
    page->next = tx->idle;
    tx->idle = page;
}

/* --- making and ending a ring ------------------------------------------------------- */

long net_tx_init(struct net_tx *tx, const struct net_tx_ops *ops) {
    *tx = (struct net_tx){.ops = ops};
    tx->slots = heap_alloc(NET_RING * sizeof *tx->slots);
    tx->tokens = heap_alloc(sizeof *tx->tokens);
    if (tx->slots && tx->tokens)
        return 0;
    net_tx_free(tx);
    return -ENOMEM;
}

void net_tx_free(struct net_tx *tx) {
    heap_free(tx->slots);
    heap_free(tx->tokens);
}

static void drop_pages(struct net_tx *tx) {
    for (struct net_page *page = tx->idle, *next; page; page = next) {
        next = page->next;
        tx->ops->drop_page(tx, page);
    }
    tx->idle = NULL;
    if (tx->ring)
        tx->ops->drop_page(tx, tx->ring);
    tx->ring = NULL;
}

static void reset_slots(struct net_tx *tx) {
    tx->free_slot = SLOTS_END;
    for (unsigned i = NET_RING; i-- > 0;) {
        tx->slots[i] = (struct net_tx_slot){.next = (uint16_t)tx->free_slot};
        tx->free_slot = i;
    }
    tx->free_slots = NET_RING;
    tx->sent = tx->pushed = tx->taken = 0;
    tx->extras = 0;
}

long net_tx_make(struct net_tx *tx) {
    tx->ring = tx->ops->make_page(tx);
    if (!tx->ring)
        return -ENOMEM;
    reset_slots(tx);
    shared(tx)->req_event = shared(tx)->rsp_event = 1;
    tx->is_near = true;
    tx->state = NET_WAITING;
    return 0;
}

void net_tx_connect(struct net_tx *tx, unsigned features) {
    tx->features = features;
    tx->state = NET_RUNNING;
}

static void end_packet(struct net_tx *tx, unsigned first) {
    void *token = tx->tokens->of[first];

    tx->tokens->of[first] = NULL;
    if (!token)
        return;
    tx->kept--;
    tx->tokens->done[tx->done++] = token;
}

void net_tx_disconnect(struct net_tx *tx) {
    for (unsigned i = 0; tx->ring && i < NET_RING; i++) {
        struct net_tx_slot *slot = &tx->slots[i];
        if (slot->is_used && slot->page)
            put_page(tx, slot->page);
        end_packet(tx, i);
    }
    drop_pages(tx);
    tx->state = NET_WAITING;
    tx->is_wanted = false;
}

void net_tx_break(struct net_tx *tx) {
    net_tx_disconnect(tx);
    tx->state = NET_BROKEN;
}

unsigned net_tx_collect(struct net_tx *tx, void **tokens, unsigned most) {
    unsigned count = MIN(tx->done, most);

    tx->done -= count;
    memcpy(tokens, tx->tokens->done + tx->done, count * sizeof *tokens);
    return count;
}

/* --- what a packet becomes ---------------------------------------------------------- */

struct part {
    struct net_page *page; /* a copy */
    uint32_t ref;
    unsigned offset, size;
};

struct plan {
    unsigned count;
    bool is_kept; /* some of it is where the caller has it */
    struct part parts[NET_TX_SLOTS];
};

static struct part *add_part(struct plan *plan) {
    return plan->count < NET_TX_SLOTS ? &plan->parts[plan->count++] : NULL;
}

/* The part that copies go to: the last one, if it is a copy that is not full. */
static long get_copy(struct net_tx *tx, struct plan *plan, struct part **copy) {
    struct part *last = plan->count ? &plan->parts[plan->count - 1] : NULL;

    *copy = last;
    if (last && last->page && last->size < PAGE_SIZE)
        return 0;
    last = *copy = add_part(plan);
    if (!last)
        return -EMSGSIZE;
    *last = (struct part){.page = take_page(tx)};
    if (last->page) {
        last->ref = last->page->ref;
        return 0;
    }
    plan->count--;
    return -EAGAIN;
}

static long add_copy(struct net_tx *tx, struct plan *plan, const char *data, size_t size) {
    while (size) {
        struct part *copy;
        long error = get_copy(tx, plan, &copy);
        if (error)
            return error;
        unsigned n = (unsigned)MIN(size, PAGE_SIZE - copy->size);
        memcpy(copy->page->memory + copy->size, data, n);
        copy->size += n;
        data += n;
        size -= n;
    }
    return 0;
}

static long add_reference(struct plan *plan, uint32_t ref, const char *data,
                          unsigned size) {
    struct part *part = add_part(plan);

    if (!part)
        return -EMSGSIZE;
    *part = (struct part){
        .ref = ref, .offset = (unsigned)((unsigned long)data % PAGE_SIZE), .size = size};
    plan->is_kept = true;
    return 0;
}

/* What lies in one page. */
static long add_within(struct net_tx *tx, struct plan *plan, const char *data,
                       unsigned size, bool may_keep) {
    uint32_t ref = may_keep && size >= NET_TX_COPY ? tx->ops->find_ref(tx, data) : 0;

    return ref ? add_reference(plan, ref, data, size) : add_copy(tx, plan, data, size);
}

static long add_piece(struct net_tx *tx, struct plan *plan, const struct link_piece *piece,
                      bool may_keep) {
    const char *data = piece->data;
    size_t left = piece->size;
    long error = 0;

    while (left && !error) {
        unsigned n = (unsigned)MIN(left, PAGE_SIZE - (unsigned long)data % PAGE_SIZE);
        error = add_within(tx, plan, data, n, may_keep);
        data += n;
        left -= n;
    }
    return error;
}

static void drop_plan(struct net_tx *tx, struct plan *plan) {
    for (unsigned i = 0; i < plan->count; i++)
        if (plan->parts[i].page)
            put_page(tx, plan->parts[i].page);
    plan->count = 0;
    plan->is_kept = false;
}

static long make_plan(struct net_tx *tx, struct plan *plan,
                      const struct link_packet *packet, bool may_keep) {
    unsigned most = tx->features & LINK_SG ? NET_TX_SLOTS : 1;
    long error = 0;

    for (unsigned i = 0; i < packet->count && !error; i++)
        error = add_piece(tx, plan, &packet->pieces[i], may_keep);
    if (!error && plan->count > most)
        error = -EMSGSIZE;
    if (error)
        drop_plan(tx, plan);
    return error;
}

/* --- events ------------------------------------------------------------------------- */

/*
 * Asks for an event after half of what is in flight, so that few events free much; later if
 * nobody waits for any of it. True if that has come already.
 */
static bool ask_for_event(struct net_tx *tx) {
    uint32_t distance = (tx->pushed - tx->taken) / 2 + 1;

    tx->is_near = tx->kept || tx->is_wanted;
    if (!tx->is_near)
        distance = FAR;
    shared(tx)->rsp_event = tx->taken + distance;
    memory_barrier();
    return shared(tx)->rsp_prod - tx->taken >= distance;
}

void net_tx_push(struct net_tx *tx) {
    uint32_t old = tx->pushed, now = tx->sent;

    if (tx->state != NET_RUNNING)
        return;
    if (old != now) {
        barrier();
        shared(tx)->req_prod = tx->pushed = now;
        memory_barrier();
        if (now - shared(tx)->req_event < now - old)
            tx->ops->notify(tx);
    }
    if ((tx->kept || tx->is_wanted) && !tx->is_near && ask_for_event(tx))
        tx->ops->attend(tx);
}

/* --- sending ------------------------------------------------------------------------ */

static bool has_room(const struct net_tx *tx) {
    uint32_t entries = NET_RING - (tx->sent - tx->taken);

    return entries >= ROOM && tx->free_slots >= ROOM && tx->kept + tx->done < NET_RING;
}

/* A free one, for another part of the packet that begins with slot first. */
static unsigned take_slot(struct net_tx *tx, struct net_page *page, unsigned first) {
    unsigned number = tx->free_slot;
    struct net_tx_slot *slot = &tx->slots[number];

    tx->free_slot = slot->next;
    tx->free_slots--;
    if (first == SLOTS_END)
        first = number;
    *slot = (struct net_tx_slot){.page = page, .first = (uint16_t)first, .is_used = true};
    tx->slots[first].left++;
    return number;
}

static void put_request(struct net_tx *tx, const struct netif_tx_request *request) {
    memcpy(entry_at(tx, tx->sent++), request, sizeof *request);
}

static void put_extra(struct net_tx *tx, const struct netif_extra_info *extra) {
    struct {
        struct netif_extra_info info;
        uint32_t rest;
    } entry = {.info = *extra};

    memcpy(entry_at(tx, tx->sent++), &entry, sizeof entry);
    tx->extras++;
}

static void put_gso(struct net_tx *tx, const struct link_packet *packet) {
    struct netif_extra_info extra = {.type = XEN_NETIF_EXTRA_TYPE_GSO};

    extra.u.gso.type = packet->gso;
    extra.u.gso.size = packet->gso_size;
    put_extra(tx, &extra);
}

static unsigned first_flags(const struct link_packet *packet) {
    unsigned flags = 0;

    if (packet->sum == LINK_SUM_BLANK)
        flags |= NETTXF_csum_blank | NETTXF_data_validated;
    if (packet->gso)
        flags |= NETTXF_extra_info;
    return flags;
}

static void put_plan(struct net_tx *tx, const struct plan *plan,
                     const struct link_packet *packet, size_t size) {
    unsigned first = SLOTS_END;

    for (unsigned i = 0; i < plan->count; i++) {
        const struct part *part = &plan->parts[i];
        unsigned number = take_slot(tx, part->page, first);
        unsigned flags = i + 1 < plan->count ? NETTXF_more_data : 0;
        struct netif_tx_request request = {.gref = part->ref,
                                           .offset = (uint16_t)part->offset,
                                           .flags = (uint16_t)flags,
                                           .id = (uint16_t)number,
                                           .size = (uint16_t)part->size};
        if (!i) {
            first = number;
            request.flags |= (uint16_t)first_flags(packet);
            request.size = (uint16_t)size;
        }
        put_request(tx, &request);
        if (!i && packet->gso)
            put_gso(tx, packet);
    }
    tx->tokens->of[first] = plan->is_kept ? packet->token : NULL;
    tx->kept += plan->is_kept;
}

static size_t size_of(const struct link_packet *packet) {
    size_t size = 0;

    for (unsigned i = 0; i < packet->count; i++)
        size += packet->pieces[i].size;
    return size;
}

static bool is_offered(const struct net_tx *tx, const struct link_packet *packet) {
    static const uint8_t wants[] = {0, LINK_TSO4, LINK_TSO6};

    if (packet->gso >= sizeof wants || (packet->gso && packet->sum != LINK_SUM_BLANK) ||
        (packet->gso && !packet->gso_size))
        return false;
    return (tx->features & wants[packet->gso]) == wants[packet->gso];
}

/* If something is in flight there will be. */
static long wait_for_room(struct net_tx *tx) {
    if (tx->sent == tx->taken)
        return -ENOMEM;
    tx->is_wanted = true;
    net_tx_push(tx);
    return -EAGAIN;
}

/* As it is, or, if that is too many pieces, copied. */
static long plan_any(struct net_tx *tx, struct plan *plan,
                     const struct link_packet *packet) {
    long error = make_plan(tx, plan, packet, packet->token);

    if (error == -EMSGSIZE)
        error = make_plan(tx, plan, packet, false);
    return error;
}

long net_tx_send(struct net_tx *tx, const struct link_packet *packet) {
    struct plan plan;
    size_t size = size_of(packet);

    if (tx->state != NET_RUNNING)
        return -ENETDOWN;
    if (size < LINK_HEADER || size > LINK_FRAME_MOST)
        return -EMSGSIZE;
    if (!is_offered(tx, packet))
        return -EINVAL;
    if (!has_room(tx))
        net_tx_take(tx);
    if (tx->state != NET_RUNNING)
        return -ENETDOWN;
    plan.count = 0;
    plan.is_kept = false;
    long error = has_room(tx) ? plan_any(tx, &plan, packet) : -EAGAIN;
    if (error == -EAGAIN)
        error = wait_for_room(tx);
    if (error)
        return error;
    put_plan(tx, &plan, packet, size);
    return plan.is_kept ? LINK_KEPT : LINK_COPIED;
}

bool net_tx_join(struct net_tx *tx, const uint8_t mac[6], bool is_wanted) {
    struct netif_extra_info extra = {.type = is_wanted ? XEN_NETIF_EXTRA_TYPE_MCAST_ADD
                                                       : XEN_NETIF_EXTRA_TYPE_MCAST_DEL};
    struct netif_tx_request request = {.flags = NETTXF_extra_info};

    if (tx->state != NET_RUNNING || !has_room(tx))
        return false;
    request.id = (uint16_t)take_slot(tx, NULL, SLOTS_END);
    put_request(tx, &request);
    memcpy(extra.u.mcast.addr, mac, sizeof extra.u.mcast.addr);
    put_extra(tx, &extra);
    return true;
}

/* --- responses ---------------------------------------------------------------------- */

static void free_slot(struct net_tx *tx, unsigned number) {
    tx->slots[number].next = (uint16_t)tx->free_slot;
    tx->free_slot = number;
    tx->free_slots++;
}

static void release(struct net_tx *tx, unsigned number) {
    struct net_tx_slot *slot = &tx->slots[number];
    unsigned first = slot->first;

    if (slot->page)
        put_page(tx, slot->page);
    slot->page = NULL;
    slot->is_used = false;
    if (first != number)
        free_slot(tx, number);
    if (--tx->slots[first].left)
        return;
    end_packet(tx, first);
    free_slot(tx, first);
}

/* False: there can be no such response. */
static bool take_one(struct net_tx *tx) {
    struct netif_tx_response response;

    memcpy(&response, entry_at(tx, tx->taken), sizeof response);
    barrier(); /* it is the copy that is looked at from here on */
    if (response.status == NETIF_RSP_NULL) {
        if (!tx->extras)
            return false;
        tx->extras--;
    } else {
        if (response.id >= NET_RING || !tx->slots[response.id].is_used)
            return false;
        tx->errors += response.status != NETIF_RSP_OKAY;
        release(tx, response.id);
    }
    tx->taken++;
    return true;
}

enum net_taken net_tx_take(struct net_tx *tx) {
    if (tx->state != NET_RUNNING)
        return NET_NOTHING;
    uint32_t ready = shared(tx)->rsp_prod - tx->taken;
    bool good = ready <= tx->pushed - tx->taken;

    barrier();
    for (unsigned n = 0; good && n < ready; n++)
        good = take_one(tx);
    if (!good) {
        net_tx_break(tx);
        return NET_ALL;
    }
    if (ask_for_event(tx))
        return NET_MORE;
    return ready ? NET_ALL : NET_NOTHING;
}

bool net_tx_has_room(struct net_tx *tx) {
    bool had = tx->is_wanted && has_room(tx);

    if (had)
        tx->is_wanted = false;
    return had;
}
