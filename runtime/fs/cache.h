/* SPDX-License-Identifier: MIT */
/*
 * The pages of a file's contents that are in memory: of a file in memory all that are no
 * holes. read and write use them, and mappings map them (mm/object.h). Of files on devices
 * see fs/backed.h, which has operations of its own for most of what is here.
 *
 * Locks. Who reads or changes contents holds the file's mutex (vnode->lock), so that what
 * cache_find and cache_get return stays there until that is dropped. A page fault holds
 * mm_lock and can only add pages. Under both, changes of the tree of pages happen with
 * mm_lock and the cache's spin lock held, and either is enough to look at it. A page that
 * is dropped leaves all mappings, the tree and the cache in one stretch under mm_lock.
 *
 * No call may be made with mm_lock or a lock behind it held.
 */
#ifndef ATMAN_FS_CACHE_H
#define ATMAN_FS_CACHE_H

#include "fs/pagetree.h"
#include "mm/object.h"
#include "xen/lock.h"

struct cache;
struct vnode;

/* Behind the last page that a file can have. */
#define CACHE_END (1ul << 51)

/* How many pages the files of a file system may have; under mm_lock. */
struct cache_quota {
    size_t most, used;
};

struct cache {
    struct object object;
    struct lock lock;
    struct pagetree tree;
    size_t pages;        /* in memory */
    unsigned long limit; /* pages up to the file's end: mappings have no others */
    size_t promised;     /* pages that are sure to be had; see cache_promise */
    struct vnode *vnode;
    struct cache_quota *quota; /* NULL: as many as there are */
};

/* An empty one of a vnode, which mappings will have references to. */
void cache_init(struct cache *cache, struct vnode *vnode);

/* The vnode whose contents the object is, or NULL. */
struct vnode *cache_vnode(struct object *object);

/* How many pages all caches have. */
extern size_t cache_pages_all; /* under mm_lock */

/* An empty one of any other object. ops->page is cache_page. */
void cache_init_object(struct cache *cache, const struct object_ops *ops);

/* All pages go; nothing maps it any more. */
void cache_free(struct cache *cache);

/* The page of that number, or NULL: a hole. */
void *cache_find(struct cache *cache, unsigned long index);

/* The same, and a hole becomes a page of zeros. NULL: there is no room. What the program
 * was promised comes first. */
void *cache_get(struct cache *cache, unsigned long index);

/*
 * A page in the direct map, writable there, becomes the one of that number, where there is
 * none. It is given back in the end if it is one that page_take gives (page_is_given); if
 * not, it stays its owner's. -ENOMEM: it has not.
 */
long cache_adopt(struct cache *cache, unsigned long index, void *page);

/*
 * Pages [first, end) go, from mappings as well: holes are left. Private copies of them stay
 * unless private_too, which is for what is beyond a new end (cache_set_size before).
 */
void cache_drop(struct cache *cache, unsigned long first, unsigned long end,
                bool private_too);

/* The first page from index on, whose number *found becomes; NULL: there is none. */
void *cache_next(struct cache *cache, unsigned long index, unsigned long *found);

/* The file's size: a mapping has no pages beyond. */
void cache_set_size(struct cache *cache, uint64_t size);

/*
 * Memory for its first pages is promised, as to private memory of the program's. -ENOMEM.
 * Once, before it is mapped; cache_free takes it back.
 */
long cache_promise(struct cache *cache, size_t pages);

/* object_ops' page, of the object in a cache. */
int cache_page(struct object *object, unsigned long index, enum object_access access,
               void **page);

/* object_ops' punch, of the object in a cache of a vnode's: by vnode_ops' allocate. */
long cache_punch(struct object *object, unsigned long first, unsigned long end);

#endif
