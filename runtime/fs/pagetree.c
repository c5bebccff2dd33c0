/* SPDX-License-Identifier: MIT */
/*
 * A tree of height h has pages with numbers below FANOUT to the power of h; with height 0
 * its root is page 0 itself. Invariants: no node is empty, and the topmost one has more
 * than its first slot in use. A page's marks are the lowest bits of its address in its
 * slot.
 *
 * Nodes are cut from pages, which begin with what is known of them; a page without nodes in
 * use goes back.
 */
#include "fs/pagetree.h"

#include <errno.h>

#include "base/list.h"
#include "base/string.h"
#include "mm/page.h"

enum { BITS = 6, FANOUT = 1 << BITS, LEVELS = (64 + BITS - 1) / BITS };

struct node {
    uint64_t used; /* a bit for each slot */
    void *slot[FANOUT];
};

/* A page of nodes. */
struct block {
    struct list list;    /* of those with a free node */
    struct node *unused; /* through slot[0] */
    unsigned used, fresh;
    struct node nodes[];
};
enum { PER_BLOCK = (PAGE_SIZE - sizeof(struct block)) / sizeof(struct node) };

static struct list blocks = {&blocks, &blocks};

static struct node *take_node(void) {
    struct block *b = LIST_RECORD(blocks.next, struct block, list);

    if (list_is_empty(&blocks)) {
        b = page_take();
        if (!b)
            return NULL;
        list_insert(&b->list, &blocks);
    }
    struct node *node = b->unused;
    if (node)
        b->unused = node->slot[0];
    else
        node = &b->nodes[b->fresh++];
    if (++b->used == PER_BLOCK)
        list_remove(&b->list);
    return memset(node, 0, sizeof *node);
}

static void give_node(struct node *node) {
    struct block *b = (struct block *)ROUND_DOWN((unsigned long)node, PAGE_SIZE);

    if (b->used-- == PER_BLOCK)
        list_insert(&b->list, &blocks);
    node->slot[0] = b->unused;
    b->unused = node;
    if (b->used)
        return;
    list_remove(&b->list);
    page_give(b);
}

static unsigned slot_number(unsigned long index, unsigned level) {
    return index >> BITS * (level - 1) & (FANOUT - 1);
}

/* Numbers that a tree of that height has, less one. */
static unsigned long last_of(unsigned height) {
    return height >= LEVELS ? ~0ul : (1ul << BITS * height) - 1;
}

static void *page_in(const void *slot) {
    return (void *)ROUND_DOWN((unsigned long)slot, PAGE_SIZE);
}

/* The slot of that number at level 0 (a page's) or the node above it; NULL: missing. */
static void **find_slot(const struct pagetree *tree, unsigned long index,
                        struct node **above) {
    void **slot = (void **)&tree->root;

    *above = NULL;
    if (index > last_of(tree->height))
        return NULL;
    for (unsigned level = tree->height; level && *slot; level--) {
        *above = *slot;
        slot = &(*above)->slot[slot_number(index, level)];
    }
    return *slot ? slot : NULL;
}

void *pagetree_find(const struct pagetree *tree, unsigned long index) {
    struct node *above;
    void **slot = find_slot(tree, index, &above);

    return slot ? page_in(*slot) : NULL;
}

/*
 * The way down to index as far as there is something: NULL and *index is where to go on, 0
 * if there is nothing more.
 */
static void *descend(const struct pagetree *tree, unsigned long *index) {
    void *at = tree->root;

    for (unsigned level = tree->height; level; level--) {
        const struct node *node = at;
        unsigned shift = BITS * (level - 1), slot = slot_number(*index, level);
        uint64_t rest = node->used >> slot;
        if (!rest) {
            *index = (*index | last_of(level)) + 1;
            return NULL;
        }
        if (!(rest & 1)) {
            slot += (unsigned)__builtin_ctzll(rest);
            *index = (*index & ~last_of(level)) | (unsigned long)slot << shift;
        }
        at = node->slot[slot];
    }
    return at;
}

static void *next_slot(const struct pagetree *tree, unsigned long *index) {
    void *found = NULL;

    while (tree->root && *index <= last_of(tree->height)) {
        found = descend(tree, index);
        if (found || !*index)
            break;
    }
    return found;
}

void *pagetree_next(const struct pagetree *tree, unsigned long *index) {
    return page_in(next_slot(tree, index));
}

static unsigned marks_in(const void *slot) {
    return (unsigned)((unsigned long)slot & PAGETREE_MARKS);
}

void *pagetree_next_marked(const struct pagetree *tree, unsigned long *index,
                           unsigned marks) {
    void *slot = next_slot(tree, index);

    while (slot && !(marks_in(slot) & marks)) {
        if (!++*index)
            return NULL;
        slot = next_slot(tree, index);
    }
    return page_in(slot);
}

unsigned pagetree_marks(const struct pagetree *tree, unsigned long index) {
    struct node *above;
    void **slot = find_slot(tree, index, &above);

    return slot ? marks_in(*slot) : 0;
}

void pagetree_set_marks(struct pagetree *tree, unsigned long index, unsigned marks) {
    struct node *above;
    void **slot = find_slot(tree, index, &above);

    *slot = (char *)page_in(*slot) + marks;
}

/* Nodes on the way to index that lead nowhere go, and a topmost one that is no use. */
static void prune(struct pagetree *tree, unsigned long index) {
    struct node *path[LEVELS + 1] = {0}, *node = tree->root;
    unsigned level;

    for (level = tree->height; level && node; level--) {
        path[level] = node;
        node = node->slot[slot_number(index, level)];
    }
    while (++level <= tree->height && !path[level]->used) {
        give_node(path[level]);
        if (level == tree->height) {
            tree->root = NULL;
            break;
        }
        unsigned slot = slot_number(index, level + 1);
        path[level + 1]->slot[slot] = NULL;
        path[level + 1]->used &= ~(1ull << slot);
    }
    while (tree->height && tree->root && ((struct node *)tree->root)->used == 1) {
        struct node *top = tree->root;
        tree->root = top->slot[0];
        tree->height--;
        give_node(top);
    }
    if (!tree->root)
        tree->height = 0;
}

/* One level more, in which what there is has the first slot. */
static bool raise(struct pagetree *tree) {
    if (tree->root) {
        struct node *top = take_node();
        if (!top)
            return false;
        top->slot[0] = tree->root;
        top->used = 1;
        tree->root = top;
    }
    tree->height++;
    return true;
}

/* The slot for index, with all the nodes above it; NULL: no memory. */
static void **make_slot(struct pagetree *tree, unsigned long index) {
    void **slot = &tree->root;

    while (index > last_of(tree->height))
        if (!raise(tree))
            return NULL;
    for (unsigned level = tree->height; level; level--) {
        struct node *node = *slot ? *slot : take_node();
        if (!node)
            return NULL;
        *slot = node;
        unsigned number = slot_number(index, level);
        slot = &node->slot[number];
        if (level > 1 && !*slot) {
            *slot = take_node();
            if (!*slot)
                return NULL;
        }
        node->used |= 1ull << number;
    }
    return slot;
}

int pagetree_add(struct pagetree *tree, unsigned long index, void *page, unsigned marks) {
    void **slot = make_slot(tree, index);

    if (!slot) {
        prune(tree, index);
        return -ENOMEM;
    }
    *slot = (char *)page + marks;
    return 0;
}

void *pagetree_remove(struct pagetree *tree, unsigned long index) {
    struct node *above;
    void **slot = find_slot(tree, index, &above);

    if (!slot)
        return NULL;
    void *page = page_in(*slot);
    *slot = NULL;
    if (above)
        above->used &= ~(1ull << slot_number(index, 1));
    prune(tree, index);
    return page;
}
