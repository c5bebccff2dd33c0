/* SPDX-License-Identifier: MIT */
/*
 * How /proc's table of nodes becomes files. Nothing is kept: a vnode is made by each
 * lookup, and its number says which node it is and whom it is about; so the same file has
 * the same number each time. A file's text is made when it is read from the beginning.
 */
#include "fs/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/format.h"
#include "base/string.h"
#include "fs/build.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/open.h"
#include "fs/procnodes.h"
#include "mm/heap.h"
#include "sched/thread.h"

enum {
    NODE_BITS = 8,
    FIRST_NUMBER = 1000, /* of a listing: numbers come behind names */
    LINE_MOST = 64,
    MAGIC_PROC = 0x9fa0, /* Linux's */
    MAGIC_SYS = 0x62656572,
};

static const struct vnode_ops file_ops, directory_ops, link_ops, magic_ops;

static const struct proc_node *node_of(const struct vnode *vnode) {
    return &proc_nodes[(vnode->number - 1) & ((1 << NODE_BITS) - 1)];
}

static unsigned about(const struct vnode *vnode) {
    return (unsigned)((vnode->number - 1) >> NODE_BITS);
}

static const struct vnode_ops *ops_of(const struct proc_node *node) {
    switch (node->kind) {
    case PROC_FILE:
        return &file_ops;
    case PROC_DIRECTORY:
        return &directory_ops;
    case PROC_LINK:
    case PROC_LINK_THREAD:
    case PROC_LINK_IMAGE:
        return &link_ops;
    default:
        return &magic_ops;
    }
}

static unsigned type_of(const struct proc_node *node) {
    return node->kind == PROC_FILE        ? S_IFREG
           : node->kind == PROC_DIRECTORY ? S_IFDIR
                                          : S_IFLNK;
}

static uint64_t number_of(unsigned node, unsigned whom) {
    return ((uint64_t)whom << NODE_BITS | node) + 1;
}

static struct vnode *make(struct mount *mount, unsigned index, unsigned whom) {
    const struct proc_node *node = &proc_nodes[index];
    struct vnode *v = vnode_make(mount, ops_of(node), type_of(node) | node->mode);

    if (!v)
        return NULL;
    v->number = number_of(index, whom);
    if (node->kind == PROC_DIRECTORY)
        v->links = 2;
    return v;
}

/* What has a number and not a name in a directory: the first one from `from` on, and which
 * node it is. -1: none. */
static int next_number(unsigned directory, int from, unsigned *node) {
    int tid;

    switch (directory) {
    case PROC_ROOT:
        *node = PROC_NODE_PROCESS;
        return from <= thread_main.tid ? thread_main.tid : -1;
    case PROC_TASKS:
        *node = PROC_NODE_THREAD;
        tid = proc_next_thread(from);
        return tid ? tid : -1;
    case PROC_FDS:
        *node = PROC_NODE_FD;
        return fd_next(from);
    case PROC_FD_INFOS:
        *node = PROC_NODE_FD_INFO;
        return fd_next(from);
    default:
        return -1;
    }
}

/* -1: it is none. */
static int parse(struct name name) {
    int n = 0;

    if (!name.size || (name.text[0] == '0' && name.size > 1))
        return -1;
    for (size_t i = 0; i < name.size; i++) {
        unsigned digit = (unsigned)(name.text[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (int)digit, &n))
            return -1;
    }
    return n;
}

/* A thread is found as a process, too, though it is not listed as one. */
static long find_number(struct vnode *directory, int n, unsigned *node, unsigned *whom) {
    unsigned which = node_of(directory)->directory;

    *whom = (unsigned)n;
    if (which == PROC_ROOT && n != thread_main.tid) {
        *node = PROC_NODE_PROCESS;
        return n > 0 && proc_next_thread(n) == n ? 0 : -ENOENT;
    }
    if (n < 0 || next_number(which, n, node) != n)
        return -ENOENT;
    if (which == PROC_ROOT)
        *whom = 0;
    return 0;
}

static long find(struct vnode *directory, struct name name, unsigned *node,
                 unsigned *whom) {
    uint32_t bit = 1u << node_of(directory)->directory;

    *whom = about(directory);
    for (*node = PROC_FIXED; *node < proc_node_count; ++*node) {
        const struct proc_node *n = &proc_nodes[*node];
        if (n->in & bit && strlen(n->name) == name.size &&
            !memcmp(n->name, name.text, name.size))
            return 0;
    }
    return find_number(directory, parse(name), node, whom);
}

static long lookup(struct vnode *directory, struct name name, struct vnode **found) {
    unsigned node, whom;
    long error = find(directory, name, &node, &whom);

    if (error)
        return error;
    *found = make(directory->mount, node, whom);
    return *found ? 0 : -ENOMEM;
}

static bool tell_node(const struct vnode *directory, unsigned i, lister *tell,
                      void *state) {
    const struct proc_node *n = &proc_nodes[i];

    if (!(n->in & 1u << node_of(directory)->directory))
        return true;
    return tell(state, (struct name){n->name, strlen(n->name)},
                number_of(i, about(directory)), type_of(n) >> 12, (int64_t)i + 1);
}

static bool tell_number(unsigned directory, int n, unsigned node, lister *tell,
                        void *state) {
    char text[12];
    size_t size = format(text, sizeof text, "%d", n);

    return tell(state, (struct name){text, size},
                number_of(node, directory == PROC_ROOT ? 0 : (unsigned)n),
                type_of(&proc_nodes[node]) >> 12, (int64_t)n + FIRST_NUMBER + 1);
}

static long list(struct vnode *directory, int64_t position, lister *tell, void *state) {
    unsigned which = node_of(directory)->directory, node;
    unsigned i = position < PROC_FIXED ? PROC_FIXED : (unsigned)MIN(position, INT32_MAX);

    for (; i < proc_node_count; i++)
        if (!tell_node(directory, i, tell, state))
            return 0;
    int n = position < FIRST_NUMBER ? 0 : (int)MIN(position - FIRST_NUMBER, INT32_MAX);
    while ((n = next_number(which, n, &node)) >= 0) {
        if (!tell_number(which, n, node, tell, state))
            break;
        n++;
    }
    return 0;
}

/* What a link leads to that is no name: with a reference. */
static long follow(struct vnode *link, struct file **file) {
    const struct proc_node *node = node_of(link);

    if (node->kind == PROC_LINK_FD) {
        *file = fd_get((int)about(link));
        return *file ? 0 : -ENOENT;
    }
    struct entry *e = node->kind == PROC_LINK_CWD ? path_working() : path_root();
    long error = open_vnode(e->vnode, e, O_PATH, file);
    entry_drop(e);
    return error;
}

static size_t copy_text(char *to, size_t size, const char *text) {
    size_t n = MIN(strlen(text), size);

    memcpy(to, text, n);
    return n;
}

/* How Linux names what has no path; "pipe:" and the like get their number. */
static size_t say_kind(struct file *file, char *to, size_t size) {
    const char *name = file->ops->name ? file->ops->name : "anon_inode:[file]";
    struct stat stat = {0};
    char text[48];

    if (name[strlen(name) - 1] != ':')
        return copy_text(to, size, name);
    file_stat(file, &stat);
    format(text, sizeof text, "%s[%lu]", name, (unsigned long)stat.st_ino);
    return copy_text(to, size, text);
}

static long say_path(struct entry *e, char *to, size_t size) {
    static const char deleted[] = " (deleted)";
    bool removed;
    char *path = heap_alloc(PATH_MOST);

    if (!path)
        return -ENOMEM;
    char *at = entry_path(e, path, PATH_MOST, &removed);
    size_t n = at ? copy_text(to, size, at) : 0;
    if (at && removed)
        n += copy_text(to + n, size - n, deleted);
    heap_free(path);
    return at ? (long)n : -ENAMETOOLONG;
}

static long read_magic(struct vnode *link, char *target, size_t size) {
    struct file *file;
    long n = follow(link, &file);

    if (n)
        return n;
    n = file->entry ? say_path(file->entry, target, size)
                    : (long)say_kind(file, target, size);
    file_drop(file);
    return n;
}

static long read_link(struct vnode *link, char *target, size_t size) {
    const struct proc_node *node = node_of(link);
    char text[32];

    switch (node->kind) {
    case PROC_LINK_IMAGE:
        return (long)copy_text(target, size, proc_image_path());
    case PROC_LINK_THREAD:
        format(text, sizeof text, "%d/task/%d", thread_main.tid, thread_current()->tid);
        return (long)copy_text(target, size, text);
    default:
        return (long)copy_text(target, size, node->target);
    }
}

/* Open files: their own is the text. */

static long make_text(const struct vnode *vnode, struct text *text) {
    const struct proc_node *node = node_of(vnode);
    long error = 0;

    text_free(text);
    if (node->directory == PROC_CONSTANT)
        text_put(text, node->constant, strlen(node->constant));
    else
        error = node->make(text, about(vnode));
    if (!error && text->failed)
        error = -ENOMEM;
    if (error)
        text_free(text);
    return error;
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    struct text *text = file->object;
    long n = 0;

    mutex_take(&file->vnode->lock);
    if (!*position || !text->first)
        n = make_text(file->vnode, text);
    if (!n)
        n = text_read(text, to, *position);
    mutex_drop(&file->vnode->lock);
    if (n > 0)
        *position += n;
    return n;
}

static long write(struct file *file, struct transfer *from, int64_t *position) {
    const struct proc_node *node = node_of(file->vnode);
    char line[LINE_MOST + 1];
    size_t size = from->left;

    (void)position;
    if (!node->write)
        return -EIO;
    long n = transfer_get(from, line, MIN(size, (size_t)LINE_MOST));
    if (n < 0)
        return n;
    line[n] = 0;
    if (n && line[n - 1] == '\n')
        line[n - 1] = 0;
    long error = node->write(about(file->vnode), line, (size_t)n);
    return error ? error : (long)size;
}

static long seek(struct file *file, int64_t offset, int whence) {
    if (whence == SEEK_CUR)
        offset += file->position;
    else if (whence != SEEK_SET)
        return -EINVAL;
    if (offset < 0)
        return -EINVAL;
    if (offset != file->position) { /* it is made anew */
        mutex_take(&file->vnode->lock);
        text_free(file->object);
        mutex_drop(&file->vnode->lock);
    }
    file->position = offset;
    return offset;
}

static void release(struct file *file) {
    text_free(file->object);
    heap_free(file->object);
}

static const struct file_ops text_ops = {
    .read = read, .write = write, .seek = seek, .release = release, .has_position = true};

static long open_text(struct vnode *vnode, struct file *file) {
    (void)vnode;
    file->object = heap_alloc(sizeof(struct text));
    if (!file->object)
        return -ENOMEM;
    file->ops = &text_ops;
    return 0;
}

/* O_TRUNC, which says nothing of what is made anew each time. */
static long resize(struct vnode *vnode, int64_t size) {
    (void)vnode;
    (void)size;
    return 0;
}

static const struct vnode_ops file_ops = {.open = open_text, .resize = resize};
static const struct vnode_ops directory_ops = {.lookup = lookup, .list = list};
static const struct vnode_ops link_ops = {.read_link = read_link};
static const struct vnode_ops magic_ops = {.read_link = read_magic, .follow = follow};

static long stat_proc(struct mount *mount, struct statfs *stat) {
    stat->f_type = *mount->type == 'p' ? MAGIC_PROC : MAGIC_SYS;
    return 0;
}

long proc_make(const char *type, const char *source, const char *options,
               struct mount **made) {
    struct mount *m = mount_make(type, source);
    struct vnode *v = NULL;

    (void)options; /* hidepid and the like: there is nobody to hide from */
    if (m)
        v = make(m, *type == 'p' ? PROC_NODE_TOP : PROC_NODE_SYSFS, 0);
    if (!v) {
        if (m)
            mount_free(m);
        return -ENOMEM;
    }
    m->stat = stat_proc;
    *made = m;
    return mount_set_top(m, v);
}

static long start(const char *path, const char *type) {
    struct mount *m;
    struct entry *at;
    long error = build_directory(path, 0555);

    if (!error)
        error = path_find_own(path, &at);
    if (error)
        return error;
    error = proc_make(type, type, NULL, &m);
    if (error) {
        entry_drop(at);
        return error;
    }
    return mount_at(m, at);
}

long proc_start(void) {
    long error = start("/proc", "proc");

    return error ? error : start("/sys", "sysfs");
}
