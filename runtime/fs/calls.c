/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fs/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fs/async.h"
#include "fs/hooks.h"
#include "fs/locks.h"
#include "fs/memfd.h"
#include "fs/vnode.h"
#include "mm/object.h"
#include "mm/space.h"
#include "pv/access.h"
#include "sched/settle.h"

long (*pipe_control)(struct file *file, int command, unsigned long argument);

typedef long move(struct file *file, struct transfer *t, int64_t *position);

/* error: what was wrong with the buffers. Handlers run when the file is given back. */
static long move_by(int fd, const struct transfer *all, long error, move *move) {
    long n;

    do {
        struct transfer t = *all;
        handlers_hold();
        struct file *file = fd_get(fd);
        n = !file ? -EBADF : error ? error : move(file, &t, NULL);
        if (file)
            file_drop(file);
    } while (handlers_settle(&n));
    return n;
}

long files_read(int fd, void *buffer, size_t size) {
    struct transfer t = transfer_buffer(buffer, size);

    return move_by(fd, &t, 0, file_read);
}

long files_write(int fd, const void *data, size_t size) {
    struct transfer t = transfer_buffer((void *)(unsigned long)data, size);

    return move_by(fd, &t, 0, file_write);
}

long files_readv(int fd, const struct iovec *parts, int count) {
    struct transfer t;
    long error = transfer_parts(&t, parts, count);

    return move_by(fd, &t, error, file_read);
}

long files_writev(int fd, const struct iovec *parts, int count) {
    struct transfer t;
    long error = transfer_parts(&t, parts, count);

    return move_by(fd, &t, error, file_write);
}

long files_stat(int fd, struct stat *stat) {
    struct file *file = fd_get(fd);
    struct stat own;

    if (!file)
        return -EBADF;
    long error = file_stat(file, &own);
    file_drop(file);
    return error ? error : user_write(stat, &own, sizeof own);
}

long files_seek(int fd, int64_t offset, int whence) {
    struct file *file = fd_get(fd);

    if (!file)
        return -EBADF;
    long result = file_seek(file, offset, whence);
    file_drop(file);
    return result;
}

static long set_async(int fd, struct file *file, const int *argument) {
    int on;

    return user_read(&on, argument, sizeof on) ? -EFAULT : async_ops->set(file, fd, on);
}

long files_ioctl(int fd, unsigned request, unsigned long argument) {
    struct file *file = fd_get(fd);
    long result = 0;

    if (!file)
        return -EBADF;
    if (file->flags & O_PATH)
        result = -EBADF;
    else if (request == FIOCLEX || request == FIONCLEX)
        fd_close_on_exec(fd, request == FIOCLEX);
    else if (request == FIOASYNC && file->ops->signals && async_ops)
        result = set_async(fd, file, (const int *)argument);
    else
        result = file_ioctl(file, request, argument);
    file_drop(file);
    return result;
}

static long duplicate(struct file *file, bool close_on_exec, unsigned long lowest) {
    if (lowest >= files_limit)
        return -EINVAL;
    long fd = fd_install(file_hold(file), close_on_exec, (int)lowest);
    if (fd < 0)
        file_drop(file);
    return fd;
}

static long set_flags(int fd, struct file *file, unsigned flags) {
    long error = 0;

    if ((flags ^ file->flags) & O_ASYNC && async_ops)
        error = async_ops->set(file, fd, flags & O_ASYNC);
    return error ? error : file_set_flags(file, flags);
}

static long control(int fd, struct file *file, int command, unsigned long argument) {
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return duplicate(file, command == F_DUPFD_CLOEXEC, argument);
    case F_GETFD:
        return fd_close_on_exec(fd, -1);
    case F_SETFD:
        return fd_close_on_exec(fd, argument & FD_CLOEXEC) < 0 ? -EBADF : 0;
    case F_GETFL:
        return (long)file->flags;
    }
    if (file->flags & O_PATH)
        return -EBADF;
    switch (command) {
    case F_SETFL:
        return set_flags(fd, file, (unsigned)argument);
    case F_GETOWN:
    case F_SETOWN:
    case F_GETOWN_EX:
    case F_SETOWN_EX:
    case F_GETSIG:
    case F_SETSIG:
        return async_ops ? async_ops->control(file, command, argument) : -EINVAL;
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
        return pipe_control ? pipe_control(file, command, argument) : -EBADF;
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return locks_control ? locks_control(file, command, argument) : -EINVAL;
    case F_ADD_SEALS:
    case F_GET_SEALS:
        return seals_control(file, command, (unsigned)argument);
    default:
        return -EINVAL;
    }
}

/* A lock may have to be waited for. */
long files_control(int fd, int command, unsigned long argument) {
    long result;

    do {
        handlers_hold();
        struct file *file = fd_get(fd);
        result = file ? control(fd, file, command, argument) : -EBADF;
        if (file)
            file_drop(file);
    } while (handlers_settle(&result));
    return result;
}

/* The rights that the file was opened with are the mapping's. */
static long map(struct file *file, unsigned long hint, size_t size, int prot, int flags,
                int64_t offset) {
    bool is_shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    struct object *object;

    if (file->flags & O_PATH)
        return -EBADF;
    if (!file_reads(file) || (is_shared && prot & PROT_WRITE && !file_writes(file)))
        return -EACCES;
    if (file->ops->is_zeros)
        return space_map_anonymous(hint, size, prot, flags);
    long result = file->ops->map ? file->ops->map(file, prot, flags, &object) : -ENODEV;
    if (result)
        return result;
    bool read_only = is_shared && ((file->flags & O_ACCMODE) == O_RDONLY ||
                                   (file->vnode && seals_check_write(file->vnode, 0)));
    result = space_map_object(hint, size, prot, flags | (read_only ? SPACE_READ_ONLY : 0),
                              object, (unsigned long)offset / PAGE_SIZE);
    object->ops->unref(object);
    return result;
}

long files_map(unsigned long hint, size_t size, int prot, int flags, int fd,
               int64_t offset) {
    struct file *file = fd_get(fd);

    if (!file)
        return -EBADF;
    long result = map(file, hint, size, prot, flags, offset);
    file_drop(file);
    return result;
}
