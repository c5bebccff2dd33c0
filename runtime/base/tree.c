/* SPDX-License-Identifier: MIT */
/*
 * Invariants: the heights of a node's two children differ by one at most; height and
 * summary of every node are those of what hangs below it.
 */
#include "base/tree.h"

static unsigned height(const struct tree_node *node) {
    return node ? node->height : 0;
}

/* new, or nothing, takes the place of old below parent. */
static void replace(struct tree *tree, struct tree_node *parent,
                    const struct tree_node *old, struct tree_node *new) {
    if (parent)
        parent->child[parent->child[1] == old] = new;
    else
        tree->root = new;
    if (new)
        new->parent = parent;
}

/* Whether anything changed that the nodes above must know of. */
static bool refresh(const struct tree *tree, struct tree_node *node) {
    unsigned left = height(node->child[0]), right = height(node->child[1]);
    unsigned now = 1 + (left > right ? left : right);
    bool changed = now != node->height;

    node->height = now;
    if (tree->update && tree->update(node))
        changed = true;
    return changed;
}

/* The child at that side takes node's place, and node becomes its child at the other. */
static struct tree_node *rotate(struct tree *tree, struct tree_node *node, unsigned side) {
    struct tree_node *up = node->child[side], *between = up->child[!side];

    replace(tree, node->parent, node, up);
    node->child[side] = between;
    if (between)
        between->parent = node;
    up->child[!side] = node;
    node->parent = up;
    refresh(tree, node);
    refresh(tree, up);
    return up;
}

void tree_refresh(struct tree *tree, struct tree_node *node) {
    bool changed = true;

    /* The node itself may have taken another's place: those above must know in any case. */
    for (unsigned step = 0; node && changed; node = node->parent, step++) {
        changed = refresh(tree, node) || !step;
        unsigned side = height(node->child[1]) > height(node->child[0]);
        struct tree_node *tall = node->child[side];
        if (height(tall) < height(node->child[!side]) + 2)
            continue;
        if (height(tall->child[!side]) > height(tall->child[side]))
            rotate(tree, tall, !side);
        node = rotate(tree, node, side);
        changed = true;
    }
}

void tree_insert(struct tree *tree, struct tree_node *node, struct tree_node *next) {
    struct tree_node *parent = next;
    bool right = !next || next->child[0];

    if (right)
        parent = next ? tree_previous(next) : tree_edge(tree, 1);
    *node = (struct tree_node){.parent = parent};
    if (parent)
        parent->child[right] = node;
    else
        tree->root = node;
    tree_refresh(tree, node);
}

void tree_remove(struct tree *tree, struct tree_node *node) {
    struct tree_node *heir = node->child[!node->child[0]], *lowest = node->parent;

    if (node->child[0] && node->child[1]) {
        heir = tree_next(node);
        lowest = heir->parent == node ? heir : heir->parent;
        replace(tree, heir->parent, heir, heir->child[1]);
        for (unsigned side = 0; side < 2; side++) {
            heir->child[side] = node->child[side];
            if (heir->child[side])
                heir->child[side]->parent = heir;
        }
    }
    replace(tree, node->parent, node, heir);
    tree_refresh(tree, lowest);
    if (heir)
        tree_refresh(tree, heir);
}

struct tree_node *tree_edge(const struct tree *tree, unsigned side) {
    struct tree_node *node = tree->root;

    while (node && node->child[side])
        node = node->child[side];
    return node;
}

struct tree_node *tree_step(const struct tree_node *node, unsigned side) {
    struct tree_node *next = node->child[side];

    if (next) {
        while (next->child[!side])
            next = next->child[!side];
        return next;
    }
    for (next = node->parent; next && next->child[side] == node; next = node->parent)
        node = next;
    return next;
}
