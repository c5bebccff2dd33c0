/* SPDX-License-Identifier: MIT */
/*
 * Open directories. A position is the cookie of the entry told last, plus two, for "." and
 * ".." come first.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/regular.h"
#include "fs/vnode.h"
#include "pv/access.h"

enum { DOTS = 2 };

/* The record of getdents64. */
struct record {
    uint64_t number;
    int64_t next;
    uint16_t size;
    uint8_t type;
    char name[NAME_MOST + 1];
};

enum { RECORD_HEADER = __builtin_offsetof(struct record, name) };

struct listing {
    char *at; /* the program's */
    size_t left;
    int64_t position;
    long error;
};

static bool tell(void *state, struct name name, uint64_t number, unsigned type,
                 int64_t next) {
    struct listing *l = state;
    struct record r = {.number = number, .next = next, .type = (uint8_t)type};
    size_t size = ROUND_UP(RECORD_HEADER + name.size + 1, 8);

    if (size > l->left) {
        l->error = -EINVAL; /* if not even one fits */
        return false;
    }
    r.size = (uint16_t)size;
    memcpy(r.name, name.text, name.size);
    memset(r.name + name.size, 0, size - RECORD_HEADER - name.size);
    l->error = user_write(l->at, &r, size);
    if (l->error)
        return false;
    l->at += size;
    l->left -= size;
    l->position = next;
    return true;
}

static unsigned type_of(const struct vnode *vnode) {
    return (vnode->mode & S_IFMT) >> 12; /* as in <dirent.h> */
}

static bool is_before(const struct tree_node *node, unsigned long cookie) {
    return TREE_RECORD(node, struct entry, by_order)->cookie < cookie;
}

static void list_entries(struct entry *directory, struct listing *l) {
    unsigned long cookie = (unsigned long)(l->position - DOTS) + 1;
    struct tree_node *node = tree_find(&directory->order, is_before, cookie);

    for (; node; node = tree_next(node)) {
        const struct entry *e = TREE_RECORD(node, struct entry, by_order);
        if (!tell(l, (struct name){e->name, e->size}, e->vnode->number, type_of(e->vnode),
                  (int64_t)e->cookie + DOTS))
            break;
    }
}

static void list(struct entry *directory, struct listing *l) {
    const struct vnode *above = directory->parent->vnode;
    struct vnode *vnode = directory->vnode;

    if (l->position == 0 && !tell(l, (struct name){".", 1}, vnode->number, DT_DIR, 1))
        return;
    if (l->position == 1 && !tell(l, (struct name){"..", 2}, above->number, DT_DIR, DOTS))
        return;
    if (vnode->ops->list)
        l->error = vnode->ops->list(vnode, l->position, tell, l);
    else
        list_entries(directory, l);
}

long directory_list(struct file *file, void *buffer, size_t size) {
    struct listing l = {.at = buffer, .left = MIN(size, (size_t)0x7fffffff)};
    struct entry *directory = file->entry;

    if (file->ops != &directory_file_ops)
        return -ENOTDIR;
    mutex_take(&file->lock);
    mutex_take(&directory->vnode->lock);
    l.position = file->position;
    if (directory->removed)
        l.error = -ENOENT;
    else
        list(directory, &l);
    bool told = l.position != file->position;
    file->position = l.position;
    vnode_touch(directory->vnode, TOUCH_ACCESS);
    mutex_drop(&directory->vnode->lock);
    mutex_drop(&file->lock);
    return told ? (long)(l.at - (char *)buffer) : l.error;
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    (void)file;
    (void)to;
    (void)position;
    return -EISDIR;
}

static long seek(struct file *file, int64_t offset, int whence) {
    if (whence == SEEK_CUR)
        offset += file->position;
    else if (whence != SEEK_SET)
        return -EINVAL;
    if (offset < 0)
        return -EINVAL;
    file->position = offset;
    return offset;
}

const struct file_ops directory_file_ops = {
    .read = read, .seek = seek, .has_position = true};
