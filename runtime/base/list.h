/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists of nodes that are part of their users' records. A list is a ring with
 * its head in it: an empty one is a head linked to itself. The user sees to locking.
 */
#ifndef ATMAN_BASE_LIST_H
#define ATMAN_BASE_LIST_H

#include "base.h"

struct list {
    struct list *next, *previous;
};

/* The record that a node is the named member of. */
#define LIST_RECORD(node, type, member)                                                    \
    ((type *)((char *)(node) - __builtin_offsetof(type, member)))

static inline void list_init(struct list *head) {
    head->next = head->previous = head;
}

static inline bool list_is_empty(const struct list *head) {
    return head->next == head;
}

/* Puts node right before next, which may be the head: then it is the last. */
static inline void list_insert(struct list *node, struct list *next) {
    node->next = next;
    node->previous = next->previous;
    next->previous->next = node;
    next->previous = node;
}

static inline void list_remove(struct list *node) {
    node->previous->next = node->next;
    node->next->previous = node->previous;
}

#endif
