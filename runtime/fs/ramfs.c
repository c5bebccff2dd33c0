/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fs/ramfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/string.h"
#include "fs/cache.h"
#include "fs/hooks.h"
#include "fs/mount.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/space.h"

enum {
    BLOCK = 512,
    MAGIC = 0x858458f6,       /* Linux's for ramfs */
    MAGIC_LIMITED = 0x1021994 /* and for tmpfs */
};

static struct cache *cache_of(struct vnode *vnode) {
    return vnode->own;
}

static const struct vnode_ops file_ops, directory_ops, link_ops, special_ops;

static struct ramfs_limits *limits_of(const struct mount *mount) {
    return mount->own;
}

/* One more file, if there may be. */
static bool count_file(struct mount *mount) {
    struct ramfs_limits *l = limits_of(mount);

    if (!l || __atomic_add_fetch(&l->files, 1, __ATOMIC_SEQ_CST) <= l->files_most)
        return true;
    __atomic_sub_fetch(&l->files, 1, __ATOMIC_SEQ_CST);
    return false;
}

static void release_other(struct vnode *vnode) {
    struct ramfs_limits *l = limits_of(vnode->mount);

    if (l)
        __atomic_sub_fetch(&l->files, 1, __ATOMIC_SEQ_CST);
}

static void release_file(struct vnode *vnode) {
    cache_free(cache_of(vnode));
    heap_free(vnode->own);
    release_other(vnode);
}

static void release_link(struct vnode *vnode) {
    heap_free(vnode->own);
    release_other(vnode);
}

static struct vnode *make(struct mount *mount, const struct vnode_ops *ops, unsigned mode) {
    if (!count_file(mount))
        return NULL;
    struct vnode *vnode = vnode_make(mount, ops, mode);
    if (!vnode && limits_of(mount))
        __atomic_sub_fetch(&limits_of(mount)->files, 1, __ATOMIC_SEQ_CST);
    return vnode;
}

struct vnode *ramfs_file(struct mount *mount, unsigned mode) {
    struct cache *cache = heap_alloc(sizeof *cache);
    struct vnode *vnode = cache ? make(mount, &file_ops, mode) : NULL;

    if (!vnode) {
        heap_free(cache);
        return NULL;
    }
    cache_init(cache, vnode);
    if (limits_of(mount))
        cache->quota = &limits_of(mount)->pages;
    vnode->own = cache;
    return vnode;
}

static struct vnode *make_link(struct mount *mount, unsigned mode, const char *target) {
    size_t size = strlen(target);
    char *text = heap_alloc(size + 1);
    struct vnode *vnode = text ? make(mount, &link_ops, mode) : NULL;

    if (!vnode) {
        heap_free(text);
        return NULL;
    }
    memcpy(text, target, size);
    vnode->own = text;
    vnode->size = (int64_t)size;
    return vnode;
}

static long create(struct vnode *directory, struct name name, unsigned mode,
                   uint64_t device, const char *target, struct vnode **made) {
    struct mount *mount = directory->mount;

    (void)name;
    if (S_ISREG(mode))
        *made = ramfs_file(mount, mode);
    else if (S_ISLNK(mode))
        *made = make_link(mount, mode, target);
    else
        *made = make(mount, S_ISDIR(mode) ? &directory_ops : &special_ops, mode);
    if (!*made)
        return -ENOSPC;
    (*made)->device = device;
    return 0;
}

/* The tree of entries is all there is. */
static long link(struct vnode *directory, struct name name, struct vnode *vnode) {
    (void)directory;
    (void)name;
    (void)vnode;
    return 0;
}

static long rename(struct vnode *from, struct name old, struct vnode *to, struct name new,
                   struct vnode *vnode) {
    (void)from;
    (void)old;
    (void)to;
    (void)new;
    (void)vnode;
    return 0;
}

static long read_link(struct vnode *link, char *target, size_t size) {
    size = MIN(size, (size_t)link->size);
    memcpy(target, link->own, size);
    return (long)size;
}

/* The rest of the page that position is in. */
static size_t rest_of_page(int64_t position) {
    return PAGE_SIZE - ((uint64_t)position & (PAGE_SIZE - 1));
}

static long read(struct vnode *vnode, struct transfer *to, int64_t position) {
    long done = 0;

    while (to->left && position < vnode->size) {
        size_t size = MIN(rest_of_page(position), (size_t)(vnode->size - position));
        char *page = cache_find(cache_of(vnode), (uint64_t)position / PAGE_SIZE);
        size_t at = (uint64_t)position % PAGE_SIZE;
        long n = page ? transfer_put(to, page + at, size) : transfer_zero(to, size);
        if (n <= 0)
            return done ? done : n;
        done += n;
        position += n;
        if ((size_t)n < size)
            break;
    }
    return done;
}

static void set_size(struct vnode *vnode, int64_t size) {
    vnode->size = size;
    cache_set_size(cache_of(vnode), (uint64_t)size);
}

static long write(struct vnode *vnode, struct transfer *from, int64_t position) {
    long done = 0;

    while (from->left) {
        size_t size = rest_of_page(position), at = (uint64_t)position % PAGE_SIZE;
        char *page = cache_get(cache_of(vnode), (uint64_t)position / PAGE_SIZE);
        long n = page ? transfer_get(from, page + at, size) : -ENOSPC;
        if (n <= 0)
            return done ? done : n;
        done += n;
        position += n;
        if (position > vnode->size)
            set_size(vnode, position);
        if ((size_t)n < size)
            break;
    }
    return done;
}

/* The last page's rest is zeros, and stays so: what is behind the end is never seen. */
static void clear_tail(struct vnode *vnode, int64_t size) {
    size_t at = (uint64_t)size % PAGE_SIZE;
    char *page = at ? cache_find(cache_of(vnode), (uint64_t)size / PAGE_SIZE) : NULL;

    if (page)
        memset(page + at, 0, PAGE_SIZE - at);
}

static long resize(struct vnode *vnode, int64_t size) {
    int64_t old = vnode->size;

    set_size(vnode, size);
    if (size < old) {
        cache_drop(cache_of(vnode), ROUND_UP((uint64_t)size, PAGE_SIZE) / PAGE_SIZE,
                   CACHE_END, true);
        clear_tail(vnode, size);
    } else {
        clear_tail(vnode, old); /* a mapping may have written there */
    }
    return 0;
}

static void zero_part(struct vnode *vnode, int64_t start, int64_t end) {
    char *page = cache_find(cache_of(vnode), (uint64_t)start / PAGE_SIZE);

    if (page && start < end)
        memset(page + (uint64_t)start % PAGE_SIZE, 0, (size_t)(end - start));
}

/* Whole pages go; what is part of one becomes zeros. */
static void punch(struct vnode *vnode, int64_t start, int64_t end) {
    int64_t first = (int64_t)ROUND_UP((uint64_t)start, PAGE_SIZE);
    int64_t last = (int64_t)ROUND_DOWN((uint64_t)end, PAGE_SIZE);

    if (first > end) {
        zero_part(vnode, start, end);
        return;
    }
    zero_part(vnode, start, first);
    if (last >= first)
        zero_part(vnode, last, end);
    if (last > first)
        cache_drop(cache_of(vnode), (uint64_t)first / PAGE_SIZE, (uint64_t)last / PAGE_SIZE,
                   false);
}

static long fill(struct vnode *vnode, int64_t start, int64_t end) {
    uint64_t last = ROUND_UP((uint64_t)end, PAGE_SIZE) / PAGE_SIZE;

    if ((uint64_t)(end - start) / PAGE_SIZE > page_count())
        return -ENOSPC;
    for (uint64_t i = (uint64_t)start / PAGE_SIZE; i < last; i++)
        if (!cache_get(cache_of(vnode), i))
            return -ENOSPC;
    return 0;
}

static long allocate(struct vnode *vnode, int mode, int64_t start, int64_t size) {
    int64_t end = start + size;
    long error = 0;

    if (mode & FALLOC_FL_PUNCH_HOLE) {
        punch(vnode, start, MIN(end, (int64_t)ROUND_UP((uint64_t)vnode->size, PAGE_SIZE)));
        return 0;
    }
    if (mode & ALLOCATE_ZERO)
        punch(vnode, start, MIN(end, (int64_t)ROUND_UP((uint64_t)vnode->size, PAGE_SIZE)));
    error = fill(vnode, start, end);
    if (!error && !(mode & FALLOC_FL_KEEP_SIZE) && end > vnode->size)
        set_size(vnode, end);
    return error;
}

static long find(struct vnode *vnode, int64_t position, bool data) {
    uint64_t index = (uint64_t)position / PAGE_SIZE, next;

    if (position >= vnode->size)
        return -ENXIO;
    if (data) {
        if (!cache_next(cache_of(vnode), index, &next))
            return -ENXIO;
        position = next > index ? (int64_t)(next * PAGE_SIZE) : position;
        return position < vnode->size ? position : -ENXIO;
    }
    while (cache_find(cache_of(vnode), index))
        index++;
    if (index > (uint64_t)position / PAGE_SIZE)
        position = (int64_t)(index * PAGE_SIZE);
    return MIN(position, vnode->size);
}

static struct object *object(struct vnode *vnode) {
    return &cache_of(vnode)->object;
}

static uint64_t blocks(struct vnode *vnode) {
    return cache_of(vnode)->pages * (PAGE_SIZE / BLOCK);
}

static long sync(struct vnode *vnode, int64_t start, int64_t end, bool data_only) {
    (void)vnode, (void)start, (void)end, (void)data_only;
    return 0;
}

static const struct vnode_ops file_ops = {
    .read = read,
    .write = write,
    .resize = resize,
    .allocate = allocate,
    .find = find,
    .object = object,
    .blocks = blocks,
    .sync = sync,
    .release = release_file,
};
static const struct vnode_ops directory_ops = {
    .create = create,
    .link = link,
    .remove = link,
    .rename = rename,
    .sync = sync,
    .release = release_other,
};
static const struct vnode_ops link_ops = {.read_link = read_link, .release = release_link};
static const struct vnode_ops special_ops = {.sync = sync, .release = release_other};

long ramfs_adopt(struct vnode *file, uint64_t index, void *page) {
    return cache_adopt(cache_of(file), index, page);
}

static long stat_all(struct mount *mount, struct statfs *stat) {
    const struct ramfs_limits *l = limits_of(mount);
    size_t left = heap_left(), all = page_count();

    stat->f_type = l ? MAGIC_LIMITED : MAGIC;
    stat->f_bsize = stat->f_frsize = PAGE_SIZE;
    stat->f_blocks = l ? MIN(l->pages.most, all) : all;
    stat->f_bfree = stat->f_bavail = l ? MIN(l->pages.most - l->pages.used, left) : left;
    if (l && l->files_most != RAMFS_UNLIMITED) {
        stat->f_files = l->files_most;
        stat->f_ffree = l->files_most - l->files;
    }
    return 0;
}

struct mount *ramfs_make(const char *type, const char *source, unsigned mode,
                         struct ramfs_limits *limits) {
    struct mount *mount = mount_make(type, source);

    if (!mount) {
        heap_free(limits);
        return NULL;
    }
    mount->own = limits;
    mount->stat = stat_all;
    struct vnode *top = make(mount, &directory_ops, S_IFDIR | mode);
    if (!top) {
        mount_free(mount);
        return NULL;
    }
    top->links = 2;
    return mount_set_top(mount, top) ? NULL : mount;
}
