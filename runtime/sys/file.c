/* SPDX-License-Identifier: MIT */
/* System calls: reading and writing at a place, and what else is done with open files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "fs/copy.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/regular.h"
#include "fs/vnode.h"
#include "pv/access.h"
#include "sched/mutex.h"
#include "sched/settle.h"
#include "sys/calls.h"

typedef long move(struct file *file, struct transfer *t, int64_t *position);

static long move_at(int fd, struct transfer *t, int64_t position, move *move) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    bool is_own = position == -1 &&
                  (t->append || t->sync || t->no_wait); /* p*v2 know the file's own */
    long n = position < 0 && !is_own ? -EINVAL : move(file, t, is_own ? NULL : &position);
    file_drop(file);
    return n;
}

long atman_sys_pread64(int fd, void *buffer, size_t size, off_t position) {
    struct transfer t = transfer_buffer(buffer, size);

    return move_at(fd, &t, position, file_read);
}

long atman_sys_pwrite64(int fd, const void *data, size_t size, off_t position) {
    struct transfer t = transfer_buffer((void *)(unsigned long)data, size);

    return move_at(fd, &t, position, file_write);
}

long atman_sys_preadv(int fd, const struct iovec *parts, int count, long position) {
    struct transfer t;
    long error = transfer_parts(&t, parts, count);

    return error ? error : move_at(fd, &t, position, file_read);
}

long atman_sys_pwritev(int fd, const struct iovec *parts, int count, long position) {
    struct transfer t;
    long error = transfer_parts(&t, parts, count);

    return error ? error : move_at(fd, &t, position, file_write);
}

/* RWF_* */
enum { HIGH_PRIORITY = 1, DATA_SYNC = 2, SYNC = 4, NO_WAIT = 8, APPEND = 16 };

/* At the file's own position with -1. It may have to wait then. */
static long move_by_flags(int fd, const struct iovec *parts, int count, long position,
                          int flags, move *move) {
    struct transfer all;
    long n = files_start();

    if (!n)
        n = transfer_parts(&all, parts, count);
    if (n)
        return n;
    do {
        struct transfer t = all;
        t.append = flags & APPEND;
        t.sync = flags & (DATA_SYNC | SYNC);
        t.no_wait = flags & NO_WAIT;
        handlers_hold();
        n = move_at(fd, &t, position, move);
    } while (handlers_settle(&n));
    return n;
}

long atman_sys_preadv2(int fd, const struct iovec *parts, int count, long position,
                       long high, int flags) {
    (void)high;
    if (flags & ~(HIGH_PRIORITY | DATA_SYNC | SYNC | NO_WAIT))
        return -EOPNOTSUPP;
    if (flags & NO_WAIT)
        return move_by_flags(fd, parts, count, position, flags, file_read);
    return position == -1 ? atman_sys_readv(fd, parts, count)
                          : atman_sys_preadv(fd, parts, count, position);
}

long atman_sys_pwritev2(int fd, const struct iovec *parts, int count, long position,
                        long high, int flags) {
    (void)high;
    if (flags & ~(HIGH_PRIORITY | DATA_SYNC | SYNC | NO_WAIT | APPEND))
        return -EOPNOTSUPP;
    if (flags & (NO_WAIT | APPEND | DATA_SYNC | SYNC))
        return move_by_flags(fd, parts, count, position, flags, file_write);
    return position == -1 ? atman_sys_writev(fd, parts, count)
                          : atman_sys_pwritev(fd, parts, count, position);
}

/* An open file that is more than a path; -EBADF. */
static struct file *open_file(int fd, long *error) {
    *error = files_start();
    struct file *file = *error ? NULL : fd_get(fd);
    if (file && file->flags & O_PATH) {
        file_drop(file);
        file = NULL;
    }
    if (!file && !*error)
        *error = -EBADF;
    return file;
}

long atman_sys_ftruncate(int fd, off_t size) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    if (size < 0 || !file->vnode || !S_ISREG(file->vnode->mode) || !file_writes(file))
        error = -EINVAL;
    else
        error = regular_resize(file->vnode, size);
    file_drop(file);
    return error;
}

long atman_sys_truncate(const char *path, off_t size) {
    struct entry *e;
    long error = files_start();

    if (error)
        return error;
    if (size < 0)
        return -EINVAL;
    error = path_find_entry(AT_FDCWD, path, PATH_FOLLOW, &e);
    if (error)
        return error;
    error = S_ISDIR(e->vnode->mode)    ? -EISDIR
            : !S_ISREG(e->vnode->mode) ? -EINVAL
                                       : mount_check(e->vnode);
    if (!error)
        error = regular_resize(e->vnode, size);
    entry_drop(e);
    return error;
}

long atman_sys_fallocate(int fd, int mode, off_t start, off_t size) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    error = regular_allocate(file, mode, start, size);
    file_drop(file);
    return error;
}

static long sync_file(int fd, bool data_only) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    error = file_sync(file, 0, INT64_MAX, data_only);
    file_drop(file);
    return error;
}

long atman_sys_fsync(int fd) {
    return sync_file(fd, false);
}

long atman_sys_fdatasync(int fd) {
    return sync_file(fd, true);
}

long atman_sys_syncfs(int fd) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    if (file->vnode && file->vnode->mount)
        error = mount_sync(file->vnode->mount);
    file_drop(file);
    return error;
}

/* What could not be written its users learn by their own calls. */
long atman_sys_sync(void) {
    mount_sync_all();
    return 0;
}

/* SYNC_FILE_RANGE_WAIT_BEFORE, WRITE, WAIT_AFTER. */
enum { RANGE_WRITE = 2, RANGE_ALL = 7 };

long atman_sys_sync_file_range(int fd, off_t start, off_t size, unsigned flags) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    if (start < 0 || size < 0 || flags > RANGE_ALL || start > INT64_MAX - size)
        error = -EINVAL;
    else if (!file->vnode)
        error = -ESPIPE;
    else if (flags & RANGE_WRITE && file->vnode->ops->sync)
        error = file_sync(file, start, size ? start + size : INT64_MAX, true);
    file_drop(file);
    return error;
}

/* What there is to advise about is on a device; the root has everything in memory. */
static void advise_vnode(struct vnode *vnode, int64_t start, int64_t size, int advice) {
    int64_t end;

    if (!vnode->ops->advise || start < 0)
        return;
    if (!size || __builtin_add_overflow(start, size, &end))
        end = INT64_MAX;
    vnode->ops->advise(vnode, start, end, advice);
}

static void advise(struct file *file, int64_t start, int64_t size, int advice) {
    static const uint8_t modes[] = {[POSIX_FADV_NORMAL] = AHEAD_NORMAL,
                                    [POSIX_FADV_RANDOM] = AHEAD_RANDOM,
                                    [POSIX_FADV_SEQUENTIAL] = AHEAD_SEQUENTIAL};

    if ((size_t)advice < ARRAY_SIZE(modes))
        file->ahead.mode = modes[advice];
    else
        advise_vnode(file->vnode, start, size, advice);
}

long atman_sys_fadvise64(int fd, off_t start, off_t size, int advice) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    if (!file->vnode || S_ISFIFO(file->vnode->mode))
        error = -ESPIPE;
    else if (size < 0 || advice < 0 || advice > POSIX_FADV_NOREUSE)
        error = -EINVAL;
    else
        advise(file, start, size, advice);
    file_drop(file);
    return error;
}

long atman_sys_readahead(int fd, off_t start, size_t size) {
    long error;
    struct file *file = open_file(fd, &error);

    if (!file)
        return error;
    if (!file_reads(file))
        error = -EBADF;
    else if (!file->vnode || !(S_ISREG(file->vnode->mode) || S_ISBLK(file->vnode->mode)))
        error = -EINVAL;
    else if (size)
        advise_vnode(file->vnode, start, (int64_t)MIN(size, (size_t)INT64_MAX),
                     POSIX_FADV_WILLNEED);
    file_drop(file);
    return error;
}

/* Both files, with references; in *error why there are not both. */
static bool open_two(int in, int out, struct file **from, struct file **to, long *error) {
    *to = NULL;
    *from = open_file(in, error);
    if (*from)
        *to = open_file(out, error);
    if (*from && !*to)
        file_drop(*from);
    return *to;
}

static long read_position(const int64_t *user, int64_t *position) {
    return user ? user_read(position, user, sizeof *position) : 0;
}

static long write_position(int64_t *user, const int64_t *position) {
    return user ? user_write(user, position, sizeof *position) : 0;
}

static long send_once(int out, int in, int64_t *position, size_t size) {
    struct file *from, *to;
    int64_t at;
    long n;

    if (!open_two(in, out, &from, &to, &n))
        return n;
    n = read_position(position, &at);
    if (!n)
        n = copy_send(to, from, position ? &at : NULL, size);
    if (n >= 0 && write_position(position, &at))
        n = -EFAULT;
    file_drop(from);
    file_drop(to);
    return n;
}

/* What it sends to or from may have to be waited for. */
long atman_sys_sendfile(int out, int in, int64_t *position, size_t size) {
    long n;

    do {
        handlers_hold();
        n = send_once(out, in, position, size);
    } while (handlers_settle(&n));
    return n;
}

long atman_sys_copy_file_range(int in, int64_t *in_position, int out, int64_t *out_position,
                               size_t size, unsigned flags) {
    struct file *from, *to;
    int64_t at, place;
    long n;

    if (!open_two(in, out, &from, &to, &n))
        return n;
    n = flags ? -EINVAL : read_position(in_position, &at);
    if (!n)
        n = read_position(out_position, &place);
    if (!n)
        n = copy_range(to, out_position ? &place : NULL, from, in_position ? &at : NULL,
                       size);
    if (n >= 0 &&
        (write_position(in_position, &at) || write_position(out_position, &place)))
        n = -EFAULT;
    file_drop(from);
    file_drop(to);
    return n;
}
