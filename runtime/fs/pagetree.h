/* SPDX-License-Identifier: MIT */
/*
 * Pages by number, any numbers: a radix tree, of which only what leads to a page is there.
 * A single page with number 0 takes no memory besides itself. Each page has marks, bits
 * whose meaning is the user's.
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

/* Adds a page where there is none, with those marks. -ENOMEM. */
int pagetree_add(struct pagetree *tree, unsigned long index, void *page, unsigned marks);

/* Takes the page out, if there is one. */
void *pagetree_remove(struct pagetree *tree, unsigned long index);

enum { PAGETREE_MARKS = PAGE_SIZE - 1 /* all that there can be */ };

/* The marks of the page of that number; 0 if there is no such page. */
unsigned pagetree_marks(const struct pagetree *tree, unsigned long index);

/* Sets the marks of the page of that number, which there must be. */
void pagetree_set_marks(struct pagetree *tree, unsigned long index, unsigned marks);

/* As pagetree_next, of pages with any of the marks. */
void *pagetree_next_marked(const struct pagetree *tree, unsigned long *index,
                           unsigned marks);

#endif
