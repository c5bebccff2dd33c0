/* SPDX-License-Identifier: MIT */
/*
 * Unmounting: who uses a mount is found out by counting. Where nobody does, each entry is
 * referred to by its directory and by those in it, each file by its names, and no file is
 * without one. Paths do not lead there meanwhile; who has an open directory in it is found
 * by that, at the latest when it has gone, and keeps what it refers to in any case.
 */
#include <errno.h>
#include <sys/stat.h>

#include "fs/mount.h"

/* A walk through all entries below one, each with a reference while one is at it. */
struct tour {
    struct entry *top, *at;
    uint32_t number, vnodes; /* of this tour; vnodes that it has come by */
    uint32_t below;          /* how many are in the directory `at` */
    bool is_torn;            /* it was changed meanwhile */
};

static struct entry *by_order(struct tree_node *node) {
    return node ? entry_hold(TREE_RECORD(node, struct entry, by_order)) : NULL;
}

/* The first one in the directory; all are counted. */
static struct entry *go_down(struct tour *t) {
    struct mutex *lock = &t->at->vnode->lock;

    mutex_take(lock);
    struct tree_node *first = tree_first(&t->at->order);
    t->below = 0;
    for (struct tree_node *n = first; n; n = tree_next(n))
        t->below++;
    struct entry *e = by_order(first);
    mutex_drop(lock);
    return e;
}

static struct entry *go_aside(struct tour *t, struct entry *from) {
    struct mutex *lock = &from->parent->vnode->lock;

    mutex_take(lock);
    t->is_torn |= from->removed;
    struct entry *e = from->removed ? NULL : by_order(tree_next(&from->by_order));
    mutex_drop(lock);
    return e;
}

/* Has anybody a reference but those that are known? extra: to the entry. */
static bool is_used(struct tour *t, const struct entry *e, uint32_t extra) {
    struct vnode *v = e->vnode;

    t->vnodes += v->seen != t->number;
    v->seen = t->number;
    return e->references != 1 + t->below + extra ||
           v->references != (S_ISDIR(v->mode) ? 1 : v->links);
}

/* The one behind it and all below it; its reference is given up. */
static struct entry *go_on(struct tour *t, struct entry *from) {
    struct entry *next = NULL;

    while (from != t->top && !(next = go_aside(t, from))) {
        struct entry *up = entry_hold(from->parent);
        entry_drop(from);
        from = up;
    }
    entry_drop(from);
    return next;
}

/* held: the references to the topmost entry that the caller has. */
static bool is_busy(struct mount *mount, unsigned held) {
    static uint32_t last;
    struct tour t = {.top = mount->root, .at = entry_hold(mount->root), .number = ++last};
    bool busy = false;

    while (t.at && !busy) {
        struct entry *first = go_down(&t);
        busy = is_used(&t, t.at, 1 + (t.at == t.top ? held : 0));
        if (first)
            entry_drop(t.at);
        t.at = first ? first : go_on(&t, t.at);
    }
    if (t.at)
        entry_drop(t.at);
    return busy || t.is_torn ||
           __atomic_load_n(&mount->vnodes, __ATOMIC_SEQ_CST) != t.vnodes;
}

static void remove(struct entry *e) {
    struct mutex *lock = &e->parent->vnode->lock;

    mutex_take(lock);
    if (!e->removed)
        entry_remove(e);
    mutex_drop(lock);
    entry_drop(e);
}

/* All names go, the lowest first. */
static void clear(struct entry *top) {
    struct tour t = {.top = top};
    struct entry *at = entry_hold(top), *first;

    for (;;) {
        t.at = at;
        first = go_down(&t);
        if (!first && at == top)
            break;
        if (first) {
            entry_drop(at);
            at = first;
            continue;
        }
        struct entry *up = entry_hold(at->parent);
        remove(at);
        at = up;
    }
    entry_drop(at);
}

/* Of what is mounted nowhere any more: its names go, and it with the last file. */
static void empty(struct mount *mount) {
    clear(mount->root);
    entry_drop(mount->root);
}

/* Those that were in use. Nothing tells when they are not any more; it is looked at with
 * the next ones. */
static struct list left = {&left, &left};

static void empty_left(void) {
    for (struct list *n = left.next, *after; n != &left; n = after) {
        struct mount *m = LIST_RECORD(n, struct mount, node);
        after = n->next;
        if (!is_busy(m, 0)) {
            list_remove(n);
            empty(m);
        }
    }
}

static struct mount *find_inner(const struct mount *mount) {
    for (struct list *n = mounts.next; n != &mounts; n = n->next) {
        struct mount *m = LIST_RECORD(n, struct mount, node);
        if (m->at && m->at->vnode->mount == mount)
            return m;
    }
    return NULL;
}

static void detach(struct mount *mount, bool busy) {
    struct entry *at = mount->at;

    mount_sync(mount); /* whoever wants to know of errors has called fsync */
    entry_set_mounted(at, mount, false);
    list_remove(&mount->node);
    if (busy)
        list_insert(&mount->node, &left);
    else
        empty(mount);
    entry_drop(at);
}

static long remove_mount(struct mount *mount, bool lazy, unsigned held) {
    for (struct mount *inner; lazy && (inner = find_inner(mount));)
        remove_mount(inner, true, 0);
    __atomic_store_n(&mount->leaving, true, __ATOMIC_SEQ_CST);
    bool busy = is_busy(mount, held);
    if (!busy || lazy) {
        detach(mount, busy); /* it may be gone by now */
        return 0;
    }
    __atomic_store_n(&mount->leaving, false, __ATOMIC_SEQ_CST);
    return -EBUSY;
}

long mount_remove(struct entry *top, bool lazy) {
    struct mount *mount = top->vnode->mount;

    mutex_take(&mounts_mutex);
    empty_left();
    long error =
        top->parent != top || !mount || !mount->at ? -EINVAL : remove_mount(mount, lazy, 1);
    mutex_drop(&mounts_mutex);
    return error;
}
