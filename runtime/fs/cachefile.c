/* SPDX-License-Identifier: MIT */
/* What mappings of a file are to its vnode: references, and calls from msync and madvise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "fs/cache.h"
#include "fs/vnode.h"

static struct vnode *vnode_of(struct object *object) {
    return ((struct cache *)object)->vnode;
}

static void ref(struct object *object) {
    vnode_hold(vnode_of(object));
}

static void unref(struct object *object) {
    vnode_drop(vnode_of(object));
}

static long sync(struct object *object, unsigned long first, unsigned long end) {
    struct cache *cache = (struct cache *)object;
    struct vnode *vnode = cache->vnode;

    if (!cache->ops || !cache->ops->write_back)
        return 0;
    mutex_take(&vnode->lock);
    long error = cache->ops->write_back(cache, first, end);
    mutex_drop(&vnode->lock);
    return error;
}

static long punch(struct object *object, unsigned long first, unsigned long end) {
    struct vnode *vnode = vnode_of(object);

    if (!vnode->ops->allocate)
        return -EOPNOTSUPP;
    mutex_take(&vnode->lock);
    long error = vnode->ops->allocate(vnode, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                      (int64_t)(first * PAGE_SIZE),
                                      (int64_t)((end - first) * PAGE_SIZE));
    if (!error)
        vnode_touch(vnode, TOUCH_MODIFY | TOUCH_CHANGE);
    mutex_drop(&vnode->lock);
    return error;
}

static const struct object_ops operations = {
    .page = cache_page, .ref = ref, .unref = unref, .sync = sync, .punch = punch};

void cache_init(struct cache *cache, struct vnode *vnode) {
    cache_init_object(cache, &operations);
    cache->vnode = vnode;
}
