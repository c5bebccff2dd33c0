/* SPDX-License-Identifier: MIT */
/*
 * The sink of archives: see populate.h. Invariant, for the ramdisk: of its pages those
 * below `kept` are free or a file's; those from there on are still to be read.
 */
#include "fs/populate.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/string.h"
#include "fs/build.h"
#include "fs/ramfs.h"
#include "fs/unpack.h"
#include "init/shutdown.h"
#include "log/log.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/ramdisk.h"
#include "mm/space.h"

enum { STATUS_BAD_ARCHIVE = 125, LATEST = INT64_MAX / (int64_t)NS_PER_SEC - 1 };

/* atman-cc --atman-files; driver/files.h. */
extern char atman_files_start[] __attribute__((weak));
extern char atman_files_end[] __attribute__((weak));

/* A file that may get more names. */
struct linked {
    struct tree_node node;
    uint64_t inode, device;
    struct vnode *vnode;
};

/* A directory's time is set when all is in it. */
struct folder {
    struct folder *next;
    struct vnode *vnode;
    int64_t modified;
};

struct populate {
    struct archive archive;
    char *path, *buffer; /* a page each */
    struct folder *folders;
    struct tree linked;
    unsigned part;
    char *kept; /* NULL: the archive's pages are not ours to free */
};

static struct populate *of(struct archive *archive) {
    return archive->context;
}

static bool is_before(const struct tree_node *node, unsigned long key) {
    const struct linked *linked = TREE_RECORD(node, struct linked, node);
    const struct archive_entry *entry = (const struct archive_entry *)key;

    return linked->device != entry->inode_device ? linked->device < entry->inode_device
                                                 : linked->inode < entry->inode;
}

static struct tree_node *find_place(struct populate *p, const struct archive_entry *entry) {
    return tree_find(&p->linked, is_before, (unsigned long)entry);
}

static struct vnode *find_linked(struct populate *p, const struct archive_entry *entry) {
    struct tree_node *node = find_place(p, entry);
    struct linked *linked = TREE_RECORD(node, struct linked, node);

    return node && linked->inode == entry->inode && linked->device == entry->inode_device
               ? linked->vnode
               : NULL;
}

static long add_linked(struct populate *p, const struct archive_entry *entry,
                       struct vnode *vnode) {
    struct linked *linked = heap_alloc(sizeof *linked);

    if (!linked)
        return -ENOMEM;
    linked->inode = entry->inode;
    linked->device = entry->inode_device;
    linked->vnode = vnode_hold(vnode);
    tree_insert(&p->linked, &linked->node, find_place(p, entry));
    return 0;
}

static void drop_linked(struct populate *p) {
    struct tree_node *node;

    while ((node = tree_first(&p->linked))) {
        struct linked *linked = TREE_RECORD(node, struct linked, node);
        tree_remove(&p->linked, node);
        vnode_drop(linked->vnode);
        heap_free(linked);
    }
}

/* The archive's pages below that address have been read. */
static void free_below(struct populate *p, const char *address) {
    for (; p->kept && p->kept + PAGE_SIZE <= address; p->kept += PAGE_SIZE)
        page_free_kernel(p->kept);
}

/* Whole pages at data become the file's; how many bytes that are, or an error. */
static long adopt(struct populate *p, struct vnode *vnode, char *data, uint64_t size) {
    uint64_t pages = (unsigned long)data & (PAGE_SIZE - 1) ? 0 : size / PAGE_SIZE;

    for (uint64_t i = 0; i < pages; i++) {
        long error = ramfs_adopt(vnode, i, data + i * PAGE_SIZE);
        if (error)
            return error;
        if (p->kept)
            p->kept = data + (i + 1) * PAGE_SIZE;
    }
    return (long)(pages * PAGE_SIZE);
}

static long copy(struct vnode *vnode, void *data, size_t size, uint64_t position) {
    struct transfer from = transfer_own(data, size);
    long n = size ? vnode->ops->write(vnode, &from, (int64_t)position) : 0;

    return n < 0 ? n : (size_t)n < size ? -ENOSPC : 0;
}

/* From memory, which is free again as soon as it was copied. */
static long copy_rest(struct populate *p, struct vnode *vnode, char *data, uint64_t size,
                      uint64_t at) {
    long error = 0;

    while (at < size && !error) {
        size_t n = MIN(size - at, PAGE_SIZE);
        error = copy(vnode, data + at, n, at);
        at += n;
        free_below(p, data + at);
    }
    return error;
}

/* From an archive that is decompressed on the way. */
static long copy_stream(struct populate *p, struct vnode *vnode, uint64_t size) {
    long error = 0;

    for (uint64_t at = 0; at < size && !error; at += PAGE_SIZE) {
        size_t n = MIN(size - at, PAGE_SIZE);
        error = archive_read(&p->archive, p->buffer, n);
        if (!error)
            error = copy(vnode, p->buffer, n, at);
    }
    return error;
}

static long fill_locked(struct populate *p, struct vnode *vnode,
                        const struct archive_entry *entry) {
    char *data = (char *)(unsigned long)entry->data;
    long error = vnode->ops->resize(vnode, 0);

    if (error || !data)
        return error ? error : copy_stream(p, vnode, entry->size);
    error = vnode->ops->resize(vnode, (int64_t)entry->size);
    if (error)
        return error;
    long done = adopt(p, vnode, data, entry->size);
    return done < 0 ? done : copy_rest(p, vnode, data, entry->size, (uint64_t)done);
}

static long fill(struct populate *p, struct vnode *vnode,
                 const struct archive_entry *entry) {
    if (!entry->size)
        return 0;
    mutex_take(&vnode->lock);
    long error = fill_locked(p, vnode, entry);
    mutex_drop(&vnode->lock);
    return error;
}

static int64_t time_of(const struct archive_entry *entry) {
    int64_t seconds = MIN(entry->mtime, (int64_t)LATEST);

    if (seconds < -(int64_t)LATEST)
        seconds = -(int64_t)LATEST;
    return seconds * (int64_t)NS_PER_SEC + entry->mtime_ns;
}

static long keep_folder(struct populate *p, struct vnode *vnode, int64_t modified) {
    struct folder *folder = heap_alloc(sizeof *folder);

    if (!folder)
        return -ENOMEM;
    *folder = (struct folder){p->folders, vnode_hold(vnode), modified};
    p->folders = folder;
    return 0;
}

/* The times in the order in which the archive told them. */
static void set_folders(struct populate *p) {
    struct folder *ordered = NULL, *next;

    for (struct folder *f = p->folders; f; f = next) {
        next = f->next;
        f->next = ordered;
        ordered = f;
    }
    for (struct folder *f = ordered; f; f = next) {
        next = f->next;
        f->vnode->modified = f->modified;
        vnode_drop(f->vnode);
        heap_free(f);
    }
    p->folders = NULL;
}

static long set_attributes(struct populate *p, struct vnode *vnode,
                           const struct archive_entry *entry) {
    if (!S_ISLNK(entry->mode))
        vnode->mode = entry->mode;
    vnode->uid = entry->uid;
    vnode->gid = entry->gid;
    vnode->accessed = vnode->modified = time_of(entry);
    return S_ISDIR(entry->mode) ? keep_folder(p, vnode, vnode->modified) : 0;
}

static long make_new(struct populate *p, const struct archive_entry *entry) {
    bool device = S_ISCHR(entry->mode) || S_ISBLK(entry->mode);
    uint64_t number = device ? makedev(entry->major, entry->minor) : 0;
    struct entry *made;
    long error = build_entry(p->path, entry->mode, number, entry->target, &made);

    if (error)
        return error;
    error = fill(p, made->vnode, entry);
    if (!error)
        error = set_attributes(p, made->vnode, entry);
    if (!error && entry->links > 1 && !S_ISDIR(entry->mode))
        error = add_linked(p, entry, made->vnode);
    entry_drop(made);
    return error;
}

/* Another name of a file that cpio knows by its number; its data may come now. */
static long make_linked(struct populate *p, const struct archive_entry *entry,
                        struct vnode *vnode) {
    long error = build_hard_link(p->path, vnode);

    if (!error)
        error = fill(p, vnode, entry);
    return error ? error : set_attributes(p, vnode, entry);
}

/* tar's, by name. */
static long make_hard_link(struct populate *p, const struct archive_entry *entry) {
    struct entry *other;

    if (entry->target_size + 2 > PAGE_SIZE)
        return -ENAMETOOLONG;
    p->buffer[0] = '/';
    memcpy(p->buffer + 1, entry->target, entry->target_size + 1);
    long error = build_find(p->buffer, &other);
    if (error)
        return error;
    error = build_hard_link(p->path, other->vnode);
    entry_drop(other);
    return error;
}

static long make_file(struct populate *p, const struct archive_entry *entry) {
    struct vnode *vnode;

    if (p->part != entry->part)
        drop_linked(p);
    p->part = entry->part;
    if (entry->hard_link)
        return make_hard_link(p, entry);
    if (entry->links > 1 && !S_ISDIR(entry->mode) && (vnode = find_linked(p, entry)))
        return make_linked(p, entry, vnode);
    return make_new(p, entry);
}

/* What the file system has to say, for who reads the log. */
static const char *explain(long error) {
    switch (-error) {
    case ENOMEM:
    case ENOSPC:
        return "no memory for it; give the domain more";
    case ENOENT:
        return "a link to a file that is not there";
    case ENOTDIR:
        return "a part of its name is there and no folder";
    case EISDIR:
        return "a folder with files in it has its name";
    case ELOOP:
        return "symbolic links in its name lead in a circle";
    case ENAMETOOLONG:
        return "its name is too long";
    default:
        return "it cannot be made";
    }
}

static int take(struct archive *archive, const struct archive_entry *entry) {
    struct populate *p = of(archive);

    if (entry->name_size + 2 > PAGE_SIZE) {
        archive->reason = explain(-ENAMETOOLONG);
        return -ENAMETOOLONG;
    }
    p->path[0] = '/';
    memcpy(p->path + 1, entry->name, entry->name_size + 1);
    if (!strcmp(entry->name, "."))
        p->path[1] = 0;
    if (entry->data)
        free_below(p, entry->data);
    long error = make_file(p, entry);
    if (error && !archive->reason)
        archive->reason = explain(error);
    return (int)error;
}

static void *get_memory(size_t size) {
    long start = space_map(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

    return start < 0 ? NULL : (void *)start;
}

static void put_memory(void *memory, size_t size) {
    space_unmap((unsigned long)memory, size);
}

static _Noreturn void give_up(const struct archive *archive, const char *what) {
    for (char *s = archive->name; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            *s = '?';
    if (!archive->number)
        log_error("%s: %s", what, archive->reason);
    else if (*archive->name)
        log_error("%s: entry %u, %s: %s", what, archive->number, archive->name,
                  archive->reason);
    else
        log_error("%s: entry %u: %s", what, archive->number, archive->reason);
    shutdown_with_status(STATUS_BAD_ARCHIVE);
}

static void read_archive(struct populate *p, const char *what, char *data, size_t size) {
    static const struct unpack_memory memory = {get_memory, put_memory};

    p->archive = (struct archive){
        .sink = take, .context = p, .name = p->archive.name, .target = p->archive.target};
    if (unpack(&p->archive, data, size, &memory))
        give_up(&p->archive, what);
    log_info("%s: %u files, %lu KiB", what, p->archive.number, size >> 10);
    free_below(p, data + ROUND_UP(size, PAGE_SIZE));
    drop_linked(p);
    set_folders(p);
}

static void read_ramdisk(struct populate *p, char *data, size_t size) {
    ramdisk_take_over();
    p->kept = data;
    read_archive(p, "ramdisk", data, size);
}

static bool get_pages(struct populate *p) {
    p->archive.name = page_alloc_kernel();
    p->archive.target = page_alloc_kernel();
    p->path = page_alloc_kernel();
    p->buffer = page_alloc_kernel();
    return p->archive.name && p->archive.target && p->path && p->buffer;
}

static void put_pages(struct populate *p) {
    char *pages[] = {p->archive.name, p->archive.target, p->path, p->buffer};

    for (unsigned i = 0; i < ARRAY_SIZE(pages); i++)
        if (pages[i])
            page_free_kernel(pages[i]);
}

long populate_root(void) {
    size_t files = (size_t)(atman_files_end - atman_files_start), size;
    void *data;
    bool ramdisk = ramdisk_find(&data, &size);
    struct populate *p;

    if (!files && !ramdisk)
        return 0;
    p = heap_alloc(sizeof *p);
    bool good = p && get_pages(p);
    if (good && files)
        read_archive(p, "--atman-files", atman_files_start, files);
    if (good && ramdisk)
        read_ramdisk(p, data, size);
    if (p)
        put_pages(p);
    heap_free(p);
    return good ? 0 : -ENOMEM;
}
