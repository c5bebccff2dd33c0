/* SPDX-License-Identifier: MIT */
/* What mappings of a file are to its vnode: references, and calls from madvise. */
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

long cache_punch(struct object *object, unsigned long first, unsigned long end) {
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
    .page = cache_page, .ref = ref, .unref = unref, .punch = cache_punch};

struct vnode *cache_vnode(struct object *object) {
    return object->ops == &operations ? vnode_of(object) : NULL;
}

void cache_init(struct cache *cache, struct vnode *vnode) {
    cache_init_object(cache, &operations);
    cache->vnode = vnode;
}
