/* SPDX-License-Identifier: MIT */
/* What is mounted where. */
#include <sys/mount.h>

#include "base/string.h"
#include "fs/procnodes.h"
#include "fs/vnode.h"
#include "mm/heap.h"

static const char *say_flags(const struct mount *m) {
    return m->flags & MS_RDONLY ? "ro,relatime" : "rw,relatime";
}

/* Its place, with what would end a field written in octal. */
static void add_place(struct text *t, const struct mount *m) {
    char *path = heap_alloc(PATH_MOST), *at = NULL;
    bool removed;

    if (!path) {
        t->failed = true;
        return;
    }
    at = entry_path(m->at ? m->at : m->root, path, PATH_MOST, &removed);
    for (; at && *at; at++)
        if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\\')
            text_add(t, "\\%03lu", text_octal((unsigned char)*at));
        else
            text_put(t, at, 1);
    heap_free(path);
}

static const struct mount *first(void) {
    return LIST_RECORD(mounts.next, struct mount, node);
}

static const struct mount *next(const struct mount *m) {
    return LIST_RECORD(m->node.next, struct mount, node);
}

long proc_mounts(struct text *t, unsigned whom) {
    (void)whom;
    for (const struct mount *m = first(); &m->node != &mounts; m = next(m)) {
        text_add(t, "%s ", m->source);
        add_place(t, m);
        text_add(t, " %s %s 0 0\n", m->type, say_flags(m));
    }
    return 0;
}

/* A mount's number is its device's; what it is mounted on has the number of its own. */
long proc_mountinfo(struct text *t, unsigned whom) {
    (void)whom;
    for (const struct mount *m = first(); &m->node != &mounts; m = next(m)) {
        const struct mount *below = m->at ? m->at->vnode->mount : m;
        text_add(t, "%lu %lu 0:%lu / ", m->device, m->at ? below->device : 1, m->device);
        add_place(t, m);
        text_add(t, " %s - %s %s %s\n", say_flags(m), m->type, m->source,
                 m->flags & MS_RDONLY ? "ro" : "rw");
    }
    return 0;
}
