/* SPDX-License-Identifier: MIT */
/*
 * Nodes by which the toolstack asks something of the domain. Each is watched, read when it
 * may have changed, and obeyed, all in the store's events: a kernel entry on the first
 * vCPU. However often it changes, one read of it is under way at a time.
 */
#ifndef ATMAN_XENBUS_NODE_H
#define ATMAN_XENBUS_NODE_H

#include "xenbus/wire.h"

struct node {
    const char *path;                /* relative to the domain's own directory */
    void (*obey)(struct node *node); /* value, which stays until the node's next request */
    char value[16];                  /* cut off, if it is longer; "" if it cannot be read */

    struct node *next; /* node.c's from here on */
    struct wire_request request, watch;
    char token[3];
    bool is_wanted, is_busy, has_come; /* under the wire's lock */
};

/* node stays, with path and obey filled in. Calls exclude one another. */
void node_add(struct node *node);

/* After that. */
void node_watch(struct node *node);

/* Whenever the store has forgotten who watches. */
void node_watch_all(void);

/* To be called for each event of the store. */
void node_look_all(void);

/* In obey: to be read and obeyed once more, as if it had changed. */
void node_read_again(struct node *node);

/* In obey: empties the node, which says that its value was seen. */
void node_acknowledge(struct node *node);

/* Sends a request that has one path, and whose answer does not matter. Both stay. */
void node_send(struct wire_request *request, uint32_t type, const char *path,
               const char *value, size_t size);

#endif
