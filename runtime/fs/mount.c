/* SPDX-License-Identifier: MIT */
#include "fs/mount.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/path.h"
#include "mm/heap.h"

struct mutex mounts_mutex;

uint64_t mount_number(void) {
    static uint64_t last = 20;
    uint64_t n = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);

    return (n & 0xff) | (n & ~0xfful) << 12; /* a minor number, as st_dev has it */
}

struct mount *mount_make(const char *type, const char *source) {
    struct mount *mount = heap_alloc(sizeof *mount);
    size_t size = strlen(source) + 1;
    char *copy = heap_alloc(size);

    if (!mount || !copy) {
        heap_free(mount);
        heap_free(copy);
        return NULL;
    }
    memcpy(copy, source, size);
    *mount = (struct mount){
        .type = type, .source = copy, .flags = MS_RELATIME, .device = mount_number()};
    return mount;
}

void mount_free(struct mount *mount) {
    if (mount->release)
        mount->release(mount);
    heap_free(mount->own);
    heap_free(mount->source);
    heap_free(mount);
}

long mount_set_top(struct mount *mount, struct vnode *top) {
    mount->root =
        entry_make_root(top); /* on failure the vnode goes, and with it the mount */
    return mount->root ? 0 : -ENOMEM;
}

long mount_at(struct mount *mount, struct entry *at) {
    mutex_take(&mounts_mutex);
    at = path_cross(at);
    mutex_take(&at->vnode->lock);
    long error = at->removed || at->is_loose ? -ENOENT : 0;
    if (!error) {
        entry_set_mounted(at, mount, true);
        list_insert(&mount->node, &mounts);
    }
    mutex_drop(&at->vnode->lock);
    mutex_drop(&mounts_mutex);
    if (error)
        entry_drop(at);
    return error;
}

long mount_check(const struct vnode *vnode) {
    return mount_has(vnode, MS_RDONLY) ? -EROFS : 0;
}

/* Whoever makes it read-only looks at the writers after that; here it is the other way. */
long mount_write(struct vnode *vnode) {
    struct mount *m = vnode->mount;

    if (!m)
        return 0;
    __atomic_add_fetch(&m->writers, 1, __ATOMIC_SEQ_CST);
    if (!(__atomic_load_n(&m->flags, __ATOMIC_SEQ_CST) & MS_RDONLY))
        return 0;
    mount_written(vnode);
    return -EROFS;
}

void mount_written(struct vnode *vnode) {
    if (vnode->mount)
        __atomic_sub_fetch(&vnode->mount->writers, 1, __ATOMIC_SEQ_CST);
}

long mount_set_flags(struct mount *mount, unsigned long flags) {
    unsigned long old = __atomic_exchange_n(&mount->flags, flags, __ATOMIC_SEQ_CST);

    if (!(flags & ~old & MS_RDONLY) || !__atomic_load_n(&mount->writers, __ATOMIC_SEQ_CST))
        return 0;
    __atomic_store_n(&mount->flags, old, __ATOMIC_SEQ_CST);
    return -EBUSY;
}
