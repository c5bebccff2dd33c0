/* SPDX-License-Identifier: MIT */
#include "fs/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/file.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "xen/lock.h"

enum { LINKS_MOST = 40 };

static struct lock places_lock = LOCK_INIT(LOCK_FILES);
static struct entry *root, *working;

static struct entry *get(struct entry *const *place) {
    lock_take(&places_lock);
    struct entry *e = entry_hold(*place);
    lock_drop(&places_lock);
    return e;
}

static void set(struct entry **place, struct entry *directory) {
    lock_take(&places_lock);
    struct entry *old = *place;
    *place = directory;
    lock_drop(&places_lock);
    if (old)
        entry_drop(old);
}

struct entry *path_working(void) {
    return get(&working);
}

struct entry *path_root(void) {
    return get(&root);
}

void path_set_working(struct entry *directory) {
    set(&working, directory);
}

void path_set_root(struct entry *directory) {
    set(&root, directory);
}

void target_drop(struct target *target) {
    if (target->entry)
        entry_drop(target->entry);
    if (target->file)
        file_drop(target->file);
    *target = (struct target){0};
}

struct entry *path_cross(struct entry *e) {
    while (e->mounted) {
        struct entry *top = entry_hold(e->mounted->root);
        entry_drop(e);
        e = top;
    }
    return e;
}

struct entry *path_up(struct entry *e) {
    struct entry *stop = path_root(), *at = e;

    while (at != stop && at->parent == at && at->vnode->mount && at->vnode->mount->at)
        at = at->vnode->mount->at;
    struct entry *parent = entry_hold(at == stop ? at : at->parent);
    entry_drop(stop);
    entry_drop(e);
    return path_cross(parent);
}

static bool is_dots(struct name name) {
    return (name.size == 1 || (name.size == 2 && name.text[1] == '.')) &&
           name.text[0] == '.';
}

/* The next component from *text on, which is moved behind it. */
static struct name next_name(const char **text) {
    const char *at = *text;

    while (*at == '/')
        at++;
    struct name name = {at, 0};
    while (at[name.size] && at[name.size] != '/')
        name.size++;
    *text = at + name.size;
    return name;
}

static bool is_last(const char *behind) {
    while (*behind == '/')
        behind++;
    return !*behind;
}

/* From the directory to that name in it, whose reference is given up. */
static long step(struct entry **at, struct name name) {
    struct entry *directory = *at, *found;

    mutex_take(&directory->vnode->lock);
    long error = entry_find(directory, name, &found);
    mutex_drop(&directory->vnode->lock);
    if (error)
        return error;
    entry_drop(directory);
    *at = path_cross(found);
    return 0;
}

static long check_directory(const struct entry *e) {
    return S_ISDIR(e->vnode->mode) ? vnode_may_execute(e->vnode) : -ENOTDIR;
}

/* Goes along text, which is in walk->text, up to its last component. */
static long go(struct walk *w, const char *text) {
    for (;;) {
        long error = check_directory(w->directory);
        struct name name = next_name(&text);
        if (error)
            return error;
        bool last = is_last(text);
        if (last) {
            w->last = name;
            w->is_special = !name.size || is_dots(name);
            w->slash = *text == '/';
            return 0;
        }
        if (is_dots(name)) {
            if (name.size == 2)
                w->directory = path_up(w->directory);
            continue;
        }
        struct entry *before = entry_hold(w->directory);
        error = step(&w->directory, name);
        if (!error && S_ISLNK(w->directory->vnode->mode)) {
            /* the rest is moved behind the link's target by walk_link */
            struct entry *link = w->directory;
            w->directory = before;
            w->last = (struct name){text, strlen(text)};
            w->slash = false;
            w->is_special = false;
            return walk_link(w, link);
        }
        entry_drop(before);
        if (error)
            return error;
    }
}

static long read_link(struct vnode *link, char *text, size_t size) {
    mutex_take(&link->lock);
    long n = link->ops->read_link ? link->ops->read_link(link, text, size) : -EINVAL;
    mutex_drop(&link->lock);
    return n;
}

/* The link is of the kind that leads to a file and not to a name. */
static long jump(struct walk *w, struct vnode *link, const char *rest) {
    struct file *file;
    long error = w->flags & PATH_NO_MAGIC ? -ELOOP : link->ops->follow(link, &file);

    if (error)
        return error;
    if (!file->entry) {
        w->file = file;
        return is_last(rest) ? 0 : -ENOTDIR;
    }
    entry_drop(w->directory);
    w->directory = entry_hold(file->entry);
    file_drop(file);
    memmove(w->text, rest, strlen(rest) + 1); /* rest was in it */
    if (!is_last(w->text))
        return go(w, w->text);
    w->is_special = true; /* the place itself */
    w->slash = *w->text == '/';
    w->last = (struct name){w->text, 0};
    return 0;
}

/* What is behind the link in the path is put behind its target. */
static long follow(struct walk *w, struct vnode *link, const char *rest) {
    size_t size = strlen(rest);

    if (++w->links > LINKS_MOST)
        return -ELOOP;
    if (link->ops->follow)
        return jump(w, link, rest);
    char *text = heap_alloc(PATH_MOST);
    if (!text)
        return -ENOMEM;
    long n = read_link(link, text, PATH_MOST - 1);
    if (n == 0)
        n = -ENOENT;
    if (n > 0 && (size_t)n + size >= PATH_MOST)
        n = -ENAMETOOLONG;
    if (n > 0)
        memcpy(text + n, rest, size + 1);
    heap_free(w->text);
    w->text = text;
    if (n < 0)
        return n;
    if (*text == '/') {
        entry_drop(w->directory);
        w->directory = path_root();
    }
    return go(w, text);
}

long walk_link(struct walk *w, struct entry *link) {
    bool behind = *w->last.text == '/'; /* go's: the link is not the last component */
    const char *rest = w->last.text + (behind ? 0 : w->last.size);
    long error = follow(w, link->vnode, rest);

    entry_drop(link);
    return error;
}

static long read_text(char *text, const char *path) {
    for (size_t done = 0; done < PATH_MOST;) {
        /* no further than the page, which may be the last one */
        size_t n = PAGE_SIZE - ((unsigned long)(path + done) & (PAGE_SIZE - 1));
        n = MIN(MIN(n, PATH_MOST - done), 64ul);
        if (user_read(text + done, path + done, n))
            return -EFAULT;
        for (size_t end = done + n; done < end; done++)
            if (!text[done])
                return (long)done;
    }
    return -ENAMETOOLONG;
}

static long begin_at(struct walk *w, int directory) {
    if (*w->text == '/') {
        w->directory = path_root();
        return 0;
    }
    if (directory == AT_FDCWD) {
        w->directory = path_working();
        return 0;
    }
    struct file *file = fd_get(directory);
    if (!file)
        return -EBADF;
    if (!*w->text)
        w->file = file;
    if (!file->entry)
        return *w->text ? (file_drop(file), -ENOTDIR) : 0;
    w->directory = entry_hold(file->entry);
    if (*w->text)
        file_drop(file);
    return 0;
}

long walk_begin(struct walk *w, int directory, const char *path, unsigned flags) {
    *w = (struct walk){.flags = flags, .text = heap_alloc(PATH_MOST)};
    if (!w->text)
        return -ENOMEM;
    long error = read_text(w->text, path);
    if (error < 0)
        return error;
    if (!*w->text && !(flags & PATH_EMPTY))
        return -ENOENT;
    error = begin_at(w, directory);
    if (error)
        return error;
    if (!*w->text) { /* the descriptor itself */
        w->is_special = true;
        w->last = (struct name){w->text, 0};
        return 0;
    }
    return go(w, w->text);
}

long walk_begin_own(struct walk *w, const char *path) {
    *w = (struct walk){.text = heap_alloc(PATH_MOST)};
    if (!w->text)
        return -ENOMEM;
    if (strlen(path) >= PATH_MOST)
        return -ENAMETOOLONG;
    memcpy(w->text, path, strlen(path) + 1);
    w->directory = path_root();
    return go(w, w->text);
}

void walk_end(struct walk *w) {
    if (w->directory)
        entry_drop(w->directory);
    if (w->file)
        file_drop(w->file);
    heap_free(w->text);
}

/* The last component itself, in place of its directory. */
static long finish(struct walk *w) {
    for (;;) {
        if (w->file)
            return 0;
        if (w->is_special) {
            if (w->last.size == 2)
                w->directory = path_up(w->directory);
            return w->slash ? check_directory(w->directory) : 0;
        }
        struct entry *before = entry_hold(w->directory);
        long error = step(&w->directory, w->last);
        bool follows = w->flags & PATH_FOLLOW || w->slash;
        if (error || !S_ISLNK(w->directory->vnode->mode) || !follows) {
            entry_drop(before);
            return error || !w->slash ? error : check_directory(w->directory);
        }
        struct entry *link = w->directory;
        w->directory = before;
        error = walk_link(w, link);
        if (error)
            return error;
    }
}

static void hand_over(struct walk *w, struct target *target) {
    *target = (struct target){.entry = w->directory, .file = w->file};
    w->directory = NULL;
    w->file = NULL;
}

long path_find(int directory, const char *path, unsigned flags, struct target *target) {
    struct walk w;
    long error = walk_begin(&w, directory, path, flags);

    *target = (struct target){0};
    if (!error)
        error = finish(&w);
    if (!error)
        hand_over(&w, target);
    walk_end(&w);
    return error;
}

long path_find_entry(int directory, const char *path, unsigned flags,
                     struct entry **entry) {
    struct target target;
    long error = path_find(directory, path, flags, &target);

    if (!error && !target.entry)
        error = -EBADF;
    if (!error)
        *entry = entry_hold(target.entry);
    target_drop(&target);
    return error;
}

long path_find_own(const char *path, struct entry **entry) {
    struct walk w;
    struct target target = {0};
    long error = walk_begin_own(&w, path);

    w.flags = PATH_FOLLOW;
    if (!error)
        error = finish(&w);
    if (!error && !w.directory)
        error = -ENXIO;
    if (!error)
        hand_over(&w, &target);
    *entry = target.entry;
    target.entry = NULL;
    walk_end(&w);
    target_drop(&target);
    return error;
}
