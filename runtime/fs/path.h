/* SPDX-License-Identifier: MIT */
/*
 * Paths: from a string of the program's to an entry, in this one place. POSIX's rules:
 * components of at most 255 bytes, paths of at most 4095, at most 40 symbolic links, no way
 * above the root; a slash at the end wants a directory and follows a link.
 */
#ifndef ATMAN_FS_PATH_H
#define ATMAN_FS_PATH_H

#include "fs/vnode.h"

/* Bits of a walk's flags. */
enum {
    PATH_FOLLOW = 1, /* the last component, if it is a link, is followed */
    PATH_EMPTY = 2,  /* an empty path is the directory itself (AT_EMPTY_PATH) */
    /* As openat2 has it: */
    PATH_NO_MAGIC = 4, /* no links that are none by name (/proc/self/fd) */
    PATH_NO_LINKS = 8, /* none at all; -ELOOP, as for the ones before */
    PATH_NO_XDEV = 16, /* stay in one mount; -EXDEV, as for the next one */
    PATH_BENEATH = 32, /* stay below the directory */
    PATH_IN_ROOT = 64, /* which is the root for this path */
    PATH_SCOPES = PATH_BENEATH | PATH_IN_ROOT,
};

/* What a path leads to: an entry, or a file that has none (a pipe by /proc/self/fd). */
struct target {
    struct entry *entry; /* with a reference, or NULL */
    struct file *file;   /* with a reference, or NULL */
};

void target_drop(struct target *target);

/*
 * directory: a descriptor, or AT_FDCWD; path: the program's. -ENOENT, -ENOTDIR, -ELOOP,
 * -ENAMETOOLONG, -EBADF, -EFAULT, -ENOMEM.
 */
long path_find(int directory, const char *path, unsigned flags, struct target *target);

/* path_find for what must have an entry: -EBADF, -ENXIO if it has none. */
long path_find_entry(int directory, const char *path, unsigned flags, struct entry **entry);

/* The same for a path of the runtime's own, from the root; links are followed. */
long path_find_own(const char *path, struct entry **entry);

/*
 * The walk to the directory that holds, or is to hold, the last component. It may go on
 * from there, if that turns out to be a link.
 */
struct walk {
    struct entry *directory; /* with a reference */
    struct name last;        /* in text */
    bool is_special;         /* last is ".", "..", or nothing at all: the root */
    bool slash;              /* behind it */
    unsigned links;
    unsigned flags;
    char *text;          /* a page */
    struct outer *outer; /* what comes behind that (path.c), or NULL */
    struct file *file;   /* a link has led to a file without an entry */
    struct entry *scope; /* of PATH_SCOPES: the directory, with a reference; or NULL */
};

/* Whatever it returns, walk_end is to be called. */
long walk_begin(struct walk *walk, int directory, const char *path, unsigned flags);

/* The same for a path of the runtime's own. */
long walk_begin_own(struct walk *walk, const char *path);

/* Goes on to where the link leads; the reference to it is given up. */
long walk_link(struct walk *walk, struct entry *link);

/* Up by one directory: "..". -EXDEV. */
long walk_up(struct walk *walk);

/* path_cross, where it may; -EXDEV. */
long walk_cross(const struct walk *walk, struct entry **entry);

void walk_end(struct walk *walk);

/* The working directory and the root, with a reference. */
struct entry *path_working(void);
struct entry *path_root(void);

/* They become directory, whose reference is taken over. */
void path_set_working(struct entry *directory);
void path_set_root(struct entry *directory);

/* What is mounted on the entry, in its place; references go along. */
struct entry *path_cross(struct entry *entry);

#endif
