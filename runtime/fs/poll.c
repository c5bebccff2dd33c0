/* SPDX-License-Identifier: MIT */
/*
 * A descriptor is watched from the moment on at which it was first found not to be ready;
 * as soon as one is ready no more are. While the thread sleeps it has a reference to each
 * file; handlers run only when all is given back.
 */
#include "fs/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "fs/file.h"
#include "fs/terminal.h"
#include "mm/heap.h"
#include "sched/settle.h"
#include "sched/thread.h"

enum { PER_PAGE = (PAGE_SIZE - sizeof(struct polled_piece)) / sizeof(struct polled) };

void poller_init(struct poller *p, unsigned always) {
    p->thread = thread_current();
    p->notified = 0;
    p->always = always;
    p->here = (struct polled_piece){.records = p->few};
    p->last = &p->here;
    p->room = POLLED_FEW;
}

/* NULL: no memory. */
static struct polled_piece *add_piece(struct poller *p) {
    struct polled_piece *piece = heap_alloc(PAGE_SIZE);

    if (!piece)
        return NULL;
    piece->records = (struct polled *)(void *)(piece + 1);
    p->last->next = piece;
    p->last = piece;
    p->room = PER_PAGE;
    return piece;
}

struct polled *poller_add(struct poller *p, int fd, unsigned wanted) {
    terminal_use();
    if (p->last->count == p->room && !add_piece(p))
        return NULL;
    struct polled *record = &p->last->records[p->last->count++];
    *record = (struct polled){.poller = p, .fd = fd, .wanted = wanted};
    return record;
}

struct polled *poller_next(struct poller *p, struct polled_piece **piece, unsigned *index) {
    if (!*piece) {
        *piece = &p->here;
        *index = 0;
    }
    if (*index == (*piece)->count && (*piece)->next) {
        *piece = (*piece)->next;
        *index = 0;
    }
    return *index < (*piece)->count ? &(*piece)->records[(*index)++] : NULL;
}

static void notify(struct watch *watch, unsigned events) {
    struct polled *record = LIST_RECORD(watch, struct polled, watch);

    if (events && !(events & (record->wanted | record->poller->always)))
        return;
    __atomic_store_n(&record->poller->notified, 1, __ATOMIC_SEQ_CST);
    thread_wake(record->poller->thread, WAKE_EVENT);
}

static unsigned look(struct polled *record) {
    unsigned wanted = record->wanted | record->poller->always;

    record->found = file_poll(record->file) & wanted;
    return record->found;
}

/* True if something is found. watches: the first time, if it is to wait. */
static bool look_first(struct polled *record, bool watches) {
    if (record->fd < 0)
        return false;
    if (!record->file)
        record->file = fd_get(record->fd);
    if (!record->file || record->file->flags & O_PATH) {
        record->found = POLLNVAL;
        return true;
    }
    if (look(record))
        return true;
    if (!watches || record->watch.ready)
        return false;
    struct ready *ready = file_ready(record->file);
    record->watch.notify = notify;
    if (ready)
        watch_add(&record->watch, ready);
    return ready && look(record);
}

static long look_at_all(struct poller *p, bool waits) {
    struct polled_piece *piece = NULL;
    struct polled *record;
    unsigned index;
    long found = 0;

    while ((record = poller_next(p, &piece, &index)))
        found += look_first(record, waits && !found);
    return found;
}

/* 0: look again. -ETIMEDOUT. */
static long sleep(struct poller *p, uint64_t until) {
    thread_prepare(true);
    if (__atomic_load_n(&p->notified, __ATOMIC_SEQ_CST))
        thread_wake(p->thread, WAKE_EVENT);
    enum wake why = thread_sleep(until);
    if (thread_finish() != HANDLED_NONE)
        return -EINTR;
    if (why == WAKE_SIGNAL)
        return handlers_interrupt(false);
    return why == WAKE_TIMEOUT ? -ETIMEDOUT : 0;
}

long poller_wait(struct poller *p, uint64_t until) {
    for (;;) {
        __atomic_store_n(&p->notified, 0, __ATOMIC_SEQ_CST);
        long found = look_at_all(p, until != 1);
        if (found || until == 1)
            return found;
        long error = sleep(p, until);
        if (error == -ETIMEDOUT)
            until = 1; /* a last look */
        else if (error)
            return error;
    }
}

/* Watches first: afterwards nobody looks at a record. */
void poller_end(struct poller *p) {
    struct polled_piece *piece = NULL, *next;
    struct polled *record;
    unsigned index;

    while ((record = poller_next(p, &piece, &index))) {
        watch_remove(&record->watch);
        if (record->file)
            file_drop(record->file);
    }
    for (piece = p->here.next; piece; piece = next) {
        next = piece->next;
        heap_free(piece);
    }
}
