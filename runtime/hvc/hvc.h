/* SPDX-License-Identifier: MIT */
/*
 * Consoles beside the first one, which xl's config calls channels: rings as the first one's
 * (xen/include/public/io/console.h), found through xenstore and served by whoever the
 * toolstack says. Each is a stream of bytes in both directions.
 *
 * What was written stays in the ring until the other side has taken it, also while that
 * goes and comes back, and where the domain goes on elsewhere.
 */
#ifndef ATMAN_HVC_HVC_H
#define ATMAN_HVC_HVC_H

#include "fs/discipline.h"
#include "sched/calm.h"
#include "sched/mutex.h"
#include "sched/ready.h"
#include "sched/timer.h"
#include "xen/grant.h"
#include "xenbus/frontend.h"

enum { HVC_MOST = 64, HVC_NAME = 64 };

struct hvc {
    struct frontend front; /* the first member */
    uint32_t references;   /* atomic */
    unsigned number;       /* the store's: 1 to HVC_MOST - 1 */
    struct ready ready;
    struct mutex writing; /* whoever has it finds at least the room that there was */
    struct discipline_termios settings; /* kept and told, under writing */

    struct lock lock; /* LOCK_OBJECT, of what follows: */
    char name[HVC_NAME];
    volatile struct xencons_interface *page; /* granted; NULL: not yet */
    grant_ref_t ref;
    evtchn_port_t port;         /* 0: none */
    bool is_out;                /* nobody will serve it any more */
    uint32_t in_prod, out_cons; /* as the last event found them */
    struct calm calm;           /* of the port */
    struct timer later;         /* it is masked until then */
};

/* Looks for consoles from now on. Starts the scheduler. False: there is no store. */
bool hvcs_start(void);

/* Waits until those that are listed are there: 5 s from the first call on, all in all. */
void hvcs_wait(void);

/* The console of that number, with a reference; NULL: there is none. */
struct hvc *hvc_find(unsigned number);
void hvc_drop(struct hvc *hvc);

/* A copy of the name that the toolstack has given it; "": none that can be a file's. */
void hvc_tell_name(struct hvc *hvc, char name[HVC_NAME]);

/*
 * Without waiting: as many bytes of the runtime's own memory as there are, or there is room
 * for; 0: none. -EIO: nobody will take them, or it was not given the room that it had. One
 * hvc_put at a time.
 */
long hvc_get(struct hvc *hvc, char *buffer, size_t size);
long hvc_put(struct hvc *hvc, const char *data, size_t size);

/* Bytes in the ring that were not read, and for which there is room. */
size_t hvc_held(struct hvc *hvc);
size_t hvc_room(struct hvc *hvc);

bool hvc_is_out(struct hvc *hvc);

#endif
