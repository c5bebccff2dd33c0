/* SPDX-License-Identifier: MIT */
/* System calls: directories, and the names in them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/names.h"
#include "fs/open.h"
#include "fs/path.h"
#include "fs/pipe.h"
#include "fs/regular.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sys/calls.h"

enum { PERMISSIONS = 07777, DIRECTORY_PERMISSIONS = 01777 };

long atman_sys_getdents64(int fd, void *buffer, size_t size) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    long n = file->flags & O_PATH ? -EBADF : directory_list(file, buffer, size);
    file_drop(file);
    return n;
}

static long write_path(struct entry *e, char *buffer, size_t size, char *text) {
    bool removed;
    const char *path = entry_path(e, text, PATH_MOST, &removed);

    if (!path)
        return -ENAMETOOLONG;
    if (removed)
        return -ENOENT;
    size_t length = strlen(path) + 1;
    if (length > size)
        return -ERANGE;
    return user_write(buffer, path, length) ? -EFAULT : (long)length;
}

long atman_sys_getcwd(char *buffer, size_t size) {
    long n = files_start();

    if (n)
        return n;
    char *text = heap_alloc(PATH_MOST);
    if (!text)
        return -ENOMEM;
    struct entry *e = path_working();
    n = write_path(e, buffer, size, text);
    entry_drop(e);
    heap_free(text);
    return n;
}

static long set_place(const char *path, void (*set)(struct entry *)) {
    struct entry *e;
    long error = files_start();

    if (!error)
        error = path_find_entry(AT_FDCWD, path, PATH_FOLLOW, &e);
    if (error)
        return error;
    error = S_ISDIR(e->vnode->mode) ? vnode_may_execute(e->vnode) : -ENOTDIR;
    if (error)
        entry_drop(e);
    else
        set(e);
    return error;
}

long atman_sys_chdir(const char *path) {
    return set_place(path, path_set_working);
}

long atman_sys_chroot(const char *path) {
    return set_place(path, path_set_root);
}

long atman_sys_fchdir(int fd) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    if (file->entry && S_ISDIR(file->vnode->mode))
        path_set_working(entry_hold(file->entry));
    else
        error = -ENOTDIR;
    file_drop(file);
    return error;
}

static long make(int directory, const char *path, unsigned mode, uint64_t device,
                 const char *target) {
    long error = files_start();

    return error ? error : names_make(directory, path, mode, device, target);
}

long atman_sys_mkdirat(int directory, const char *path, unsigned mode) {
    return make(directory, path, S_IFDIR | (mode & DIRECTORY_PERMISSIONS), 0, NULL);
}

long atman_sys_mkdir(const char *path, unsigned mode) {
    return atman_sys_mkdirat(AT_FDCWD, path, mode);
}

long atman_sys_mknodat(int directory, const char *path, unsigned mode, unsigned device) {
    unsigned type = mode & S_IFMT;

    if (!type)
        type = S_IFREG;
    if (type == S_IFDIR)
        return -EPERM;
    if (type != S_IFREG && type != S_IFCHR && type != S_IFBLK && type != S_IFIFO &&
        type != S_IFSOCK)
        return -EINVAL;
    if (type != S_IFCHR && type != S_IFBLK)
        device = 0;
    if (type == S_IFIFO)
        fifo_opener = fifo_open;
    return make(directory, path, type | (mode & PERMISSIONS), device, NULL);
}

long atman_sys_mknod(const char *path, unsigned mode, unsigned device) {
    return atman_sys_mknodat(AT_FDCWD, path, mode, device);
}

/* The target is not looked at, but for its length. */
static long read_target(char *text, const char *target) {
    for (size_t i = 0; i < PATH_MOST; i++) {
        if (user_read(text + i, target + i, 1))
            return -EFAULT;
        if (!text[i])
            return i ? 0 : -ENOENT;
    }
    return -ENAMETOOLONG;
}

long atman_sys_symlinkat(const char *target, int directory, const char *path) {
    char *text = heap_alloc(PATH_MOST);

    if (!text)
        return -ENOMEM;
    long error = read_target(text, target);
    if (!error)
        error = make(directory, path, S_IFLNK | 0777, 0, text);
    heap_free(text);
    return error;
}

long atman_sys_symlink(const char *target, const char *path) {
    return atman_sys_symlinkat(target, AT_FDCWD, path);
}

long atman_sys_unlinkat(int directory, const char *path, int flags) {
    long error = files_start();

    if (flags & ~AT_REMOVEDIR)
        return -EINVAL;
    return error ? error : names_remove(directory, path, flags & AT_REMOVEDIR);
}

long atman_sys_unlink(const char *path) {
    return atman_sys_unlinkat(AT_FDCWD, path, 0);
}

long atman_sys_rmdir(const char *path) {
    return atman_sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* A file that never had a name (O_TMPFILE) may get one. */
static long link_file(struct file *file, int directory, const char *path) {
    if (!file->vnode || S_ISDIR(file->vnode->mode))
        return -EPERM;
    return names_link_vnode(file->vnode, directory, path);
}

long atman_sys_linkat(int old_directory, const char *old, int directory, const char *path,
                      int flags) {
    unsigned walk = (flags & AT_SYMLINK_FOLLOW ? PATH_FOLLOW : 0) |
                    (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0);
    struct target target;
    long error = files_start();

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (!error)
        error = path_find(old_directory, old, walk, &target);
    if (error)
        return error;
    error = target.file ? link_file(target.file, directory, path)
                        : names_link(target.entry, directory, path);
    target_drop(&target);
    return error;
}

long atman_sys_link(const char *old, const char *path) {
    return atman_sys_linkat(AT_FDCWD, old, AT_FDCWD, path, 0);
}

long atman_sys_renameat2(int old_directory, const char *old, int directory,
                         const char *path, unsigned flags) {
    long error = files_start();

    return error ? error : names_rename(old_directory, old, directory, path, flags);
}

long atman_sys_renameat(int old_directory, const char *old, int directory,
                        const char *path) {
    return atman_sys_renameat2(old_directory, old, directory, path, 0);
}

long atman_sys_rename(const char *old, const char *path) {
    return atman_sys_renameat2(AT_FDCWD, old, AT_FDCWD, path, 0);
}
