/* SPDX-License-Identifier: MIT */
/*
 * Shared anonymous memory: an object without a file. Its size is that of the call that made
 * it, whatever its mappings grow to.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "fs/cache.h"
#include "mm/heap.h"
#include "mm/space.h"

struct shared {
    struct cache cache; /* the first member */
    uint32_t references;
};

static void ref(struct object *object) {
    struct shared *s = (struct shared *)object;

    __atomic_add_fetch(&s->references, 1, __ATOMIC_SEQ_CST);
}

static void unref(struct object *object) {
    struct shared *s = (struct shared *)object;

    if (__atomic_sub_fetch(&s->references, 1, __ATOMIC_SEQ_CST))
        return;
    cache_free(&s->cache);
    heap_free(s);
}

static long punch(struct object *object, unsigned long first, unsigned long end) {
    cache_drop((struct cache *)object, first, end, false);
    return 0;
}

static const struct object_ops operations = {
    .page = cache_page, .ref = ref, .unref = unref, .punch = punch};

static long map(unsigned long hint, size_t size, int prot, int flags) {
    struct shared *s = size ? heap_alloc(sizeof *s) : NULL;
    long result = size ? -ENOMEM : -EINVAL;

    if (!s)
        return result;
    cache_init_object(&s->cache, &operations);
    s->references = 1;
    s->cache.object.eager = true;
    cache_set_size(&s->cache, size);
    if (!prot || (flags & MAP_NORESERVE) || !cache_promise(&s->cache, s->cache.limit))
        result = space_map_object(hint, size, prot, flags, &s->cache.object, 0);
    unref(&s->cache.object);
    return result;
}

void atman_shared_start(void);

void atman_shared_start(void) {
    space_share = map;
}
