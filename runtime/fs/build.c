/* SPDX-License-Identifier: MIT */
#include "fs/build.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/names.h"
#include "mm/heap.h"

void build_join(char *text, size_t at, const char *name) {
    memcpy(text + at, name, strlen(name) + 1);
}

/* What has the name goes, but for a directory that is in use. */
static long clear_way(struct entry *directory, struct entry *e) {
    bool is_directory = S_ISDIR(e->vnode->mode);

    if (is_directory && (e->names.root || e->mounted))
        return -EISDIR;
    e->vnode->links -= is_directory ? 2 : 1;
    directory->vnode->links -= is_directory;
    entry_remove(e);
    return 0;
}

/* The entry in its directory, which is locked; what is in the way goes if it can. */
static long make_last(struct walk *w, unsigned mode, uint64_t device, const char *target,
                      struct entry **made) {
    struct entry *e;
    long error = entry_find(w->directory, w->last, &e);

    if (!error && S_ISDIR(mode) && S_ISDIR(e->vnode->mode)) {
        *made = e;
        return 0;
    }
    if (!error) {
        error = clear_way(w->directory, e);
        entry_drop(e);
        if (error)
            return error;
    } else if (error != -ENOENT) {
        return error;
    }
    error = names_make_at(w, mode, device, target, made);
    if (!error && !S_ISLNK(mode))
        (*made)->vnode->mode = mode;
    return error;
}

void build_remove_block(const char *path, uint64_t device) {
    struct walk w;
    struct entry *e;

    if (!walk_begin_own(&w, path) && !w.is_special) {
        mutex_take(&w.directory->vnode->lock);
        if (!entry_find(w.directory, w.last, &e)) {
            if (S_ISBLK(e->vnode->mode) && e->vnode->device == device)
                clear_way(w.directory, e);
            entry_drop(e);
        }
        mutex_drop(&w.directory->vnode->lock);
    }
    walk_end(&w);
}

static long make(const char *path, unsigned mode, uint64_t device, const char *target,
                 struct entry **made) {
    struct walk w;
    long error = walk_begin_own(&w, path);

    if (!error && w.is_special) {
        *made = entry_hold(w.directory);
    } else if (!error) {
        mutex_take(&w.directory->vnode->lock);
        error = make_last(&w, mode, device, target, made);
        mutex_drop(&w.directory->vnode->lock);
    }
    walk_end(&w);
    return error;
}

/* All directories above the last component. */
static long make_above(const char *path) {
    char *part = (char *)(unsigned long)path; /* a copy is the caller's */
    struct entry *e;

    for (size_t i = 1; path[i]; i++) {
        if (path[i] != '/' || path[i - 1] == '/')
            continue;
        part[i] = 0;
        long error = path_find_own(part, &e);
        if (!error)
            entry_drop(e);
        else if (error == -ENOENT && !(error = make(part, S_IFDIR | 0755, 0, NULL, &e)))
            entry_drop(e);
        part[i] = '/';
        if (error)
            return error;
    }
    return 0;
}

long build_entry(const char *path, unsigned mode, uint64_t device, const char *target,
                 struct entry **made) {
    long error = make(path, mode, device, target, made);

    if (error != -ENOENT)
        return error;
    size_t size = strlen(path) + 1;
    char *copy = size <= PATH_MOST ? heap_alloc(size) : NULL;
    if (!copy)
        return size <= PATH_MOST ? -ENOMEM : -ENAMETOOLONG;
    memcpy(copy, path, size);
    error = make_above(copy);
    heap_free(copy);
    return error ? error : make(path, mode, device, target, made);
}

static long build(const char *path, unsigned mode, uint64_t device, const char *target) {
    struct entry *made;
    long error = build_entry(path, mode, device, target, &made);

    if (!error)
        entry_drop(made);
    return error;
}

long build_directory(const char *path, unsigned mode) {
    return build(path, S_IFDIR | mode, 0, NULL);
}

long build_node(const char *path, unsigned mode, uint64_t device) {
    return build(path, mode, device, NULL);
}

long build_link(const char *path, const char *target) {
    return build(path, S_IFLNK | 0777, 0, target);
}

/* As make_last, for a file that is there. */
static long link_last(struct walk *w, struct vnode *vnode) {
    struct vnode *directory = w->directory->vnode;
    struct entry *e;
    long error = entry_find(w->directory, w->last, &e);

    if (!error) {
        bool same = e->vnode == vnode;
        error = same ? 0 : clear_way(w->directory, e);
        entry_drop(e);
        if (same || error)
            return error;
    } else if (error != -ENOENT) {
        return error;
    }
    if (S_ISDIR(vnode->mode) || !directory->ops->link || directory->mount != vnode->mount)
        return -EPERM;
    error = directory->ops->link(directory, w->last, vnode);
    if (!error)
        error = entry_add(w->directory, w->last, vnode_hold(vnode), &e);
    if (!error) {
        vnode->links++;
        entry_drop(e);
    }
    return error;
}

static long link_once(const char *path, struct vnode *vnode) {
    struct walk w;
    long error = walk_begin_own(&w, path);

    if (!error && w.is_special)
        error = -EISDIR;
    if (!error) {
        mutex_take(&w.directory->vnode->lock);
        error = link_last(&w, vnode);
        mutex_drop(&w.directory->vnode->lock);
    }
    walk_end(&w);
    return error;
}

long build_hard_link(const char *path, struct vnode *vnode) {
    long error = link_once(path, vnode);

    if (error != -ENOENT)
        return error;
    error = make_above(path);
    return error ? error : link_once(path, vnode);
}

long build_find(const char *path, struct entry **found) {
    struct walk w;
    long error = walk_begin_own(&w, path);

    if (!error && w.is_special) {
        *found = entry_hold(w.directory);
    } else if (!error) {
        mutex_take(&w.directory->vnode->lock);
        error = entry_find(w.directory, w.last, found);
        mutex_drop(&w.directory->vnode->lock);
    }
    walk_end(&w);
    return error;
}

long build_text(const char *path, const char *text) {
    struct transfer t = transfer_own((void *)(unsigned long)text, strlen(text));
    struct entry *e;
    long error = path_find_own(path, &e);

    if (!error)
        entry_drop(e);
    if (error != -ENOENT)
        return error;
    error = build_entry(path, S_IFREG | 0644, 0, NULL, &e);
    if (error)
        return error;
    long n = t.left ? e->vnode->ops->write(e->vnode, &t, 0) : 0;
    entry_drop(e);
    return n < 0 ? n : 0;
}
