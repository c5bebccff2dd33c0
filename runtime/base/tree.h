/* SPDX-License-Identifier: MIT */
/*
 * A balanced tree (AVL) of nodes that are part of their users' records: nothing is
 * allocated, nothing fails, and a node is found, added or removed in O(log n) steps. The
 * order is the user's: the tree itself never compares. Nodes that compare alike are
 * allowed; they keep the order that they were put in.
 *
 * A node belongs to one tree at a time. The user sees to locking.
 */
#ifndef ATMAN_BASE_TREE_H
#define ATMAN_BASE_TREE_H

#include "base.h"

struct tree_node {
    struct tree_node *parent, *child[2];
    unsigned height; /* of what hangs below, itself included */
};

/* Starts as {0}, or with update set. */
struct tree {
    struct tree_node *root;
    /*
     * NULL, or what keeps a summary of each subtree in its top node: called for a node
     * whose children have changed, or their summaries, after it was called for them.
     * Works out the node's summary from its own record and its children's; returns
     * whether it is another than before.
     */
    bool (*update)(struct tree_node *node);
};

/* The record that a node is the named member of. NULL stays NULL if it is the first one. */
#define TREE_RECORD(node, type, member)                                                    \
    ((type *)((unsigned long)(node) - __builtin_offsetof(type, member)))

/* Puts node right before next, which is in the tree; at the end if next is NULL. */
void tree_insert(struct tree *tree, struct tree_node *node, struct tree_node *next);

/* Takes out node, which is in the tree. */
void tree_remove(struct tree *tree, struct tree_node *node);

/* The user has changed what node's summary is made from. */
void tree_refresh(struct tree *tree, struct tree_node *node);

/* The last node towards that side (0: the first), NULL if the tree is empty. */
struct tree_node *tree_edge(const struct tree *tree, unsigned side);

/* The next node towards that side (0: the one before), NULL if there is none. */
struct tree_node *tree_step(const struct tree_node *node, unsigned side);

static inline struct tree_node *tree_first(const struct tree *tree) {
    return tree_edge(tree, 0);
}

static inline struct tree_node *tree_next(const struct tree_node *node) {
    return tree_step(node, 1);
}

static inline struct tree_node *tree_previous(const struct tree_node *node) {
    return tree_step(node, 0);
}

/*
 * The first node that does not come before key, NULL if all do: is_before must say yes to
 * the nodes up to some place, and no behind it.
 */
ALWAYS_INLINE struct tree_node *tree_find(const struct tree *tree,
                                          bool (*is_before)(const struct tree_node *node,
                                                            unsigned long key),
                                          unsigned long key) {
    struct tree_node *node = tree->root, *found = NULL;

    while (node) {
        bool before = is_before(node, key);
        if (!before)
            found = node;
        node = node->child[before];
    }
    return found;
}

#endif
