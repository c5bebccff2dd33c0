/* SPDX-License-Identifier: MIT */
/* INTERIM until mm4's. */
#ifndef ATMAN_FS_CACHE_H
#define ATMAN_FS_CACHE_H
#include "base/tree.h"
#include "mm/object.h"
struct vnode;
struct cache {
    struct object object;
    struct tree tree;
    size_t pages;
    uint64_t size;
    struct vnode *vnode;
};
#define CACHE_END UINT64_MAX
void cache_init(struct cache *c, struct vnode *vnode);
void cache_free(struct cache *c);
void *cache_find(struct cache *c, uint64_t index);
void *cache_get(struct cache *c, uint64_t index);
long cache_adopt(struct cache *c, uint64_t index, void *page);
void cache_drop(struct cache *c, uint64_t first, uint64_t end, bool private_too);
bool cache_next(struct cache *c, uint64_t index, uint64_t *next);
void cache_set_size(struct cache *c, uint64_t size);
#endif
