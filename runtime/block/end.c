/* SPDX-License-Identifier: MIT */
/*
 * At an orderly end files are written as ever, and disks flushed; a disk that has not
 * answered for some time is given up, so that no end waits for it for ever.
 *
 * If a signal ends the program, what it has written is still the disk's, as Linux's page
 * cache outlives a process. No thread runs any more then, and no event comes: what is dirty
 * is sent, and answers are looked for, by the one vCPU that is left.
 */
#include "block/end.h"

#include "block/disk.h"
#include "fs/backed.h"
#include "fs/backed_parts.h"
#include "init/shutdown.h"
#include "log/log.h"
#include "mm/lock.h"
#include "sched/clock.h"
#include "sched/hooks.h"
#include "xen/hypercall.h"

#define PATIENCE_NS (20 * NS_PER_SEC)
#define LOOK_NS (NS_PER_SEC / 2)

/* --- who does not answer ------------------------------------------------------------ */

enum { WATCHED = 64 };

static struct {
    const struct disk *disk;
    uint32_t answers;
    uint64_t since;
} watched[WATCHED];

static void check(struct disk *d, unsigned i, uint64_t now) {
    uint32_t answers;
    bool is_busy = disk_is_busy(d, &answers);

    if (watched[i].disk != d || watched[i].answers != answers || !is_busy ||
        !watched[i].since) {
        watched[i].disk = d;
        watched[i].answers = answers;
        watched[i].since = now;
    } else if (now - watched[i].since >= PATIENCE_NS) {
        log_error("%s does not answer: what was to be written is lost", d->number.name);
        disk_give_up(d);
    }
}

static void check_all(void) {
    uint64_t now = clock_monotonic();
    unsigned i = 0;

    for (struct disk *d = disk_next(NULL); d; d = disk_next(d))
        check(d, i++ % WATCHED, now);
}

/* --- an orderly end ----------------------------------------------------------------- */

static void (*sync_files)(void);

static void fire(struct timer *timer) {
    check_all();
    timer_set(timer, clock_monotonic() + LOOK_NS);
}

static void sync_all(void) {
    static struct timer timer;

    if (!timer.queued) {
        timer.fire = fire;
        timer_set(&timer, clock_monotonic() + LOOK_NS);
    }
    sync_files();
    for (struct disk *d = disk_next(NULL); d; d = disk_next(d))
        if (disk_is_unflushed(d))
            disk_flush(d);
}

/* --- a signal ----------------------------------------------------------------------- */

static void tell_nobody(const char *who, unsigned long rip, unsigned long rbp) {
    (void)who, (void)rip, (void)rbp;
}

/* Nobody else changes the list any more. */
static void send_dirty(void) {
    for (struct list *at = backed_all.next; at != &backed_all; at = at->next)
        writeback_start(LIST_RECORD(at, struct backed, node), 0, CACHE_END);
}

/* Until no disk is busy. */
static void poll_all(void) {
    bool is_busy;

    do {
        is_busy = false;
        check_all();
        for (struct disk *d = disk_next(NULL); d; d = disk_next(d)) {
            uint32_t answers;
            disk_poll(d);
            is_busy |= disk_is_busy(d, &answers);
        }
        xen_sched_op(SCHEDOP_yield, NULL);
    } while (is_busy);
}

static void end_nothing(struct disk_request *request) {
    (void)request;
}

static void flush_all(void) {
    static struct disk_request requests[WATCHED];
    unsigned i = 0;

    for (struct disk *d = disk_next(NULL); d; d = disk_next(d)) {
        if (i == WATCHED || !disk_is_unflushed(d))
            continue;
        requests[i].end = end_nothing;
        requests[i].block.kind = BLOCK_FLUSH;
        disk_submit(d, &requests[i++]);
    }
    poll_all();
}

static void rescue(void) {
    scheduler->census(tell_nobody); /* stops the others */
    send_dirty();
    poll_all();
    send_dirty(); /* what was being written and dirty again */
    flush_all();
}

void end_prepare(void) {
    if (shutdown_prepare == sync_all)
        return;
    sync_files = shutdown_prepare;
    shutdown_prepare = sync_all;
    shutdown_rescue = rescue;
}
