/* SPDX-License-Identifier: MIT */
/*
 * The tree of names. A directory's entries are in two trees: by name (hash first), for
 * lookups, and in the order in which they came, for listing: an entry's cookie is its
 * place there and never changes, so a listing that goes on while names come and go tells
 * each that stays once.
 */
#include <errno.h>

#include "base/string.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "xen/lock.h"

/* Names and parents, for who goes upward without the directories' locks. */
static struct lock names_lock = LOCK_INIT(LOCK_NAMES);

static struct entry *by_name(struct tree_node *node) {
    return node ? TREE_RECORD(node, struct entry, by_name) : NULL;
}

/* FNV-1a. */
static uint32_t hash_of(struct name name) {
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ (uint8_t)name.text[i]) * 16777619u;
    return hash;
}

static bool is_before(const struct tree_node *node, unsigned long hash) {
    return TREE_RECORD(node, struct entry, by_name)->hash < hash;
}

static struct entry *find(struct entry *directory, struct name name) {
    uint32_t hash = hash_of(name);
    struct entry *e = by_name(tree_find(&directory->names, is_before, hash));

    for (; e && e->hash == hash; e = by_name(tree_next(&e->by_name)))
        if (e->size == name.size && !memcmp(e->name, name.text, name.size))
            return e;
    return NULL;
}

static void drop_names(struct entry *e) {
    struct vnode *vnode = e->vnode;

    lock_take(&names_lock);
    if (vnode->name == e)
        vnode->name = NULL;
    lock_drop(&names_lock);
    heap_free(e->name);
    heap_free(e);
    vnode_drop(vnode);
}

/* Whoever is last takes its parent's reference with it. What is in a directory's trees has
 * a reference for that, so it is in none by then. */
void entry_drop(struct entry *e) {
    while (e && !__atomic_sub_fetch(&e->references, 1, __ATOMIC_SEQ_CST)) {
        struct entry *parent = e->parent == e ? NULL : e->parent;
        drop_names(e);
        e = parent;
    }
}

static struct entry *make(struct name name, struct vnode *vnode) {
    struct entry *e = heap_alloc(sizeof *e);

    if (!e)
        return NULL;
    e->name = heap_alloc(name.size ? name.size : 1);
    if (!e->name) {
        heap_free(e);
        return NULL;
    }
    memcpy(e->name, name.text, name.size);
    e->size = (uint8_t)name.size;
    e->hash = hash_of(name);
    e->references = 1;
    e->vnode = vnode;
    lock_take(&names_lock);
    vnode->name = e;
    lock_drop(&names_lock);
    return e;
}

struct entry *entry_make_root(struct vnode *vnode) {
    struct entry *e = make((struct name){"", 0}, vnode);

    if (e)
        e->parent = e;
    else
        vnode_drop(vnode);
    return e;
}

/* The directory's lock is held; both trees get it. */
static void insert(struct entry *directory, struct entry *e) {
    lock_take(&names_lock);
    e->parent = entry_hold(directory);
    lock_drop(&names_lock);
    e->cookie = ++directory->last_cookie;
    tree_insert(&directory->names, &e->by_name,
                tree_find(&directory->names, is_before, e->hash));
    tree_insert(&directory->order, &e->by_order, NULL);
}

long entry_add(struct entry *directory, struct name name, struct vnode *vnode,
               struct entry **added) {
    struct entry *e = make(name, vnode);

    if (!e) {
        vnode_drop(vnode);
        return -ENOMEM;
    }
    insert(directory, e);
    e->stays = !directory->vnode->ops->lookup;
    if (e->stays)
        entry_hold(e);
    *added = e;
    return 0;
}

static long look_up(struct entry *directory, struct name name, struct entry **found) {
    struct vnode *vnode;
    long error = directory->vnode->ops->lookup(directory->vnode, name, &vnode);

    if (error)
        return error;
    struct entry *e = make(name, vnode);
    if (!e) {
        vnode_drop(vnode);
        return -ENOMEM;
    }
    lock_take(&names_lock);
    e->parent = entry_hold(directory);
    lock_drop(&names_lock);
    e->is_loose = true;
    *found = e;
    return 0;
}

long entry_find(struct entry *directory, struct name name, struct entry **found) {
    struct entry *e = name.size > NAME_MOST ? NULL : find(directory, name);

    if (name.size > NAME_MOST)
        return -ENAMETOOLONG;
    if (e) {
        *found = entry_hold(e);
        return 0;
    }
    return directory->vnode->ops->lookup ? look_up(directory, name, found) : -ENOENT;
}

static void take_out(struct entry *e) {
    tree_remove(&e->parent->names, &e->by_name);
    tree_remove(&e->parent->order, &e->by_order);
}

/* Its parent stays referred to, for its path. */
void entry_remove(struct entry *e) {
    take_out(e);
    e->removed = true;
    if (e->stays) {
        e->stays = false;
        entry_drop(e);
    }
}

long entry_move(struct entry *e, struct entry *directory, struct name name) {
    char *text = heap_alloc(name.size);

    if (!text)
        return -ENOMEM;
    memcpy(text, name.text, name.size);
    take_out(e);
    lock_take(&names_lock);
    struct entry *parent = e->parent;
    char *old = e->name;
    e->name = text;
    e->size = (uint8_t)name.size;
    e->hash = hash_of(name);
    lock_drop(&names_lock);
    insert(directory, e);
    heap_free(old);
    entry_drop(parent);
    return 0;
}

/* By address, for neither need be above the other; a rename holds them one after another
 * under its own lock. */
void entry_lock_two(struct entry *a, struct entry *b) {
    if (a->vnode == b->vnode) {
        mutex_take(&a->vnode->lock);
        return;
    }
    bool first = a->vnode < b->vnode;
    mutex_take(first ? &a->vnode->lock : &b->vnode->lock);
    mutex_take(first ? &b->vnode->lock : &a->vnode->lock);
}

void entry_unlock_two(struct entry *a, struct entry *b) {
    if (a->vnode != b->vnode)
        mutex_drop(&b->vnode->lock);
    mutex_drop(&a->vnode->lock);
}

/* The one above, over the border of a mount, too; NULL at the root. */
static struct entry *above(struct entry *e) {
    while (e->parent == e) {
        if (!e->vnode->mount || !e->vnode->mount->at)
            return NULL;
        e = e->vnode->mount->at;
    }
    return e->parent;
}

static struct entry *mount_point(struct entry *e) {
    while (e->parent == e && e->vnode->mount && e->vnode->mount->at)
        e = e->vnode->mount->at;
    return e;
}

void entry_set_mounted(struct entry *at, struct mount *mount, bool is_mounted) {
    lock_take(&names_lock);
    at->mounted = is_mounted ? mount : NULL;
    mount->at = is_mounted ? at : NULL;
    lock_drop(&names_lock);
}

/* One that goes just now is not to be had any more. */
struct entry *entry_of(const struct vnode *vnode) {
    lock_take(&names_lock);
    struct entry *e = vnode->name;
    uint32_t n = e ? __atomic_load_n(&e->references, __ATOMIC_SEQ_CST) : 0;
    while (n && !__atomic_compare_exchange_n(&e->references, &n, n + 1, false,
                                             __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    lock_drop(&names_lock);
    return n ? e : NULL;
}

struct entry *entry_mounted(struct entry *e, bool *leaving) {
    lock_take(&names_lock);
    const struct mount *m = e->mounted;
    *leaving = m && m->leaving;
    struct entry *top = m && !*leaving ? entry_hold(m->root) : NULL;
    lock_drop(&names_lock);
    return top;
}

struct entry *entry_above(struct entry *e, struct entry *stop) {
    lock_take(&names_lock);
    while (e != stop && e->parent == e && e->vnode->mount && e->vnode->mount->at)
        e = e->vnode->mount->at;
    struct entry *parent = entry_hold(e == stop ? e : e->parent);
    lock_drop(&names_lock);
    return parent;
}

char *entry_path(struct entry *e, char *buffer, size_t size, bool *removed) {
    char *at = buffer + size - 1;

    *at = 0;
    *removed = false;
    lock_take(&names_lock);
    for (struct entry *up; (up = above(e)); e = up) {
        const struct entry *named = mount_point(e);
        if (at - buffer < named->size + 1) {
            lock_drop(&names_lock);
            return NULL;
        }
        *removed |= named->removed;
        at -= named->size;
        memcpy(at, named->name, named->size);
        *--at = '/';
    }
    lock_drop(&names_lock);
    if (!*at)
        *--at = '/';
    return at;
}
