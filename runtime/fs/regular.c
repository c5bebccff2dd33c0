/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fs/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "fs/hooks.h"
#include "fs/locks.h"
#include "fs/memfd.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/vnode.h"
#include "mm/object.h"
#include "pv/access.h"
#include "signal/signal.h"

static void tell(const struct file *file, unsigned mask) {
    if (names_tell && file->entry)
        names_tell(file->entry, mask, NULL, 0);
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    struct vnode *vnode = file->vnode;

    mutex_take(&vnode->lock);
    to->ahead = &file->ahead;
    long n = vnode->ops->read(vnode, to, *position);
    if (!(file->flags & O_NOATIME) && n > 0 && !mount_has(vnode, MS_NOATIME | MS_RDONLY))
        vnode_touch(vnode, TOUCH_ACCESS);
    mutex_drop(&vnode->lock);
    if (n > 0) {
        *position += n;
        tell(file, IN_ACCESS);
    }
    return n;
}

/* RLIMIT_FSIZE: a write is cut there, and beyond is SIGXFSZ. */
static long cut(struct transfer *from, int64_t position) {
    uint64_t limit = MIN(file_size_limit, (uint64_t)INT64_MAX);

    if (!from->left)
        return 0;
    if ((uint64_t)position >= limit) {
        if (limit < INT64_MAX)
            signal_raise(SIGXFSZ);
        return -EFBIG;
    }
    from->left = MIN(from->left, limit - (uint64_t)position);
    from->here = MIN(from->here, from->left);
    return 0;
}

/* O_SYNC and O_DSYNC: where there is nothing to be done, it is done. */
static long keep(struct file *file, int64_t start, int64_t end) {
    bool data_only = (file->flags & O_SYNC) != O_SYNC;

    return file->vnode->ops->sync ? file_sync(file, start, end, data_only) : 0;
}

static long write(struct file *file, struct transfer *from, int64_t *position) {
    struct vnode *vnode = file->vnode;

    mutex_take(&vnode->lock);
    int64_t at = file->flags & O_APPEND || from->append ? vnode->size : *position;
    long n = cut(from, at);
    if (!n && from->left)
        n = seals_check_write(vnode, at + (int64_t)from->left);
    bool refused = n;
    if (!n && from->left) {
        n = vnode->ops->write(vnode, from, at);
        if (n > 0)
            vnode_touch(vnode, TOUCH_MODIFY | TOUCH_CHANGE);
    }
    mutex_drop(&vnode->lock);
    if (refused || n <= 0)
        return n;
    *position = at + n;
    tell(file, IN_MODIFY);
    long error = from->sync || file->flags & O_DSYNC ? keep(file, at, at + n) : 0;
    return error ? error : n;
}

static long find(struct file *file, int64_t offset, bool data) {
    struct vnode *vnode = file->vnode;

    if (offset < 0)
        return -ENXIO;
    mutex_take(&vnode->lock);
    long result = vnode->ops->find        ? vnode->ops->find(vnode, offset, data)
                  : offset >= vnode->size ? -ENXIO
                  : data                  ? offset
                                          : vnode->size;
    mutex_drop(&vnode->lock);
    if (result >= 0)
        file->position = result;
    return result;
}

static long seek(struct file *file, int64_t offset, int whence) {
    int64_t from = 0, to;

    switch (whence) {
    case SEEK_SET:
        break;
    case SEEK_CUR:
        from = file->position;
        break;
    case SEEK_END:
        from = file->vnode->size;
        break;
    case SEEK_TO_DATA:
    case SEEK_TO_HOLE:
        return find(file, offset, whence == SEEK_TO_DATA);
    default:
        return -EINVAL;
    }
    if (__builtin_add_overflow(from, offset, &to) || to < 0)
        return -EINVAL;
    file->position = to;
    return to;
}

static long control(struct file *file, unsigned request, unsigned long argument) {
    int left;

    if (request != FIONREAD)
        return -ENOTTY;
    left = (int)(file->vnode->size - file->position);
    return user_write((void *)argument, &left, sizeof left);
}

static long map(struct file *file, int prot, int flags, struct object **object) {
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;

    if (prot & PROT_EXEC && mount_has(file->vnode, MS_NOEXEC))
        return -EPERM;
    if (shared && prot & PROT_WRITE && seals_check_write(file->vnode, 0))
        return -EPERM;
    *object = file->vnode->ops->object ? file->vnode->ops->object(file->vnode) : NULL;
    if (!*object)
        return -ENODEV;
    (*object)->ops->ref(*object);
    return 0;
}

static void release(struct file *file) {
    bool writes = (file->flags & O_ACCMODE) != O_RDONLY;

    tell(file, writes ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
}

const struct file_ops regular_ops = {
    .read = read,
    .write = write,
    .ioctl = control,
    .seek = seek,
    .map = map,
    .flush = locks_flush,
    .release = release,
    .has_position = true,
};

const struct file_ops path_only_ops = {.name = ""};

long regular_resize(struct vnode *vnode, int64_t size) {
    if (size < 0)
        return -EINVAL;
    if (!vnode->ops->resize)
        return -EINVAL;
    if ((uint64_t)size > file_size_limit && size > vnode->size) {
        signal_raise(SIGXFSZ);
        return -EFBIG;
    }
    mutex_take(&vnode->lock);
    long error = seals_check_size(vnode, size);
    if (!error)
        error = vnode->ops->resize(vnode, size);
    if (!error)
        vnode_touch(vnode, TOUCH_MODIFY | TOUCH_CHANGE);
    mutex_drop(&vnode->lock);
    return error;
}

static long check_allocate(const struct file *file, int mode, int64_t start, int64_t size) {
    const int known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | ALLOCATE_ZERO;
    int64_t end;

    if (start < 0 || size <= 0)
        return -EINVAL;
    if (mode & ~known || (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE)) ||
        (mode & FALLOC_FL_PUNCH_HOLE && mode & ALLOCATE_ZERO))
        return -EOPNOTSUPP;
    if (!file_writes(file))
        return -EBADF;
    if (!file->vnode)
        return -ESPIPE;
    if (!file->vnode->ops->allocate)
        return -ENODEV;
    if (__builtin_add_overflow(start, size, &end))
        return -EFBIG;
    if (!(mode & FALLOC_FL_KEEP_SIZE) && (uint64_t)end > file_size_limit) {
        signal_raise(SIGXFSZ);
        return -EFBIG;
    }
    return 0;
}

long regular_allocate(struct file *file, int mode, int64_t start, int64_t size) {
    long error = check_allocate(file, mode, start, size);
    struct vnode *vnode = file->vnode;

    if (error)
        return error;
    mutex_take(&vnode->lock);
    bool writes = mode & (FALLOC_FL_PUNCH_HOLE | ALLOCATE_ZERO);
    int64_t end = mode & FALLOC_FL_KEEP_SIZE ? 0 : start + size;
    if (writes)
        error = seals_check_write(vnode, end);
    else if (end > vnode->size)
        error = seals_check_size(vnode, end);
    if (!error)
        error = vnode->ops->allocate(vnode, mode, start, size);
    if (!error)
        vnode_touch(vnode, TOUCH_MODIFY | TOUCH_CHANGE);
    mutex_drop(&vnode->lock);
    if (!error)
        tell(file, IN_MODIFY);
    return error;
}
