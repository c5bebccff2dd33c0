/* SPDX-License-Identifier: MIT */
/*
 * What a call on an open file does, whatever kind it is of: position, access mode, and
 * waiting, all in one place.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/async.h"
#include "fs/file.h"
#include "fs/locks.h"
#include "fs/mount.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "pv/access.h"

struct file *file_make(const struct file_ops *ops, unsigned flags, void *object) {
    struct file *file = heap_alloc(sizeof *file);

    if (file)
        *file =
            (struct file){.ops = ops, .references = 1, .flags = flags, .object = object};
    return file;
}

void (*file_forget)(struct file *file);

void file_drop(struct file *file) {
    if (__atomic_sub_fetch(&file->references, 1, __ATOMIC_SEQ_CST))
        return;
    if (file->watchers.next)
        file_forget(file);
    if (file->async)
        async_ops->end(file);
    locks_release(file);
    if (file->ops->release)
        file->ops->release(file);
    if (file_is_writer(file))
        mount_written(file->vnode);
    if (file->entry)
        entry_drop(file->entry);
    if (file->vnode)
        vnode_drop(file->vnode);
    heap_free(file);
}

struct ready *file_ready(struct file *file) {
    return file->ops->ready ? file->ops->ready(file) : NULL;
}

unsigned file_poll(struct file *file) {
    return file->ops->poll ? file->ops->poll(file)
                           : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

typedef long move(struct file *file, struct transfer *t, int64_t *position);

/* Again and again until it is not -EAGAIN. */
static long without_waiting(struct file *file, move *move, struct transfer *t,
                            int64_t *position) {
    struct ready *ready = file_ready(file);

    for (;;) {
        uint32_t seen = ready ? ready_seen(ready) : 0;
        const struct transfer before = *t;
        long n = move(file, t, position);
        if (n == -EFAULT && user_retry()) {
            *t = before;
            continue;
        }
        if (n != -EAGAIN || !ready || file->ops->waits || t->no_wait ||
            file->flags & O_NONBLOCK)
            return n;
        long error = ready_wait(ready, seen, 0, true);
        if (error)
            return error;
    }
}

/* At the file's own position, which nobody else moves meanwhile, or at the given one. */
static long at_position(struct file *file, move *move, struct transfer *t,
                        int64_t *position) {
    if (position || !file->ops->has_position)
        return without_waiting(file, move, t, position);
    mutex_take(&file->lock);
    long n = move(file, t, &file->position);
    mutex_drop(&file->lock);
    return n;
}

bool file_reads(const struct file *file) {
    unsigned mode = file->flags & (O_ACCMODE | O_PATH);

    return mode == O_RDONLY || mode == O_RDWR;
}

bool file_writes(const struct file *file) {
    unsigned mode = file->flags & (O_ACCMODE | O_PATH);

    return mode == O_WRONLY || mode == O_RDWR;
}

bool file_is_writer(const struct file *file) {
    return file->vnode && S_ISREG(file->vnode->mode) && file_writes(file);
}

static long check_position(const struct file *file, const struct transfer *t,
                           const int64_t *position) {
    int64_t end;

    if (!position)
        return 0;
    if (!file->ops->has_position)
        return -ESPIPE;
    return *position < 0 || __builtin_add_overflow(*position, t->left, &end) ? -EINVAL : 0;
}

static bool has_nothing(const struct transfer *t) {
    return t->parts && !t->left;
}

long file_read(struct file *file, struct transfer *to, int64_t *position) {
    long error = file_reads(file) ? check_position(file, to, position) : -EBADF;

    if (error || has_nothing(to))
        return error;
    return file->ops->read ? at_position(file, file->ops->read, to, position) : -EINVAL;
}

long file_write(struct file *file, struct transfer *from, int64_t *position) {
    long error = file_writes(file) ? check_position(file, from, position) : -EBADF;

    if (error || has_nothing(from))
        return error;
    return file->ops->write ? at_position(file, file->ops->write, from, position) : -EINVAL;
}

long file_ioctl(struct file *file, unsigned request, unsigned long argument) {
    int on;

    if (request == FIONBIO) {
        if (user_read(&on, (const void *)argument, sizeof on))
            return -EFAULT;
        return file_set_flags(file, on ? file->flags | O_NONBLOCK
                                       : file->flags & ~(unsigned)O_NONBLOCK);
    }
    return file->ops->ioctl ? file->ops->ioctl(file, request, argument) : -ENOTTY;
}

long file_seek(struct file *file, int64_t offset, int whence) {
    if (file->flags & O_PATH)
        return -EBADF;
    if (whence < 0 || whence > SEEK_TO_HOLE)
        return -EINVAL;
    if (!file->ops->seek)
        return -ESPIPE;
    mutex_take(&file->lock);
    long result = file->ops->seek(file, offset, whence);
    mutex_drop(&file->lock);
    return result;
}

long file_stat(struct file *file, struct stat *stat) {
    if (file->ops->stat)
        return file->ops->stat(file, stat);
    if (file->vnode)
        return vnode_stat(file->vnode, stat);
    *stat = (struct stat){.st_mode = 0600, .st_nlink = 1, .st_ino = 1, .st_blksize = 4096};
    return 0;
}

long file_set_flags(struct file *file, unsigned flags) {
    const unsigned may_change = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;

    flags = (file->flags & ~may_change) | (flags & may_change);
    long error = file->ops->set_flags ? file->ops->set_flags(file, flags) : 0;
    if (!error)
        __atomic_store_n(&file->flags, flags, __ATOMIC_SEQ_CST);
    return error;
}
