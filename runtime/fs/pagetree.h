/* SPDX-License-Identifier: MIT */
/*
 * Pages by number, any numbers: a radix tree, of which only what leads to a page is there.
 * A single page with number 0 takes no memory besides itself. Each page has a mark.
 *
 * Changes want mm_lock held, for the tree's own memory; the user sees to the rest.
 */
#ifndef ATMAN_FS_PAGETREE_H
#define ATMAN_FS_PAGETREE_H

#include "base.h"

/* {0} is an empty one. */
struct pagetree {
    void *root;
    unsigned height;
};

/* The page of that number, or NULL. */
void *pagetree_find(const struct pagetree *tree, unsigned long index);

/* The first page whose number is *index or more, which *index is set to; NULL: none. */
void *pagetree_next(const struct pagetree *tree, unsigned long *index);

/* Adds a page where there is none, without a mark. -ENOMEM. */
int pagetree_add(struct pagetree *tree, unsigned long index, void *page);

/* Takes the page out, if there is one. */
void *pagetree_remove(struct pagetree *tree, unsigned long index);

/* Marks the page of that number, or takes the mark away; whether it was marked. False if
 * there is no such page. */
bool pagetree_mark(struct pagetree *tree, unsigned long index, bool mark);

/* As pagetree_next, of marked pages. */
void *pagetree_next_marked(const struct pagetree *tree, unsigned long *index);

#endif
