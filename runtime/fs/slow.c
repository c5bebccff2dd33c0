/* SPDX-License-Identifier: MIT */
/*
 * A file on a device that is slow and sometimes fails, for tests of fs/backed.h: its pages
 * are memory, moved by timers, in no order. Only in the runtime with checks, and there only
 * in the image of a program that calls it.
 */
#ifdef ATMAN_DEBUG
#    include <errno.h>
#    include <sys/stat.h>

#    include "base/string.h"
#    include "fs/backed.h"
#    include "fs/build.h"
#    include "fs/hooks.h"
#    include "fs/vnode.h"
#    include "mm/heap.h"
#    include "mm/page.h"
#    include "sched/clock.h"
#    include "sched/timer.h"

enum { MOST = PAGE_SIZE / sizeof(void *), LISTS = 16 };

static struct slow {
    struct backed backed;
    char **disk[LISTS]; /* MOST pages each */
    size_t pages;
    unsigned delay; /* microseconds, at most twice as many */
} slow;

static unsigned counts[2], failures[2]; /* fills, writes */

struct request {
    struct timer timer;
    unsigned long index;
    bool write;
};

static char *disk_at(unsigned long index) {
    return slow.disk[index / MOST][index % MOST];
}

/* Of the file's contents there is nothing behind its end. */
static void move_page(unsigned long index, bool write) {
    char *page = backed_in_flight(&slow.backed, index);
    uint64_t start = index * PAGE_SIZE, size = (uint64_t)slow.backed.cache.vnode->size;

    if (write)
        memcpy(disk_at(index), page, PAGE_SIZE);
    else if (size > start)
        memcpy(page, disk_at(index), MIN(size - start, PAGE_SIZE));
}

static bool fails(bool write) {
    unsigned left = __atomic_load_n(&failures[write], __ATOMIC_SEQ_CST);

    while (left && !__atomic_compare_exchange_n(&failures[write], &left, left - 1, false,
                                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    return left;
}

/* In a kernel entry. */
static void complete(struct timer *timer) {
    struct request *r = TREE_RECORD(timer, struct request, timer);
    unsigned long index = r->index;
    bool write = r->write;
    long error = fails(write) ? -EIO : 0;

    heap_free(r);
    if (!error)
        move_page(index, write);
    (write ? backed_written : backed_filled)(&slow.backed, index, 1, error);
}

static void start(unsigned long index, bool write) {
    static uint32_t random = 1;
    struct request *r = heap_alloc(sizeof *r);

    __atomic_add_fetch(&counts[write], 1, __ATOMIC_SEQ_CST);
    if (!r) {
        (write ? backed_written : backed_filled)(&slow.backed, index, 1, -ENOMEM);
        return;
    }
    random = random * 1664525u + 1013904223u;
    r->index = index;
    r->write = write;
    r->timer.fire = complete;
    timer_set(&r->timer,
              clock_monotonic() + (slow.delay + (random >> 8) % slow.delay) * 1000ul);
}

static void fill(struct backed *b, unsigned long first, size_t count) {
    (void)b;
    for (size_t i = 0; i < count; i++)
        start(first + i, false);
}

static void write_back(struct backed *b, unsigned long first, size_t count) {
    (void)b;
    for (size_t i = 0; i < count; i++)
        start(first + i, true);
}

static const struct backed_ops device_ops = {.fill = fill, .write = write_back};

static long read(struct vnode *vnode, struct transfer *to, int64_t position) {
    (void)vnode;
    return backed_read(&slow.backed, to, position);
}

static long write(struct vnode *vnode, struct transfer *from, int64_t position) {
    int64_t room = (int64_t)(slow.pages * PAGE_SIZE) - position;

    (void)vnode;
    if (room <= 0)
        return -ENOSPC;
    from->left = MIN(from->left, (size_t)room);
    from->here = MIN(from->here, from->left);
    return backed_write(&slow.backed, from, position);
}

static long resize(struct vnode *vnode, int64_t size) {
    (void)vnode;
    if (size > (int64_t)(slow.pages * PAGE_SIZE))
        return -ENOSPC;
    long error = backed_resize(&slow.backed, size);
    if (error || !(size % (int64_t)PAGE_SIZE))
        return error;
    /* the last page was cleared by the cache; the pages behind it are no file's now */
    for (unsigned long i = (uint64_t)size / PAGE_SIZE + 1; i < slow.pages; i++)
        memset(disk_at(i), 0, PAGE_SIZE);
    return 0;
}

static struct object *object(struct vnode *vnode) {
    (void)vnode;
    return backed_object(&slow.backed);
}

static long sync(struct vnode *vnode, int64_t start_at, int64_t end, bool data_only) {
    uint64_t last = (uint64_t)end / PAGE_SIZE + 1;

    (void)vnode, (void)data_only;
    return backed_sync(&slow.backed, (uint64_t)start_at / PAGE_SIZE, last);
}

static void advise(struct vnode *vnode, int64_t start_at, int64_t end, int advice) {
    (void)vnode;
    backed_advise(&slow.backed, start_at, end, advice);
}

static const struct vnode_ops file_ops = {.read = read,
                                          .write = write,
                                          .resize = resize,
                                          .object = object,
                                          .sync = sync,
                                          .advise = advise};

static long make_disk(size_t pages) {
    for (size_t i = 0; i < pages; i++) {
        char ***list = &slow.disk[i / MOST];
        if (!*list)
            *list = page_alloc_kernel();
        if (*list)
            (*list)[i % MOST] = page_alloc_kernel();
        if (!*list || !(*list)[i % MOST])
            return -ENOMEM;
    }
    slow.pages = pages;
    return 0;
}

long atman_slow_make(const char *path, size_t pages, unsigned delay);
void atman_slow_fail(unsigned fills, unsigned writes);
int atman_slow_byte(size_t at);
unsigned atman_slow_count(int write);

/* The one file of that kind, with room for so many pages, of zeros. */
long atman_slow_make(const char *path, size_t pages, unsigned delay) {
    struct entry *root;
    long error = files_start();

    if (!error)
        error = pages > MOST * LISTS ? -EINVAL : make_disk(pages);
    if (!error)
        error = path_find_own("/", &root);
    if (error)
        return error;
    struct vnode *vnode = vnode_make(root->vnode->mount, &file_ops, S_IFREG | 0644);
    if (!vnode)
        return -ENOMEM;
    vnode->links = 0;
    vnode->size = (int64_t)(pages * PAGE_SIZE);
    slow.delay = delay;
    error = backed_init(&slow.backed, vnode, &device_ops);
    return error ? error : build_hard_link(path, vnode);
}

/* So many of the next pages fail. */
void atman_slow_fail(unsigned fills, unsigned writes) {
    __atomic_store_n(&failures[0], fills, __ATOMIC_SEQ_CST);
    __atomic_store_n(&failures[1], writes, __ATOMIC_SEQ_CST);
}

/* What the device has. */
int atman_slow_byte(size_t at) {
    return (unsigned char)disk_at(at / PAGE_SIZE)[at % PAGE_SIZE];
}

/* Pages that were asked for. */
unsigned atman_slow_count(int write) {
    return __atomic_load_n(&counts[write], __ATOMIC_SEQ_CST);
}
#else
typedef int empty;
#endif
