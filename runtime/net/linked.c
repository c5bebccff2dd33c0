/* SPDX-License-Identifier: MIT */
/*
 * Links for tests of the driver, in the stack's place. Only in the runtime with checks, and
 * there only in the image of a program that calls it. Frames that come in wait for their
 * receiver; those that are sent by reference keep their pages until they are told to have
 * gone.
 */
#ifdef ATMAN_DEBUG
#    include <errno.h>

#    include "base/string.h"
#    include "mm/heap.h"
#    include "net/link.h"
#    include "sched/clock.h"
#    include "sched/ready.h"
#    include <poll.h>

enum { LINKS = 4, WAITING = 128, WAIT = 30, PARTS = 17 };

/* What the program has a copy of; the names are the program's, too. */
struct atman_link_info {
    unsigned char mac[6];
    unsigned short mtu;
    unsigned features, is_up, changes, writable, kept, returned;
    unsigned long frames_in, frames_out, dropped_in, errors_in, errors_out;
};

struct atman_link_frame {
    unsigned link, sum, gso, gso_size, pieces;
};

long atman_link_start(int filters, int no_wait);
long atman_link_look(unsigned number, struct atman_link_info *info);
long atman_link_receive(struct atman_link_frame *frame, void *data, unsigned long size,
                        unsigned long milliseconds);
long atman_link_send(unsigned number, const void *data, unsigned long size,
                     const struct atman_link_frame *how, int by_reference);
void atman_link_join(unsigned number, const unsigned char *mac, int is_wanted);

struct waiting {
    struct list node;
    struct link *link;
    struct link_frame frame;
    struct link_piece pieces[LINK_PIECES];
};

static struct ready ready = {.lock = LOCK_INIT(LOCK_READY)};
static struct lock lock = LOCK_INIT(LOCK_OBJECT); /* of what follows */
static struct list frames = {&frames, &frames};
static unsigned frame_count;
static struct place {
    struct link *link;
    unsigned changes, writable, kept, returned;
} links[LINKS];

static struct place *place_of(const struct link *link) {
    for (unsigned i = 0; i < LINKS; i++)
        if (links[i].link == link)
            return &links[i];
    return NULL;
}

static struct place *find(unsigned number) {
    return number < LINKS && links[number].link ? &links[number] : NULL;
}

static void added(struct link *link) {
    if (link->number < LINKS)
        links[link->number] = (struct place){.link = link};
}

static void changed(struct link *link) {
    struct place *place = place_of(link);

    if (place)
        place->changes++;
    ready_notify(&ready, POLLIN);
}

static void removed(struct link *link) {
    struct place *place = place_of(link);

    lock_take(&lock);
    if (place)
        place->link = NULL;
    lock_drop(&lock);
    ready_notify(&ready, POLLIN);
}

static void free_frame(const struct link_frame *frame) {
    for (unsigned i = 0; i < frame->count; i++)
        if (frame->is_small)
            heap_free(frame->pieces[i].data);
        else
            link_page_free(frame->pieces[i].data);
}

static void receive_one(struct link *link, const struct link_frame *frame) {
    struct waiting *w = frame_count < WAITING ? heap_alloc(sizeof *w) : NULL;

    if (!w) {
        free_frame(frame);
        return;
    }
    w->link = link;
    w->frame = *frame;
    memcpy(w->pieces, frame->pieces, frame->count * sizeof *w->pieces);
    w->frame.pieces = w->pieces;
    lock_take(&lock);
    list_insert(&w->node, &frames);
    frame_count++;
    lock_drop(&lock);
}

static void receive(struct link *link, const struct link_frame *some, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        receive_one(link, &some[i]);
    ready_notify(&ready, POLLIN);
}

/* What is sent: pages, of the pool if it goes by reference. */
struct sending {
    struct link_piece pieces[PARTS];
    unsigned count;
    bool is_pool;
};

static void free_sending(struct sending *s) {
    while (s->count) {
        char *page = s->pieces[--s->count].data;
        if (s->is_pool)
            link_pool_free(page);
        else
            heap_free(page);
    }
    heap_free(s);
}

static void sent(struct link *link, void *const *tokens, unsigned count) {
    struct place *place = place_of(link);

    for (unsigned i = 0; i < count; i++)
        free_sending(tokens[i]);
    if (place)
        __atomic_add_fetch(&place->returned, count, __ATOMIC_SEQ_CST);
}

static void writable(struct link *link) {
    struct place *place = place_of(link);

    if (place)
        place->writable++;
    ready_notify(&ready, POLLIN);
}

long atman_link_start(int filters, int no_wait) {
    static struct link_user user = {.added = added,
                                    .changed = changed,
                                    .removed = removed,
                                    .receive = receive,
                                    .sent = sent,
                                    .writable = writable};

    user.filters = filters;
    long error = links_start(&user);
    if (!error && !no_wait)
        links_wait(clock_monotonic() + WAIT * NS_PER_SEC);
    return error;
}

long atman_link_look(unsigned number, struct atman_link_info *info) {
    struct place *place = find(number);

    if (!place)
        return -ENODEV;
    const struct link *link = place->link;
    *info = (struct atman_link_info){.mtu = link->mtu,
                                     .features = link->features,
                                     .is_up = link->is_up,
                                     .changes = place->changes,
                                     .writable = place->writable,
                                     .kept = place->kept,
                                     .returned = place->returned,
                                     .frames_in = link->counts.frames_in,
                                     .frames_out = link->counts.frames_out,
                                     .dropped_in = link->counts.dropped_in,
                                     .errors_in = link->counts.errors_in,
                                     .errors_out = link->counts.errors_out};
    memcpy(info->mac, link->mac, sizeof info->mac);
    return 0;
}

static struct waiting *take(void) {
    struct waiting *w = NULL;

    lock_take(&lock);
    if (!list_is_empty(&frames)) {
        w = LIST_RECORD(frames.next, struct waiting, node);
        list_remove(&w->node);
        frame_count--;
    }
    lock_drop(&lock);
    return w;
}

static long copy_out(struct waiting *w, struct atman_link_frame *frame, char *data,
                     unsigned long size) {
    long at = 0;

    *frame = (struct atman_link_frame){.link = w->link->number,
                                       .sum = w->frame.sum,
                                       .gso = w->frame.gso,
                                       .gso_size = w->frame.gso_size,
                                       .pieces = w->frame.count};
    for (unsigned i = 0;
         i < w->frame.count && (unsigned long)at + w->pieces[i].size <= size;
         at += w->pieces[i++].size)
        memcpy(data + at, w->pieces[i].data, w->pieces[i].size);
    free_frame(&w->frame);
    heap_free(w);
    return at;
}

/* The frame's size; -ETIMEDOUT, also if something else has happened. */
long atman_link_receive(struct atman_link_frame *frame, void *data, unsigned long size,
                        unsigned long milliseconds) {
    uint32_t seen = ready_seen(&ready);
    struct waiting *w = take();

    if (!w) {
        ready_sleep(&ready, seen, clock_monotonic() + milliseconds * 1000000, true);
        w = take();
    }
    return w ? copy_out(w, frame, data, size) : -ETIMEDOUT;
}

/* In pieces of one page. */
static struct sending *copy_in(const char *data, unsigned long size, bool is_pool) {
    struct sending *s = heap_alloc(sizeof *s);

    if (s)
        s->is_pool = is_pool;
    while (s && size) {
        struct link_piece *piece = &s->pieces[s->count];
        if (s->count < PARTS)
            piece->data = is_pool ? link_pool_alloc() : heap_alloc(PAGE_SIZE);
        if (s->count == PARTS || !piece->data) {
            free_sending(s);
            return NULL;
        }
        s->count++;
        piece->size = (uint32_t)MIN(size, PAGE_SIZE);
        memcpy(piece->data, data, piece->size);
        data += piece->size;
        size -= piece->size;
    }
    return s;
}

long atman_link_send(unsigned number, const void *data, unsigned long size,
                     const struct atman_link_frame *how, int by_reference) {
    static uint32_t count; /* so that all queues have their turn */
    struct place *place = find(number);
    struct sending *s = place ? copy_in(data, size, by_reference) : NULL;

    if (!s)
        return place ? -ENOMEM : -ENODEV;
    struct link_packet packet = {.pieces = s->pieces,
                                 .count = s->count,
                                 .sum = (uint8_t)how->sum,
                                 .gso = (uint8_t)how->gso,
                                 .gso_size = (uint16_t)how->gso_size,
                                 .hash = count++,
                                 .token = by_reference ? s : NULL};
    long result = link_send(place->link, &packet);
    if (result == LINK_KEPT)
        __atomic_add_fetch(&place->kept, 1, __ATOMIC_SEQ_CST);
    else
        free_sending(s);
    return result;
}

void atman_link_join(unsigned number, const unsigned char *mac, int is_wanted) {
    struct place *place = find(number);

    if (place)
        link_join(place->link, mac, is_wanted);
}
#else
typedef int empty;
#endif
