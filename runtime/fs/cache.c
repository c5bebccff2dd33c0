/* SPDX-License-Identifier: MIT */
#include "fs/cache.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "mm/page.h"
#include <errno.h>
struct slot {
    struct tree_node node;
    uint64_t index;
    void *page;
};
static struct slot *of(struct tree_node *n) {
    return n ? TREE_RECORD(n, struct slot, node) : NULL;
}
static bool before(const struct tree_node *n, unsigned long i) {
    return TREE_RECORD(n, struct slot, node)->index < i;
}
static void ref(struct object *o) {
    vnode_hold(((struct cache *)o)->vnode);
}
static void unref(struct object *o) {
    vnode_drop(((struct cache *)o)->vnode);
}
static const struct object_ops ops = {.ref = ref, .unref = unref};
void cache_init(struct cache *c, struct vnode *v) {
    c->object.ops = &ops;
    c->vnode = v;
}
void *cache_find(struct cache *c, uint64_t i) {
    struct slot *s = of(tree_find(&c->tree, before, i));
    return s && s->index == i ? s->page : NULL;
}
void *cache_get(struct cache *c, uint64_t i) {
    void *p = cache_find(c, i);
    if (p)
        return p;
    struct slot *s = heap_alloc(sizeof *s);
    if (!s)
        return NULL;
    s->page = heap_alloc_page();
    if (!s->page) {
        heap_free(s);
        return NULL;
    }
    s->index = i;
    tree_insert(&c->tree, &s->node, tree_find(&c->tree, before, i));
    c->pages++;
    return s->page;
}
void cache_drop(struct cache *c, uint64_t first, uint64_t end, bool p) {
    (void)p;
    struct slot *s;
    while ((s = of(tree_find(&c->tree, before, first))) && s->index < end) {
        tree_remove(&c->tree, &s->node);
        page_free_kernel(s->page);
        heap_free(s);
        c->pages--;
    }
}
void cache_free(struct cache *c) {
    cache_drop(c, 0, CACHE_END, true);
}
long cache_adopt(struct cache *c, uint64_t index, void *page) {
    (void)c;
    (void)index;
    (void)page;
    return -ENOSYS;
}
bool cache_next(struct cache *c, uint64_t i, uint64_t *next) {
    struct slot *s = of(tree_find(&c->tree, before, i));
    if (s)
        *next = s->index;
    return s;
}
void cache_set_size(struct cache *c, uint64_t size) {
    c->size = size;
}
