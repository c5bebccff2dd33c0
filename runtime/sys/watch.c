/* SPDX-License-Identifier: MIT */
/* System calls: inotify. */
#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/inotify.h"
#include "fs/path.h"
#include "sched/mutex.h"
#include "sys/calls.h"

enum { MASK_CREATE = 0x10000000 };

long atman_sys_inotify_init1(int flags) {
    if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
        return -EINVAL;
    long error = files_start();
    if (error)
        return error;
    return fd_install_new(inotify_make((unsigned)flags & O_NONBLOCK), flags & IN_CLOEXEC);
}

long atman_sys_inotify_init(void) {
    return atman_sys_inotify_init1(0);
}

static long add(struct file *file, const char *path, unsigned mask) {
    struct entry *e;
    long result =
        path_find_entry(AT_FDCWD, path, mask & IN_DONT_FOLLOW ? 0 : PATH_FOLLOW, &e);

    if (result)
        return result;
    result = mask & IN_ONLYDIR && !S_ISDIR(e->vnode->mode)
                 ? -ENOTDIR
                 : inotify_add(file, e->vnode, mask);
    entry_drop(e);
    return result;
}

long atman_sys_inotify_add_watch(int fd, const char *path, unsigned mask) {
    long result = files_start();

    if (result)
        return result;
    if (!(mask & IN_ALL_EVENTS) || (mask & IN_MASK_ADD && mask & MASK_CREATE))
        return -EINVAL;
    handlers_hold();
    struct file *file = fd_get(fd);
    result = -EBADF;
    if (file) {
        result = add(file, path, mask);
        file_drop(file);
    }
    handlers_release();
    return result;
}

long atman_sys_inotify_rm_watch(int fd, int watch) {
    long error = files_start();

    if (error)
        return error;
    handlers_hold();
    struct file *file = fd_get(fd);
    error = -EBADF;
    if (file) {
        error = inotify_remove(file, watch);
        file_drop(file);
    }
    handlers_release();
    return error;
}
