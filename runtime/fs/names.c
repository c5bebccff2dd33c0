/* SPDX-License-Identifier: MIT */
#include "fs/names.h"

#include <errno.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "fs/hooks.h"
#include "fs/mount.h"
#include "fs/vnode.h"
#include "mm/heap.h"

enum { RENAME_NO_REPLACE = 1, RENAME_SWAP = 2 };

void (*names_tell)(struct entry *entry, unsigned mask, const struct name *name,
                   unsigned cookie);

/* One rename at a time: only so is it sure that no directory comes below itself. */
static struct mutex rename_mutex;

static void tell(struct entry *e, unsigned mask, const struct name *name, unsigned cookie) {
    if (names_tell)
        names_tell(e, mask, name, cookie);
}

static unsigned directory_bit(const struct vnode *vnode) {
    return S_ISDIR(vnode->mode) ? IN_ISDIR : 0;
}

static long make(struct walk *w, unsigned mode, uint64_t device, const char *target,
                 struct entry **made) {
    struct vnode *directory = w->directory->vnode, *vnode;

    if (w->directory->removed)
        return -ENOENT;
    if (mount_check(directory))
        return -EROFS;
    if (!directory->ops->create)
        return -EPERM;
    if (!heap_left())
        return -ENOSPC;
    if (!S_ISLNK(mode))
        mode &= ~file_mask;
    if (directory->mode & S_ISGID && S_ISDIR(mode))
        mode |= S_ISGID;
    long error = directory->ops->create(directory, w->last, mode, device, target, &vnode);
    if (error)
        return error;
    if (directory->mode & S_ISGID)
        vnode->gid = directory->gid;
    if (S_ISDIR(mode)) {
        vnode->links = 2;
        directory->links++;
    }
    error = entry_add(w->directory, w->last, vnode, made);
    if (error && S_ISDIR(mode))
        directory->links--;
    if (!error)
        vnode_touch(directory, TOUCH_MODIFY | TOUCH_CHANGE);
    return error;
}

long names_make_at(struct walk *w, unsigned mode, uint64_t device, const char *target,
                   struct entry **made) {
    long error = make(w, mode, device, target, made);

    if (!error)
        tell(w->directory, IN_CREATE | directory_bit((*made)->vnode), &w->last, 0);
    return error;
}

/* Of the name that a walk has come to: that it can be given to a new file. */
static long check_new(struct walk *w, bool is_directory) {
    struct entry *found;

    if (w->file)
        return -ENOTDIR;
    if (w->is_special)
        return -EEXIST;
    long error = entry_find(w->directory, w->last, &found);
    if (!error)
        entry_drop(found);
    if (error != -ENOENT)
        return error ? error : -EEXIST;
    return w->slash && !is_directory ? -ENOENT : 0;
}

long names_make(int directory, const char *path, unsigned mode, uint64_t device,
                const char *target) {
    struct entry *made;
    struct walk w;
    long error = walk_begin(&w, directory, path, 0);

    if (!error) {
        struct mutex *lock = w.directory ? &w.directory->vnode->lock : NULL;
        if (lock)
            mutex_take(lock);
        error = check_new(&w, S_ISDIR(mode));
        if (!error)
            error = names_make_at(&w, mode, device, target, &made);
        if (lock)
            mutex_drop(lock);
        if (!error)
            entry_drop(made);
    }
    walk_end(&w);
    return error;
}

static bool is_empty(const struct entry *directory) {
    return !directory->names.root;
}

static long check_removable(const struct entry *e, bool rmdir) {
    bool is_directory = S_ISDIR(e->vnode->mode);

    if (rmdir && !is_directory)
        return -ENOTDIR;
    if (!rmdir && is_directory)
        return -EISDIR;
    if (e->mounted)
        return -EBUSY;
    return is_directory && !is_empty(e) ? -ENOTEMPTY : 0;
}

/* The entry, whose vnode is locked as its directory is, has one link less, and no name. */
static void take_away(struct entry *directory, struct entry *e) {
    struct vnode *above = directory->vnode, *vnode = e->vnode;
    bool is_directory = S_ISDIR(vnode->mode);
    vnode->links -= is_directory ? 2 : 1;
    if (is_directory)
        above->links--;
    vnode_touch(vnode, TOUCH_CHANGE);
    vnode_touch(above, TOUCH_MODIFY | TOUCH_CHANGE);
    entry_remove(e);
}

static long remove_entry(struct entry *directory, struct entry *e) {
    const struct vnode_ops *ops = directory->vnode->ops;
    struct name name = {e->name, e->size};
    long error = ops->remove ? ops->remove(directory->vnode, name, e->vnode) : -EPERM;

    if (!error)
        take_away(directory, e);
    return error;
}

/* What a walk's last name is the name of, in its directory, which is locked. */
static long remove_last(struct walk *w, bool rmdir, struct entry **removed) {
    struct entry *e;
    long error = entry_find(w->directory, w->last, &e);

    if (error)
        return error;
    *removed = e;
    mutex_take(&e->vnode->lock);
    error = w->slash && !S_ISDIR(e->vnode->mode) ? -ENOTDIR : check_removable(e, rmdir);
    if (!error)
        error = remove_entry(w->directory, e);
    mutex_drop(&e->vnode->lock);
    return error;
}

/* What Linux says to rmdir("."), rmdir("..") and the root. */
static long refuse_special(const struct walk *w, bool rmdir) {
    if (!rmdir)
        return -EISDIR;
    return w->last.size == 1 ? -EINVAL : w->last.size == 2 ? -ENOTEMPTY : -EBUSY;
}

long names_remove(int directory, const char *path, bool rmdir) {
    struct entry *removed = NULL;
    struct walk w;
    long error = walk_begin(&w, directory, path, 0);

    if (!error && w.file)
        error = -ENOTDIR;
    if (!error && w.is_special)
        error = refuse_special(&w, rmdir);
    if (!error)
        error = mount_check(w.directory->vnode);
    if (!error) {
        mutex_take(&w.directory->vnode->lock);
        error = remove_last(&w, rmdir, &removed);
        mutex_drop(&w.directory->vnode->lock);
    }
    if (!error) {
        tell(removed, IN_ATTRIB | TELL_ONLY_FILE, NULL, 0);
        tell(w.directory, IN_DELETE | directory_bit(removed->vnode), &w.last, 0);
    }
    if (removed)
        entry_drop(removed);
    walk_end(&w);
    return error;
}

/* The directory is locked; so is nothing else. */
static long link_here(struct walk *w, struct vnode *vnode) {
    struct vnode *directory = w->directory->vnode;
    struct entry *added;
    long error = w->directory->removed ? -ENOENT : check_new(w, false);

    if (error)
        return error;
    if (mount_check(directory))
        return -EROFS;
    if (directory->mount != vnode->mount)
        return -EXDEV;
    if (S_ISDIR(vnode->mode) || !directory->ops->link)
        return -EPERM;
    if (!heap_left())
        return -ENOSPC;
    mutex_take(&vnode->lock);
    error = vnode->links || vnode->is_nameless
                ? directory->ops->link(directory, w->last, vnode)
                : -ENOENT;
    if (!error)
        error = entry_add(w->directory, w->last, vnode_hold(vnode), &added);
    if (!error) {
        vnode->links++;
        vnode->is_nameless = false;
        vnode_touch(vnode, TOUCH_CHANGE);
        vnode_touch(directory, TOUCH_MODIFY | TOUCH_CHANGE);
    }
    mutex_drop(&vnode->lock);
    if (!error)
        entry_drop(added);
    return error;
}

long names_link_vnode(struct vnode *vnode, int directory, const char *path) {
    struct walk w;
    long error = walk_begin(&w, directory, path, 0);

    if (!error && w.file)
        error = -ENOTDIR;
    if (!error) {
        mutex_take(&w.directory->vnode->lock);
        error = link_here(&w, vnode);
        mutex_drop(&w.directory->vnode->lock);
    }
    if (!error)
        tell(w.directory, IN_CREATE, &w.last, 0);
    walk_end(&w);
    return error;
}

long names_link(struct entry *from, int directory, const char *path) {
    long error = names_link_vnode(from->vnode, directory, path);

    if (!error)
        tell(from, IN_ATTRIB | TELL_ONLY_FILE, NULL, 0);
    return error;
}

struct renaming {
    struct walk from, to;
    struct entry *old, *new; /* new: what has the new name already, or NULL */
    unsigned flags;
};

static bool is_above(const struct entry *e, const struct entry *below) {
    while (below != e && below->parent != below)
        below = below->parent;
    return below == e;
}

static bool is_directory(const struct entry *e) {
    return S_ISDIR(e->vnode->mode);
}

/* A slash is behind a name of what is, or is to be, no directory. */
static bool is_slash_wrong(const struct renaming *r) {
    if (!is_directory(r->old) &&
        (r->from.slash || (r->to.slash && !(r->flags & RENAME_SWAP))))
        return true;
    return r->flags & RENAME_SWAP && r->to.slash && !is_directory(r->new);
}

static long check_replaced(const struct renaming *r) {
    if (is_directory(r->old) != is_directory(r->new))
        return is_directory(r->old) ? -ENOTDIR : -EISDIR;
    if (r->new->mounted)
        return -EBUSY;
    return is_directory(r->new) && !is_empty(r->new) ? -ENOTEMPTY : 0;
}

/* In Linux's order. */
static long check_rename(const struct renaming *r) {
    if (r->new && r->flags & RENAME_NO_REPLACE)
        return -EEXIST;
    if (!r->new && r->flags & RENAME_SWAP)
        return -ENOENT;
    if (is_slash_wrong(r))
        return -ENOTDIR;
    if (is_above(r->old, r->to.directory))
        return -EINVAL;
    if (r->new && is_above(r->new, r->from.directory))
        return r->flags & RENAME_SWAP ? -EINVAL : -ENOTEMPTY;
    if (r->new && r->new->vnode == r->old->vnode)
        return 0;
    if (r->old->mounted)
        return -EBUSY;
    if (r->new && r->flags & RENAME_SWAP)
        return r->new->mounted ? -EBUSY : 0;
    return r->new ? check_replaced(r) : 0;
}

/* A directory's link to the one that it is in goes along. */
static void count_links(const struct entry *moved, struct entry *from, struct entry *to) {
    if (S_ISDIR(moved->vnode->mode)) {
        from->vnode->links--;
        to->vnode->links++;
    }
}

static long move(struct entry *e, struct entry *from, struct entry *to, struct name name) {
    struct name old = {e->name, e->size};
    long error = from->vnode->ops->rename
                     ? from->vnode->ops->rename(from->vnode, old, to->vnode, name, e->vnode)
                     : -EPERM;

    if (!error)
        error = entry_move(e, to, name);
    if (!error)
        count_links(e, from, to);
    return error;
}

/* Under one another's names. The second's own name is kept for it. */
static long swap(struct renaming *r) {
    struct entry *from = r->from.directory, *to = r->to.directory;
    long error = move(r->new, to, from, r->from.last);

    if (error)
        return error;
    error = move(r->old, from, to, r->to.last);
    if (error)
        move(r->new, from, to, r->to.last);
    return error;
}

/* The old name goes last: if the move fails both are as they were. */
static long replace(struct renaming *r) {
    struct entry *gone = r->new;
    long error = move(r->old, r->from.directory, r->to.directory, r->to.last);

    if (!error && gone) {
        mutex_take(&gone->vnode->lock);
        take_away(r->to.directory, gone);
        mutex_drop(&gone->vnode->lock);
    }
    return error;
}

static long rename_locked(struct renaming *r) {
    long error = entry_find(r->from.directory, r->from.last, &r->old);

    if (error)
        return error;
    error = entry_find(r->to.directory, r->to.last, &r->new);
    if (error && error != -ENOENT)
        return error;
    if (r->to.directory->removed)
        return -ENOENT;
    error = check_rename(r);
    if (error)
        return error;
    if (r->new && r->new->vnode == r->old->vnode)
        return 0; /* two names of one file: both stay */
    error = r->flags & RENAME_SWAP ? swap(r) : replace(r);
    if (error)
        return error;
    vnode_touch(r->from.directory->vnode, TOUCH_MODIFY | TOUCH_CHANGE);
    vnode_touch(r->to.directory->vnode, TOUCH_MODIFY | TOUCH_CHANGE);
    vnode_touch(r->old->vnode, TOUCH_CHANGE);
    return 0;
}

static void tell_rename(struct renaming *r) {
    static unsigned last_cookie;
    unsigned bit = directory_bit(r->old->vnode);

    if (!names_tell)
        return;
    unsigned cookie = __atomic_add_fetch(&last_cookie, 1, __ATOMIC_RELAXED);
    tell(r->from.directory, IN_MOVED_FROM | bit, &r->from.last, cookie);
    tell(r->to.directory, IN_MOVED_TO | bit, &r->to.last, cookie);
    tell(r->old, IN_MOVE_SELF, NULL, 0);
    if (r->new && !(r->flags & RENAME_SWAP))
        tell(r->new, IN_ATTRIB | TELL_ONLY_FILE, NULL, 0);
}

static long rename(struct renaming *r) {
    struct entry *from = r->from.directory, *to = r->to.directory;

    if (r->from.file || r->to.file)
        return -ENOTDIR;
    if (from->vnode->mount != to->vnode->mount)
        return -EXDEV;
    if (r->from.is_special)
        return -EBUSY;
    if (r->to.is_special)
        return r->flags & RENAME_NO_REPLACE ? -EEXIST : -EBUSY;
    if (mount_check(from->vnode))
        return -EROFS;
    mutex_take(&rename_mutex);
    entry_lock_two(from, to);
    long error = rename_locked(r);
    entry_unlock_two(from, to);
    mutex_drop(&rename_mutex);
    if (!error && (!r->new || r->new->vnode != r->old->vnode))
        tell_rename(r);
    return error;
}

long names_rename(int from_directory, const char *from, int to_directory, const char *to,
                  unsigned flags) {
    struct renaming r = {.flags = flags};

    if (flags & ~(unsigned)(RENAME_NO_REPLACE | RENAME_SWAP) ||
        flags == (RENAME_NO_REPLACE | RENAME_SWAP))
        return -EINVAL;
    long error = walk_begin(&r.from, from_directory, from, 0);
    if (!error) {
        error = walk_begin(&r.to, to_directory, to, 0);
        if (!error)
            error = rename(&r);
        walk_end(&r.to);
    }
    walk_end(&r.from);
    if (r.old)
        entry_drop(r.old);
    if (r.new)
        entry_drop(r.new);
    return error;
}
