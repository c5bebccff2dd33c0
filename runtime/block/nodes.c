/* SPDX-License-Identifier: MIT */
/*
 * Disks as files in /dev. Names are made and taken away by who looks for one (fs/device.h):
 * so a program that opens no disk does nothing for any, and no thread but one that wants it
 * waits for a disk's table of partitions.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/string.h"
#include "block/device.h"
#include "block/nodes.h"
#include "block/partition.h"
#include "fs/backed.h"
#include "fs/build.h"
#include "fs/device.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "sched/clock.h"
#include "sched/thread.h"

enum {
    PARTS_MOST = 64,
    MODE = S_IFBLK | 0660,
    OTHER_MAJOR = 259, /* of partitions for whose numbers a disk's have no room */
};

#define SCAN_NS (30 * NS_PER_SEC)

struct part {
    struct block_device *device; /* NULL: not opened yet */
    uint64_t number, first, count;
    unsigned partition; /* 0: the disk */
};

struct nodes {
    struct list node;
    struct disk *disk; /* a reference */
    unsigned count;
    struct part *parts[PARTS_MOST + 1];
};

static struct mutex mutex; /* of all that follows */
static struct thread *holder;
static struct list all = {&all, &all};

/* --- reading the table -------------------------------------------------------------- */

/* One read that may be left to itself: then it frees its memory at its end. */
struct scan_read {
    struct disk_request request;
    struct thread *thread;
    uint32_t state; /* atomic: 0, DONE or LEFT by whoever is first */
    char *page;
};

enum { DONE = 1, LEFT = 2 };

static char *scan_memory(struct block_request *block, size_t page) {
    (void)page;
    return LIST_RECORD(block, struct scan_read, request.block)->page;
}

static void free_read(struct scan_read *r) {
    heap_free(r->page);
    heap_free(r);
}

static void scan_end(struct disk_request *request) {
    struct scan_read *r = LIST_RECORD(request, struct scan_read, request);
    struct thread *thread = r->thread;

    if (__atomic_exchange_n(&r->state, DONE, __ATOMIC_SEQ_CST) == LEFT)
        free_read(r);
    else
        thread_wake(thread, WAKE_EVENT);
}

struct scan {
    struct partition_disk disk; /* the first member */
    struct disk *of;
    uint64_t until;
};

static struct scan_read *make_read(const struct scan *scan, uint64_t sector) {
    struct scan_read *r = heap_alloc(sizeof *r);
    unsigned sectors = scan->disk.sector_size / BLOCK_SECTOR;

    if (!r)
        return NULL;
    r->page = heap_alloc(PAGE_SIZE);
    if (!r->page) {
        heap_free(r);
        return NULL;
    }
    r->thread = thread_current();
    r->request.end = scan_end;
    r->request.block.kind = BLOCK_READ;
    r->request.block.sector = sector * sectors;
    r->request.block.count = sectors;
    r->request.block.memory = scan_memory;
    return r;
}

static long scan_sector(struct partition_disk *disk, uint64_t sector, void *buffer) {
    struct scan *scan = (struct scan *)disk;
    struct scan_read *r = make_read(scan, sector);

    if (!r)
        return -ENOMEM;
    thread_prepare(false);
    disk_submit(scan->of, &r->request);
    thread_sleep(scan->until);
    thread_finish();
    if (__atomic_exchange_n(&r->state, LEFT, __ATOMIC_SEQ_CST) != DONE)
        return -EIO;
    long error = r->request.block.error;
    if (!error)
        memcpy(buffer, r->page, disk->sector_size);
    free_read(r);
    return error;
}

static long scan(struct disk *d, struct partition *found) {
    struct block_published is;
    struct scan scan = {.disk.read = scan_sector, .of = d};

    disk_describe(d, &is);
    scan.disk.sector_size = is.sector_size;
    scan.disk.sectors = is.sectors / (is.sector_size / BLOCK_SECTOR);
    scan.disk.buffer = heap_alloc(PAGE_SIZE);
    scan.until = clock_monotonic() + SCAN_NS;
    if (!scan.disk.buffer)
        return -ENOMEM;
    long count = partition_find(&scan.disk, found, PARTS_MOST);
    heap_free(scan.disk.buffer);
    return count;
}

/* --- names -------------------------------------------------------------------------- */

struct name_of {
    char path[sizeof "/dev/" + BLOCK_NAME];
};

static struct name_of path_of(const struct nodes *n, const struct part *part) {
    struct name_of name = {"/dev/"};
    char *end = name.path + strlen(name.path);

    if (part->partition)
        block_number_partition(&n->disk->number, part->partition, end);
    else
        memcpy(end, n->disk->number.name, BLOCK_NAME);
    return name;
}

static uint64_t number_part(const struct disk *d, unsigned partition) {
    static unsigned other;

    if (partition < d->number.places)
        return block_number_device(d->number.major, d->number.minor + partition);
    return block_number_device(OTHER_MAJOR, other++);
}

static void add_part(struct nodes *n, unsigned partition, uint64_t first, uint64_t count) {
    struct part *part = heap_alloc(sizeof *part);

    if (!part)
        return;
    part->partition = partition;
    part->first = first;
    part->count = count;
    part->number = number_part(n->disk, partition);
    if (build_node(path_of(n, part).path, MODE, part->number))
        heap_free(part);
    else
        n->parts[n->count++] = part;
}

static void add_partitions(struct nodes *n) {
    struct partition *found = heap_alloc(PARTS_MOST * sizeof *found);
    long count = found && !n->disk->number.is_partition ? scan(n->disk, found) : 0;

    for (long i = 0; i < count; i++)
        add_part(n, found[i].number, found[i].first, found[i].count);
    heap_free(found);
}

static void drop_part(struct nodes *n, struct part *part) {
    build_remove_block(path_of(n, part).path, part->number);
    if (part->device)
        block_device_drop(part->device);
    heap_free(part);
}

static void drop_partitions(struct nodes *n) {
    while (n->count > 1)
        drop_part(n, n->parts[--n->count]);
}

static void drop_nodes(struct nodes *n) {
    drop_partitions(n);
    if (n->count)
        drop_part(n, n->parts[0]);
    list_remove(&n->node);
    disk_drop(n->disk);
    heap_free(n);
}

static struct nodes *find_nodes(const struct disk *d) {
    for (struct list *at = all.next; at != &all; at = at->next)
        if (LIST_RECORD(at, struct nodes, node)->disk == d)
            return LIST_RECORD(at, struct nodes, node);
    return NULL;
}

/* Of two disks with one name the first has it. */
static bool is_taken(const struct disk *d) {
    for (struct list *at = all.next; at != &all; at = at->next)
        if (!strcmp(LIST_RECORD(at, struct nodes, node)->disk->number.name, d->number.name))
            return true;
    return false;
}

static void make_nodes(struct disk *d) {
    struct nodes *n = heap_alloc(sizeof *n);

    if (!n)
        return;
    n->disk = disk_hold(d);
    list_insert(&n->node, &all);
    add_part(n, 0, 0, 0);
    if (!n->count)
        drop_nodes(n);
    else
        add_partitions(n);
}

static void update(void) {
    struct block_published is;

    for (struct list *at = all.next, *next; at != &all; at = next) {
        struct nodes *n = LIST_RECORD(at, struct nodes, node);
        next = at->next;
        if (n->disk->is_removed || disk_is_out(n->disk))
            drop_nodes(n);
    }
    for (struct disk *d = disk_next(NULL); d; d = disk_next(d))
        if (!find_nodes(d) && !disk_is_out(d) && disk_describe(d, &is) && !is_taken(d))
            make_nodes(d);
}

/* --- for others --------------------------------------------------------------------- */

static long sync_all(void) {
    long result = backed_sync_all(NULL);

    for (struct disk *d = disk_next(NULL); d; d = disk_next(d)) {
        long error = disk_is_unflushed(d) ? disk_flush(d) : 0;
        result = result ? result : error;
    }
    return result;
}

static void hold(void) {
    mutex_take(&mutex);
    holder = thread_current();
}

static void drop(void) {
    holder = NULL;
    mutex_drop(&mutex);
}

/* Making the names is a walk to /dev as well. */
void devices_expect(void) {
    if (__atomic_load_n(&holder, __ATOMIC_SEQ_CST) == thread_current() || !disks_start())
        return;
    hold();
    disks_wait();
    update();
    devices_sync = sync_all;
    drop();
}

static uint64_t size_of(const struct nodes *n, const struct part *part) {
    struct block_published is;

    if (part->partition)
        return part->count / 2;
    disk_describe(n->disk, &is);
    return is.sectors / 2;
}

void devices_tell(struct devices_listener *listener) {
    devices_expect();
    hold();
    for (struct list *at = all.next; at != &all; at = at->next) {
        const struct nodes *n = LIST_RECORD(at, struct nodes, node);
        for (unsigned i = 0; i < n->count; i++) {
            const struct part *part = n->parts[i];
            struct name_of name = path_of(n, part);
            listener->tell(listener, major(part->number), minor(part->number),
                           size_of(n, part), name.path + strlen("/dev/"));
        }
    }
    drop();
}

static struct part *find(uint64_t number, struct nodes **of) {
    for (struct list *at = all.next; at != &all; at = at->next) {
        struct nodes *n = *of = LIST_RECORD(at, struct nodes, node);
        for (unsigned i = 0; i < n->count; i++)
            if (n->parts[i]->number == number)
                return n->parts[i];
    }
    return NULL;
}

long devices_open(struct vnode *vnode, struct file *file) {
    struct nodes *n;

    devices_expect();
    hold();
    struct part *part = find(vnode->device, &n);
    long error = part ? 0 : -ENXIO;
    if (part && !part->device) {
        part->device =
            block_device_make(n->disk, !part->partition, part->first, part->count);
        error = part->device ? 0 : -ENOMEM;
    }
    if (!error)
        block_device_open(part->device, file);
    drop();
    return error;
}

static bool is_in_use(const struct nodes *n) {
    for (unsigned i = 1; i < n->count; i++)
        if (n->parts[i]->device &&
            __atomic_load_n(&n->parts[i]->device->opens, __ATOMIC_SEQ_CST))
            return true;
    return false;
}

long nodes_reread(struct block_device *device) {
    hold();
    struct nodes *n = find_nodes(device->disk);
    long error = !n ? -ENXIO : is_in_use(n) ? -EBUSY : 0;
    if (!error) {
        drop_partitions(n);
        add_partitions(n);
    }
    drop();
    return error;
}
