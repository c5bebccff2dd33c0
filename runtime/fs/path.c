/* SPDX-License-Identifier: MIT */
#include "fs/path.h"
#include "fs/etc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/device.h"
#include "fs/file.h"
#include "fs/mount.h"
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
    while (__atomic_load_n(&e->mounted, __ATOMIC_SEQ_CST)) {
        bool leaving;
        struct entry *top = entry_mounted(e, &leaving);
        if (leaving) {
            mutex_take(&mounts_mutex);
            mutex_drop(&mounts_mutex);
        }
        if (top) {
            entry_drop(e);
            e = top;
        }
    }
    return e;
}

/* Above which the walk does not come: with a reference. */
static struct entry *top_of(const struct walk *w) {
    return w->scope ? entry_hold(w->scope) : path_root();
}

/* The mount that e is of is another one than where the walk has been. */
static bool is_foreign(const struct walk *w, const struct entry *e) {
    return w->flags & PATH_NO_XDEV && e->vnode->mount != w->directory->vnode->mount;
}

long walk_up(struct walk *w) {
    struct entry *top = top_of(w), *here = w->directory;
    struct entry *above = entry_above(here, top);
    long error = here == top && w->flags & PATH_BENEATH ? -EXDEV : 0;

    if (here != top &&
        (is_foreign(w, above) || (w->flags & PATH_NO_XDEV && above->mounted)))
        error = -EXDEV;
    entry_drop(top);
    if (error) {
        entry_drop(above);
        return error;
    }
    entry_drop(here);
    w->directory = here == above ? above : path_cross(above);
    return 0;
}

long walk_cross(const struct walk *w, struct entry **e) {
    if (w->flags & PATH_NO_XDEV && (*e)->mounted)
        return -EXDEV;
    *e = path_cross(*e);
    return 0;
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

/* What that name is in the walk's directory, with a reference. */
static long step(struct walk *w, struct name name, struct entry **found) {
    struct entry *directory = w->directory;

    mutex_take(&directory->vnode->lock);
    long error = entry_find(directory, name, found);
    mutex_drop(&directory->vnode->lock);
    if (error)
        return error;
    error = walk_cross(w, found);
    if (error)
        entry_drop(*found);
    return error;
}

static long check_directory(const struct entry *e) {
    return S_ISDIR(e->vnode->mode) ? vnode_may_execute(e->vnode) : -ENOTDIR;
}

/* A text whose last part was a link with a long target: what is behind it comes later. */
struct outer {
    struct outer *next;
    char *text; /* a page */
    const char *rest;
};

static const char *go_back(struct walk *w) {
    struct outer *o = w->outer;
    const char *rest = o->rest;

    heap_free(w->text);
    w->text = o->text;
    w->outer = o->next;
    heap_free(o);
    return rest;
}

/* The component that is not the last. text: what is behind it. */
static long pass(struct walk *w, struct name name, const char **text) {
    struct entry *found = NULL;

    if (is_dots(name)) {
        long error = name.size == 2 ? walk_up(w) : 0;
        if (error)
            return error;
    } else if (name.size) {
        long error = step(w, name, &found);
        if (error)
            return error;
    }
    if (is_last(*text))
        *text = go_back(w);
    if (!found)
        return 0;
    if (!S_ISLNK(found->vnode->mode)) {
        entry_drop(w->directory);
        w->directory = found;
        return 0;
    }
    /* walk_link puts the rest behind the link's target, and goes on */
    w->last = (struct name){*text, strlen(*text)};
    w->slash = false;
    w->is_special = false;
    *text = NULL;
    return walk_link(w, found);
}

static bool begins(struct name name, const char *prefix) {
    size_t size = strlen(prefix);

    return name.size >= size && !memcmp(name.text, prefix, size);
}

/* It may be the name of a disk or a console, or lead to one's, which come late; or of what
 * names are asked of. */
static void expect(const struct walk *w, struct name name) {
    static const char resolver[] = "resolv.conf";

    if (etc_expect_resolver && name.size == sizeof resolver - 1 && begins(name, resolver))
        etc_expect_resolver();
    if (w->directory->vnode != device_directory)
        return;
    if (begins(name, "xvd"))
        devices_expect();
    else if (begins(name, "hvc") || begins(name, "xen-channel"))
        consoles_expect();
}

/* Goes along text, which is in walk->text, up to its last component. */
static long go(struct walk *w, const char *text) {
    for (;;) {
        long error = check_directory(w->directory);
        struct name name = next_name(&text);
        if (error)
            return error;
        expect(w, name);
        if (is_last(text) && !w->outer) {
            w->last = name;
            w->is_special = !name.size || is_dots(name);
            w->slash = *text == '/';
            return 0;
        }
        error = pass(w, name, &text);
        if (error || !text)
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
    long error = w->flags & PATH_NO_MAGIC ? -ELOOP
                 : w->scope               ? -EXDEV
                                          : link->ops->follow(link, &file);

    if (error)
        return error;
    if (file->entry && is_foreign(w, file->entry)) {
        file_drop(file);
        return -EXDEV;
    }
    bool is_end = is_last(rest) && !w->outer;
    if (!file->entry) {
        w->file = file;
        return is_end ? 0 : -ENOTDIR;
    }
    entry_drop(w->directory);
    w->directory = entry_hold(file->entry);
    file_drop(file);
    memmove(w->text, rest, strlen(rest) + 1); /* rest was in it */
    if (!is_end)
        return go(w, w->text);
    w->is_special = true; /* the place itself */
    w->slash = *w->text == '/';
    w->last = (struct name){w->text, 0};
    return 0;
}

/* An absolute one leads to the top. */
static long go_to_top(struct walk *w) {
    struct entry *top = top_of(w);

    if (w->flags & PATH_BENEATH || is_foreign(w, top)) {
        entry_drop(top);
        return -EXDEV;
    }
    entry_drop(w->directory);
    w->directory = top;
    return 0;
}

/* The link's target is the text now. What is behind the link in the path is put behind the
 * target; if there is no room for that it is kept. */
static long take_target(struct walk *w, char *text, size_t size, const char *rest) {
    size_t behind = strlen(rest);

    if (size + behind < PATH_MOST) {
        memcpy(text + size, rest, behind + 1);
        heap_free(w->text);
    } else {
        struct outer *outer = heap_alloc(sizeof *outer);
        if (!outer) {
            heap_free(text);
            return -ENOMEM;
        }
        *outer = (struct outer){w->outer, w->text, rest};
        w->outer = outer;
        text[size] = 0;
    }
    w->text = text;
    return 0;
}

static long follow(struct walk *w, struct vnode *link, const char *rest) {
    if (++w->links > LINKS_MOST || w->flags & PATH_NO_LINKS)
        return -ELOOP;
    if (link->ops->follow)
        return jump(w, link, rest);
    char *text = heap_alloc(PATH_MOST);
    if (!text)
        return -ENOMEM;
    long n = read_link(link, text, PATH_MOST - 1);
    if (n == 0)
        n = -ENOENT;
    if (n < 0) {
        heap_free(text);
        return n;
    }
    long error = take_target(w, text, (size_t)n, rest);
    if (!error && *text == '/')
        error = go_to_top(w);
    return error ? error : go(w, w->text);
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
    if (*w->text == '/' && !(w->flags & PATH_SCOPES)) {
        w->directory = path_root();
        return 0;
    }
    if (*w->text == '/' && w->flags & PATH_BENEATH)
        return -EXDEV;
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
    if (flags & PATH_SCOPES)
        w->scope = entry_hold(w->directory);
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
    if (w->scope)
        entry_drop(w->scope);
    while (w->outer)
        go_back(w);
    heap_free(w->text);
}

/* The last component itself, in place of its directory. */
static long finish(struct walk *w) {
    for (;;) {
        if (w->file)
            return 0;
        if (w->is_special) {
            long error = w->last.size == 2 ? walk_up(w) : 0;
            return error || !w->slash ? error : check_directory(w->directory);
        }
        struct entry *found;
        long error = step(w, w->last, &found);
        if (error)
            return error;
        bool follows = w->flags & PATH_FOLLOW || w->slash;
        if (!S_ISLNK(found->vnode->mode) || !follows) {
            entry_drop(w->directory);
            w->directory = found;
            return w->slash ? check_directory(found) : 0;
        }
        error = walk_link(w, found);
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
