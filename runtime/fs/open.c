/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fs/open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "fs/device.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/ramfs.h"
#include "fs/regular.h"
#include "mm/heap.h"

enum {
    PERMISSIONS = 07777,
    TEMPORARY = O_TMPFILE & ~O_DIRECTORY,
    LARGE = 0100000, /* what F_GETFL tells on x86-64 of every file that was opened */
    ONLY_OPENING = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC,
    WITH_PATH = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
};

long (*fifo_opener)(struct vnode *vnode, struct file *file);

static long choose_ops(struct file *file) {
    struct vnode *vnode = file->vnode;

    if (file->flags & O_PATH) {
        file->ops = &path_only_ops;
        return 0;
    }
    if (vnode->ops->open)
        return vnode->ops->open(vnode, file);
    switch (vnode->mode & S_IFMT) {
    case S_IFREG:
        file->ops = &regular_ops;
        return 0;
    case S_IFDIR:
        if (vnode == device_directory) {
            devices_expect();
            consoles_expect();
        }
        file->ops = &directory_file_ops;
        return 0;
    case S_IFCHR:
        return mount_has(vnode, MS_NODEV) ? -EACCES : device_open(vnode, file);
    case S_IFBLK:
        return mount_has(vnode, MS_NODEV) ? -EACCES : devices_open(vnode, file);
    case S_IFIFO:
        return fifo_opener ? fifo_opener(vnode, file) : -ENXIO;
    case S_IFLNK:
        return -ELOOP;
    default:
        return -ENXIO;
    }
}

long open_vnode(struct vnode *vnode, struct entry *entry, unsigned flags,
                struct file **file) {
    struct file *f = file_make(&path_only_ops, flags & ~(unsigned)ONLY_OPENING, NULL);

    if (!f)
        return -ENOMEM;
    if (!(flags & O_PATH))
        f->flags |= LARGE;
    f->vnode = vnode_hold(vnode);
    f->failures = vnode_seen(vnode);
    f->entry = entry ? entry_hold(entry) : NULL;
    long error = file_is_writer(f) ? mount_write(vnode) : 0;
    if (error)
        f->flags |= O_PATH; /* it is no writer */
    else
        error = choose_ops(f);
    if (error) {
        f->ops = &path_only_ops;
        file_drop(f);
        return error;
    }
    *file = f;
    return 0;
}

static bool writes(unsigned flags) {
    return (flags & O_ACCMODE) != O_RDONLY;
}

static long check(const struct vnode *vnode, unsigned flags, bool slash) {
    bool is_directory = S_ISDIR(vnode->mode);

    if ((slash || flags & O_DIRECTORY) && !is_directory)
        return -ENOTDIR;
    if (flags & O_PATH)
        return 0;
    return is_directory && (writes(flags) || flags & O_CREAT) ? -EISDIR : 0;
}

/* The entry is there, or was made just now. */
static long open_entry(struct entry *e, unsigned flags, bool slash, bool made,
                       struct file **file) {
    long error = made ? 0 : check(e->vnode, flags, slash);

    if (!error && flags & O_TRUNC && !made && S_ISREG(e->vnode->mode))
        error = mount_check(e->vnode);
    if (!error)
        error = open_vnode(e->vnode, e, flags, file);
    if (!error && flags & O_TRUNC && !made && S_ISREG(e->vnode->mode)) {
        error = regular_resize(e->vnode, 0);
        if (error)
            file_drop(*file);
        else if (names_tell)
            names_tell(e, IN_MODIFY, NULL, 0);
    }
    if (!error && names_tell && !(flags & O_PATH))
        names_tell(e, IN_OPEN, NULL, 0);
    return error;
}

/* What the walk's last name is; made if it is to be. */
static long find(struct walk *w, unsigned flags, unsigned mode, struct entry **found,
                 bool *made) {
    struct mutex *lock = &w->directory->vnode->lock;

    mutex_take(lock);
    long error = entry_find(w->directory, w->last, found);
    if (error == -ENOENT && flags & O_CREAT) {
        error = names_make_at(w, S_IFREG | (mode & PERMISSIONS), 0, NULL, found);
        *made = !error;
    } else if (!error && flags & O_CREAT && flags & O_EXCL) {
        entry_drop(*found);
        error = -EEXIST;
    }
    mutex_drop(lock);
    return error;
}

static bool is_followed(const struct entry *e, const struct walk *w, unsigned flags) {
    return S_ISLNK(e->vnode->mode) && (!(flags & O_NOFOLLOW) || w->slash);
}

/* The walk has come to something without a last name: ".", "..", the root, a descriptor. */
static long open_special(struct walk *w, unsigned flags, struct file **file) {
    struct entry *e;

    if (flags & O_CREAT && flags & O_EXCL)
        return -EEXIST;
    long error = w->last.size == 2 ? walk_up(w) : 0;
    if (error)
        return error;
    e = w->directory;
    return open_entry(e, flags, w->slash, false, file);
}

/* The walk has come to a descriptor of what has no path. */
static long reopen(struct file *of, unsigned flags, struct file **file) {
    if (flags & O_DIRECTORY)
        return -ENOTDIR;
    if (!of->ops->reopen && !(flags & O_PATH))
        return -ENXIO;
    struct file *f = file_make(&path_only_ops, flags & ~(unsigned)ONLY_OPENING, NULL);
    if (!f)
        return -ENOMEM;
    long error = flags & O_PATH ? 0 : of->ops->reopen(of, f);
    if (error)
        file_drop(f);
    else
        *file = f;
    return error;
}

static long open_walk(struct walk *w, unsigned flags, unsigned mode, struct file **file) {
    for (;;) {
        struct entry *found;
        bool made = false;
        if (w->file)
            return reopen(w->file, flags, file);
        if (w->is_special)
            return open_special(w, flags, file);
        if (flags & O_CREAT && w->slash)
            return -EISDIR; /* whatever is there */
        long error = find(w, flags, mode, &found, &made);
        if (error)
            return error;
        error = walk_cross(w, &found);
        if (error) {
            entry_drop(found);
            return error;
        }
        if (!is_followed(found, w, flags)) {
            error = open_entry(found, flags, w->slash, made, file);
            entry_drop(found);
            return error;
        }
        error = walk_link(w, found);
        if (error)
            return error;
    }
}

static long open_temporary(int directory, const char *path, unsigned flags, unsigned mode,
                           unsigned walk, struct file **file) {
    struct entry *e;

    if (!writes(flags))
        return -EINVAL;
    long error = path_find_entry(directory, path, PATH_FOLLOW | walk, &e);
    if (error)
        return error;
    struct vnode *vnode = NULL;
    if (!S_ISDIR(e->vnode->mode))
        error = -ENOTDIR;
    else if (!e->vnode->ops->create || e->vnode->ops->lookup)
        error = -EOPNOTSUPP;
    else if (mount_check(e->vnode))
        error = -EROFS;
    else if (!heap_left() ||
             !(vnode = ramfs_file(e->vnode->mount,
                                  S_IFREG | (mode & PERMISSIONS & ~file_mask))))
        error = -ENOSPC;
    if (!error) {
        vnode->links = 0;
        vnode->is_nameless = !(flags & O_EXCL);
        error = open_vnode(vnode, NULL, flags, file);
        vnode_drop(vnode);
    }
    entry_drop(e);
    return error;
}

long open_path(int directory, const char *path, unsigned flags, unsigned mode,
               unsigned walk, struct file **file) {
    struct walk w;

    if (flags & O_PATH)
        flags &= WITH_PATH;
    if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
        return -EINVAL;
    if (flags & TEMPORARY)
        return flags & O_DIRECTORY
                   ? open_temporary(directory, path, flags, mode, walk, file)
                   : -EINVAL;
    long error = walk_begin(&w, directory, path, walk);
    if (!error)
        error = open_walk(&w, flags, mode, file);
    walk_end(&w);
    return error;
}
