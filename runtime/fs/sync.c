/* SPDX-License-Identifier: MIT */
/* What was written is to be kept by its device. */
#include <errno.h>
#include <sys/stat.h>

#include "fs/device.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/vnode.h"

long (*devices_sync)(void);

long file_sync(struct file *file, int64_t start, int64_t end, bool data_only) {
    struct vnode *vnode = file->vnode;

    if (file->ops->sync)
        return file->ops->sync(file, start, end, data_only);
    if (!vnode || !vnode->ops->sync || S_ISCHR(vnode->mode))
        return -EINVAL;
    long error = vnode->ops->sync(vnode, start, end, data_only);
    long failed = vnode_failure(vnode, &file->failures);
    return failed ? failed : error;
}

long mount_sync(struct mount *mount) {
    return mount->sync ? mount->sync(mount) : 0;
}

long mount_sync_all(void) {
    long result = 0;

    mutex_take(&mounts_mutex);
    for (struct list *at = mounts.previous; at != &mounts; at = at->previous) {
        long error = mount_sync(LIST_RECORD(at, struct mount, node));
        result = result ? result : error;
    }
    mutex_drop(&mounts_mutex);
    if (devices_sync) {
        long error = devices_sync();
        result = result ? result : error;
    }
    return result;
}
