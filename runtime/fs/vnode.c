/* SPDX-License-Identifier: MIT */
/* What all vnodes have. */
#include "fs/vnode.h"

#include <errno.h>
#include <sys/stat.h>

#include "fs/mount.h"
#include "mm/heap.h"
#include "sched/clock.h"

struct list mounts = {&mounts, &mounts};

void (*vnode_watched_goes)(struct vnode *vnode);

static uint64_t last_number;

struct vnode *vnode_make(struct mount *mount, const struct vnode_ops *ops, unsigned mode) {
    struct vnode *vnode = heap_alloc(sizeof *vnode);

    if (!vnode)
        return NULL;
    vnode->ops = ops;
    vnode->mount = mount;
    if (mount)
        __atomic_add_fetch(&mount->vnodes, 1, __ATOMIC_SEQ_CST);
    vnode->references = 1;
    vnode->mode = mode;
    vnode->links = 1;
    vnode->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
    vnode->born = (int64_t)clock_realtime();
    vnode->accessed = vnode->modified = vnode->changed = vnode->born;
    return vnode;
}

void vnode_drop(struct vnode *vnode) {
    if (__atomic_sub_fetch(&vnode->references, 1, __ATOMIC_SEQ_CST))
        return;
    if (vnode->ops->release)
        vnode->ops->release(vnode);
    if (vnode->watching)
        vnode_watched_goes(vnode);
    struct mount *mount = vnode->mount;
    heap_free(vnode);
    if (mount && !__atomic_sub_fetch(&mount->vnodes, 1, __ATOMIC_SEQ_CST))
        mount_free(mount);
}

static struct timespec time_of(int64_t ns) {
    int64_t seconds = ns / (int64_t)NS_PER_SEC, rest = ns % (int64_t)NS_PER_SEC;

    return rest < 0 ? (struct timespec){seconds - 1, rest + (int64_t)NS_PER_SEC}
                    : (struct timespec){seconds, rest};
}

long vnode_stat(struct vnode *vnode, struct stat *stat) {
    uint64_t blocks = vnode->ops->blocks ? vnode->ops->blocks(vnode) : 0;

    *stat = (struct stat){.st_dev = vnode->mount ? vnode->mount->device : 0,
                          .st_ino = vnode->number,
                          .st_nlink = vnode->links,
                          .st_mode = vnode->mode,
                          .st_uid = vnode->uid,
                          .st_gid = vnode->gid,
                          .st_rdev = vnode->device,
                          .st_size = vnode->size,
                          .st_blksize = PAGE_SIZE,
                          .st_blocks = (blkcnt_t)blocks,
                          .st_atim = time_of(vnode->accessed),
                          .st_mtim = time_of(vnode->modified),
                          .st_ctim = time_of(vnode->changed)};
    return 0;
}

void vnode_touch(struct vnode *vnode, unsigned which) {
    int64_t now = (int64_t)clock_realtime();

    if (which & TOUCH_ACCESS)
        vnode->accessed = now;
    if (which & TOUCH_MODIFY)
        vnode->modified = now;
    if (which & TOUCH_CHANGE)
        vnode->changed = now;
}

long vnode_may_execute(const struct vnode *vnode) {
    return S_ISDIR(vnode->mode) || vnode->mode & 0111 ? 0 : -EACCES;
}

void vnode_fail(struct vnode *vnode, long error) {
    uint32_t was = __atomic_load_n(&vnode->failures, __ATOMIC_SEQ_CST);

    __atomic_store_n(&vnode->failure, (int)error, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(&vnode->failures, &was, (was & ~1u) + 2, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
}

long vnode_failure(struct vnode *vnode, uint32_t *seen) {
    uint32_t now = __atomic_load_n(&vnode->failures, __ATOMIC_SEQ_CST);

    if (now == __atomic_load_n(seen, __ATOMIC_SEQ_CST))
        return 0;
    now = __atomic_or_fetch(&vnode->failures, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(seen, now, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&vnode->failure, __ATOMIC_SEQ_CST);
}
