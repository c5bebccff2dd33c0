/* SPDX-License-Identifier: MIT */
/*
 * A watch is in two lists, its file's and that of what it watches, all of them under one
 * spin lock; so are the events that wait to be read. What is told comes from anywhere, with
 * the locks of directories held or without.
 */
#include "fs/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

#include "base/string.h"
#include "fs/file.h"
#include "fs/names.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sched/hooks.h"

enum {
    QUEUE_MOST = 16384, /* events, as Linux has it */
    CAN_READ = POLLIN | POLLRDNORM,
    MASK_CREATE = 0x10000000,
    OF_CHILDREN = IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_CLOSE | IN_OPEN,
    ALWAYS = IN_IGNORED | IN_UNMOUNT | IN_Q_OVERFLOW,
};

/* As struct inotify_event, without the name. */
struct head {
    int32_t wd;
    uint32_t mask, cookie, len; /* len: the name's, with its zeros */
};

struct event {
    struct event *next;
    struct head head;
    char name[];
};

struct inotify {
    struct ready ready;
    struct list watches;
    struct event *first, *last;
    unsigned count, bytes;
    int last_watch;
};

/* Of a vnode. */
struct watching {
    struct list watches;
};

struct inotify_watch {
    struct list of_file, of_vnode;
    struct inotify *owner;
    struct vnode *vnode; /* no reference: when it goes the watch does */
    int number;
    unsigned mask;
};

static struct lock inotify_lock = LOCK_INIT(LOCK_OBJECT);

static bool is_same(const struct event *a, const struct event *b) {
    return a->head.wd == b->head.wd && a->head.mask == b->head.mask &&
           a->head.cookie == b->head.cookie && a->head.len == b->head.len &&
           !memcmp(a->name, b->name, a->head.len);
}

static struct event *make_event(int watch, unsigned mask, unsigned cookie,
                                const struct name *name) {
    size_t size = name ? ROUND_UP(name->size + 1, sizeof(struct head)) : 0;
    struct event *e = heap_alloc(sizeof *e + size);

    if (!e)
        return NULL;
    e->head =
        (struct head){.wd = watch, .mask = mask, .cookie = cookie, .len = (uint32_t)size};
    if (name)
        memcpy(e->name, name->text, name->size);
    return e;
}

/* What is the same as the last one is not told twice. An overflow is, once. */
static void put(struct inotify *n, int watch, unsigned mask, unsigned cookie,
                const struct name *name) {
    bool full = n->count >= QUEUE_MOST;
    struct event *e = full ? make_event(-1, IN_Q_OVERFLOW, 0, NULL)
                           : make_event(watch, mask, cookie, name);

    if (!e || (n->last && is_same(n->last, e))) {
        heap_free(e);
        return;
    }
    *(n->last ? &n->last->next : &n->first) = e;
    n->last = e;
    n->count++;
    n->bytes += (unsigned)sizeof e->head + e->head.len;
    ready_notify(&n->ready, CAN_READ);
}

static void end_watch(struct inotify_watch *w) {
    put(w->owner, w->number, IN_IGNORED, 0, NULL);
    list_remove(&w->of_file);
    list_remove(&w->of_vnode);
    heap_free(w);
}

struct news {
    unsigned mask, cookie;
    const struct name *name; /* in the directory that is watched, or NULL */
    bool of_child, removed;
};

static bool wants(const struct inotify_watch *w, const struct news *news) {
    if (!(w->mask & news->mask & IN_ALL_EVENTS))
        return false;
    return !(news->of_child && news->removed && w->mask & IN_EXCL_UNLINK);
}

static void tell_watchers(struct vnode *vnode, const struct news *news) {
    if (!vnode->watching)
        return;
    struct list *head = &vnode->watching->watches;
    for (struct list *at = head->next, *after; at != head; at = after) {
        struct inotify_watch *w = LIST_RECORD(at, struct inotify_watch, of_vnode);
        after = at->next;
        if (!wants(w, news))
            continue;
        put(w->owner, w->number, news->mask, news->cookie, news->name);
        if (w->mask & IN_ONESHOT)
            end_watch(w);
    }
}

/* With a name it is the directory's own; else the file's, and its directory's, too. */
static void tell(struct entry *e, unsigned mask, const struct name *name, unsigned cookie) {
    struct news news = {
        .mask = mask & ~(unsigned)TELL_ONLY_FILE, .cookie = cookie, .name = name};
    unsigned directory = (e->vnode->mode & 0170000) == 0040000 ? IN_ISDIR : 0;

    lock_take(&inotify_lock);
    if (!name && mask & OF_CHILDREN)
        news.mask |= directory;
    if (!name && mask & OF_CHILDREN && e->parent != e && !(mask & TELL_ONLY_FILE)) {
        const struct name own = {e->name, e->size};
        struct news of_child = news;
        of_child.name = &own;
        of_child.of_child = true;
        of_child.removed = e->removed;
        tell_watchers(e->parent->vnode, &of_child);
    }
    tell_watchers(e->vnode, &news);
    lock_drop(&inotify_lock);
}

/* It may only have been forgotten, or be gone from the disk. */
static void end_all(struct vnode *vnode) {
    const struct news news = {.mask = IN_DELETE_SELF};

    lock_take(&inotify_lock);
    if (!vnode->links)
        tell_watchers(vnode, &news);
    struct list *head = &vnode->watching->watches;
    while (!list_is_empty(head))
        end_watch(LIST_RECORD(head->next, struct inotify_watch, of_vnode));
    lock_drop(&inotify_lock);
    heap_free(vnode->watching);
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    struct inotify *n = file->object;
    long done = 0, error = 0;

    (void)position;
    lock_take(&inotify_lock);
    if (!n->first)
        error = -EAGAIN;
    for (struct event *e; !error && (e = n->first);) {
        size_t size = sizeof e->head + e->head.len;
        if (to->left < size) {
            error = -EINVAL;
            break;
        }
        long put = transfer_put(to, &e->head, size);
        if (put != (long)size) {
            error = -EFAULT;
            break;
        }
        done += put;
        n->first = e->next;
        if (!n->first)
            n->last = NULL;
        n->count--;
        n->bytes -= (unsigned)size;
        heap_free(e);
    }
    lock_drop(&inotify_lock);
    return done ? done : error;
}

static unsigned poll_events(struct file *file) {
    const struct inotify *n = file->object;

    return __atomic_load_n(&n->first, __ATOMIC_SEQ_CST) ? CAN_READ : 0;
}

static struct ready *ready(struct file *file) {
    return &((struct inotify *)file->object)->ready;
}

static long control(struct file *file, unsigned request, unsigned long argument) {
    const struct inotify *n = file->object;
    int bytes = (int)n->bytes;

    return request == FIONREAD ? user_write((void *)argument, &bytes, sizeof bytes)
                               : -ENOTTY;
}

static void release(struct file *file) {
    struct inotify *n = file->object;

    lock_take(&inotify_lock);
    while (!list_is_empty(&n->watches))
        end_watch(LIST_RECORD(n->watches.next, struct inotify_watch, of_file));
    lock_drop(&inotify_lock);
    while (n->first) {
        struct event *e = n->first;
        n->first = e->next;
        heap_free(e);
    }
    heap_free(n);
}

static const struct file_ops inotify_ops = {.read = read,
                                            .poll = poll_events,
                                            .ready = ready,
                                            .ioctl = control,
                                            .release = release,
                                            .name = "anon_inode:inotify"};

struct file *inotify_make(unsigned flags) {
    struct inotify *n = heap_alloc(sizeof *n);

    if (!n)
        return NULL;
    scheduler_start();
    ready_init(&n->ready);
    list_init(&n->watches);
    struct file *file = file_make(&inotify_ops, O_RDONLY | flags, n);
    if (!file) {
        heap_free(n);
        return NULL;
    }
    names_tell = tell;
    vnode_watched_goes = end_all;
    return file;
}

static struct inotify_watch *find(struct inotify *n, const struct vnode *vnode,
                                  int number) {
    struct list *head = &n->watches;

    for (struct list *at = head->next; at != head; at = at->next) {
        struct inotify_watch *w = LIST_RECORD(at, struct inotify_watch, of_file);
        if (vnode ? w->vnode == vnode : w->number == number)
            return w;
    }
    return NULL;
}

/* The vnode's own record, which it keeps. */
static bool make_watching(struct vnode *vnode) {
    if (!vnode->watching) {
        vnode->watching = heap_alloc(sizeof *vnode->watching);
        if (vnode->watching)
            list_init(&vnode->watching->watches);
    }
    return vnode->watching;
}

/* Under the lock; spare is used up if it is new. */
static long add(struct inotify *n, struct vnode *vnode, unsigned mask,
                struct inotify_watch **spare) {
    const unsigned kept = IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK;
    struct inotify_watch *w = find(n, vnode, 0);

    if (w && mask & MASK_CREATE)
        return -EEXIST;
    if (w) {
        w->mask = (mask & IN_MASK_ADD ? w->mask : 0) | (mask & kept);
        return w->number;
    }
    if (!*spare || !make_watching(vnode))
        return -ENOMEM;
    w = *spare;
    *spare = NULL;
    w->owner = n;
    w->vnode = vnode;
    w->number = ++n->last_watch;
    w->mask = mask & kept;
    list_insert(&w->of_file, &n->watches);
    list_insert(&w->of_vnode, &vnode->watching->watches);
    return w->number;
}

long inotify_add(struct file *file, struct vnode *vnode, unsigned mask) {
    struct inotify_watch *spare = NULL;

    if (file->ops != &inotify_ops)
        return -EINVAL;
    spare = heap_alloc(sizeof *spare);
    lock_take(&inotify_lock);
    long result = add(file->object, vnode, mask, &spare);
    lock_drop(&inotify_lock);
    heap_free(spare);
    return result;
}

long inotify_remove(struct file *file, int number) {
    if (file->ops != &inotify_ops)
        return -EINVAL;
    lock_take(&inotify_lock);
    struct inotify_watch *w = find(file->object, NULL, number);
    if (w)
        end_watch(w);
    lock_drop(&inotify_lock);
    return w ? 0 : -EINVAL;
}
