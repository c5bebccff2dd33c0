/* SPDX-License-Identifier: MIT */
/* What is mounted where. */
#include <sys/mount.h>

#include "base/string.h"
#include "fs/mount.h"
#include "fs/procnodes.h"
#include "fs/vnode.h"
#include "mm/heap.h"

/* As Linux puts them: what concerns the file system, and what concerns its place. */
static const struct {
    unsigned long flag;
    const char *name;
} of_system[] = {{MS_SYNCHRONOUS, ",sync"},
                 {MS_DIRSYNC, ",dirsync"},
                 {MS_MANDLOCK, ",mand"}},
  of_place[] = {{MS_NOSUID, ",nosuid"},         {MS_NODEV, ",nodev"},
                {MS_NOEXEC, ",noexec"},         {MS_NOATIME, ",noatime"},
                {MS_NODIRATIME, ",nodiratime"}, {MS_RELATIME, ",relatime"}};

static void say_rights(struct text *t, const struct mount *m) {
    text_add(t, m->flags & MS_RDONLY ? "ro" : "rw");
}

static void say_system(struct text *t, const struct mount *m) {
    for (unsigned i = 0; i < ARRAY_SIZE(of_system); i++)
        if (m->flags & of_system[i].flag)
            text_add(t, "%s", of_system[i].name);
}

static void say_place(struct text *t, const struct mount *m) {
    for (unsigned i = 0; i < ARRAY_SIZE(of_place); i++)
        if (m->flags & of_place[i].flag)
            text_add(t, "%s", of_place[i].name);
}

static void say_own(struct text *t, const struct mount *m) {
    if (m->say)
        m->say(m, t);
}

/* A field, with what would end it written in octal. */
static void add_field(struct text *t, const char *at) {
    for (; *at; at++)
        if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\\')
            text_add(t, "\\%03lu", text_octal((unsigned char)*at));
        else
            text_put(t, at, 1);
}

static void add_place(struct text *t, const struct mount *m) {
    char *path = heap_alloc(PATH_MOST), *at = NULL;
    bool removed;

    if (!path) {
        t->failed = true;
        return;
    }
    at = entry_path(m->at ? m->at : m->root, path, PATH_MOST, &removed);
    if (at)
        add_field(t, at);
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
    mutex_take(&mounts_mutex);
    for (const struct mount *m = first(); &m->node != &mounts; m = next(m)) {
        add_field(t, m->source);
        text_add(t, " ");
        add_place(t, m);
        text_add(t, " %s ", m->type);
        say_rights(t, m);
        say_system(t, m);
        say_place(t, m);
        say_own(t, m);
        text_add(t, " 0 0\n");
    }
    mutex_drop(&mounts_mutex);
    return 0;
}

/* A mount's number is its device's; what it is mounted on has the number of its own. */
long proc_mountinfo(struct text *t, unsigned whom) {
    (void)whom;
    mutex_take(&mounts_mutex);
    for (const struct mount *m = first(); &m->node != &mounts; m = next(m)) {
        const struct mount *below = m->at ? m->at->vnode->mount : m;
        text_add(t, "%lu %lu 0:%lu / ", m->device, m->at ? below->device : 1, m->device);
        add_place(t, m);
        text_add(t, " ");
        say_rights(t, m);
        say_place(t, m);
        text_add(t, " - %s ", m->type);
        add_field(t, m->source);
        text_add(t, " ");
        say_rights(t, m);
        say_system(t, m);
        say_own(t, m);
        text_add(t, "\n");
    }
    mutex_drop(&mounts_mutex);
    return 0;
}
