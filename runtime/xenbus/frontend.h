/* SPDX-License-Identifier: MIT */
/*
 * Frontends: the devices of one kind that other domains serve, found and followed through
 * xenstore. What is to be done when is xenbus/device.h's; here it is carried out, in the
 * store's own thread, for one device after the other.
 *
 * The other end is not trusted. Its values go to the kind's functions as they are; its
 * states are checked; a device that it misuses is broken, and only that one. Only want of
 * memory is tried again.
 */
#ifndef ATMAN_XENBUS_FRONTEND_H
#define ATMAN_XENBUS_FRONTEND_H

#include "xen/interface.h"
#include "xenbus/device.h"
#include "xenbus/store.h"

enum { FRONTEND_NAME = 12, FRONTEND_PATH = 256 };

struct frontend;

/*
 * What a kind of devices does, called in the store's thread; may wait for the store, but
 * not for the other end. An error of make and connect breaks the device, unless it is
 * -ENOMEM, after which the call is made again.
 */
struct frontend_ops {
    const char *path; /* "device/vbd" */
    /* The other end waits for Connected as soon as all is published, not for Initialised.
     */
    bool is_first;
    /* A new device, all zeros but for what is the kind's, from heap_alloc; NULL: there is
     * no such device, or no memory. */
    struct frontend *(*add)(const char *name);
    /* What is to be shared with domain f->other is made and published. */
    long (*make)(struct frontend *f);
    long (*connect)(struct frontend *f); /* the other end has published, and is ready */
    long (*look)(struct frontend *f);    /* what it has published may have changed */
    /* What was shared is dropped, if anything was: requests wait, or they fail. */
    void (*disconnect)(struct frontend *f);
    void (*fail)(struct frontend *f);
    void (*remove)(struct frontend *f); /* after fail: the record is the kind's again */
};

struct frontend {
    struct list node;
    const struct frontend_ops *ops;
    struct frontend_class *class;
    enum device_phase phase;
    domid_t other;
    uint32_t resumes;                /* of the domain's, that it has seen */
    bool is_misused;                 /* atomic */
    char name[FRONTEND_NAME];        /* the last component of: */
    char path[FRONTEND_PATH];        /* its own directory */
    char backend[FRONTEND_PATH];     /* the other end's; "" */
    char watched[FRONTEND_PATH + 8]; /* the other end's state */
    struct store_watch watch;        /* of that, if there is a backend */
};

/* All devices of a kind; static, starts with ops. */
struct frontend_class {
    const struct frontend_ops *ops;
    struct store_watch watch;
    struct list devices;
    bool is_listed;     /* atomic: the store was asked which there are, and answered */
    uint32_t unsettled; /* atomic: devices whose other end has not come yet */
};

/* Devices are looked for from now on. -ENODEV: there is no store; and the store's errors.
 */
long frontend_start(struct frontend_class *class);

/* All that are listed are connected, or have ended. */
bool frontend_is_settled(const struct frontend_class *class);

/* A node of the other end's, as store_read. */
long frontend_read(const struct frontend *f, const char *name, char *value, size_t size);

/* A node of the device's own directory as text; false if it is not there, or too long. */
bool frontend_read_own(const struct frontend *f, const char *name, char *text, size_t size);

struct frontend_node {
    char name[32];
    char value[24]; /* "": the node goes, if it is there */
};

/* Those nodes in the device's own directory, at once. -ENOENT: that is no more. */
long frontend_publish(const struct frontend *f, const struct frontend_node *nodes,
                      size_t count);

/* The other end has broken the protocol. In any context, with no lock from LOCK_OBJECT on.
 */
void frontend_misused(struct frontend *f);

/*
 * The domain goes on elsewhere, or was restored: nothing is shared with anybody any more,
 * and all watches have been set again. All devices are connected anew.
 */
void frontend_resume(void);

#endif
