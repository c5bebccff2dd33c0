/* SPDX-License-Identifier: MIT */
/*
 * A device's life, for every frontend: a function of where it is and what is to be seen of
 * the other end (states are those of xen/include/public/io/xenbus.h). It touches nothing;
 * who calls it carries out the move and asks again, until there is none.
 *
 * The other end is not trusted: whatever it shows, and in whatever order, the moves come
 * to an end as long as it shows the same; what was made is dropped before it is made again.
 */
#ifndef ATMAN_XENBUS_DEVICE_H
#define ATMAN_XENBUS_DEVICE_H

#include "base.h"

#include <xen/io/xenbus.h>

enum device_phase {
    DEVICE_NEW,       /* the other end is waited for, and nothing shared with it */
    DEVICE_OFFERED,   /* what is shared is made; it is for the other end to use it */
    DEVICE_CONNECTED, /* in use */
    DEVICE_CLOSED,    /* the other end has closed, but should come back */
    DEVICE_LEFT,      /* it was unplugged: requests fail */
    DEVICE_BROKEN,    /* the same, for good: the other end did what cannot be */
    DEVICE_GONE,      /* its directory, too */
};

/* What is to be done, before the state is written. */
enum device_action {
    DEVICE_NOTHING,
    DEVICE_MAKE,       /* make what is to be shared, and publish it */
    DEVICE_CONNECT,    /* read what the other end has published; requests go */
    DEVICE_LOOK,       /* what it has published may have changed (a disk's size) */
    DEVICE_DISCONNECT, /* drop what was shared, if anything; requests wait */
    DEVICE_FAIL,       /* drop what was shared, if anything; requests fail */
    DEVICE_REMOVE,     /* the same, and the device is no more */
};

enum device_event {
    DEVICE_SEEN,    /* the other end was looked at */
    DEVICE_TOLD,    /* the same, because something of it has changed; the first time */
    DEVICE_RESUMED, /* the domain goes on elsewhere: nothing is shared any more */
    DEVICE_MISUSED, /* an action failed, or the other end broke the protocol */
};

enum { DEVICE_NONSENSE = -1 };

/* As it was read, all of it before the move. */
struct device_view {
    bool is_there;  /* the device's own directory */
    bool is_online; /* false: the other end's node of that name is 0, it is unplugged */
    int other;      /* its state: XenbusStateUnknown: none; or DEVICE_NONSENSE */
};

struct device_move {
    enum device_phase phase;
    enum device_action action;
    enum xenbus_state state; /* to be written as our own, Unknown: none */
    bool is_last;            /* else to be asked again, with DEVICE_SEEN */
};

struct device_move device_next(enum device_phase phase, enum device_event event,
                               struct device_view view);

/* The number of a state as the store has it: text of size bytes, or an error. */
int device_state(const char *text, long size);

#endif
