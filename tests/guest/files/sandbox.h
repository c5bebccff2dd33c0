/* SPDX-License-Identifier: MIT */
/*
 * A small tree of every kind of file, and what a call has changed of it: for tests that try
 * each call with each path.
 */
#ifndef ATMAN_TESTS_TREE_H
#define ATMAN_TESTS_TREE_H

#include <dirent.h>

#include "files/say.h"

enum { TREE_MOST = 300, TREE_LINE = 320 };

struct tree {
    int count;
    char lines[TREE_MOST][TREE_LINE];
};

static inline int tree_compare(const void *a, const void *b) {
    return strcmp(a, b);
}

static inline void tree_add(struct tree *t, const char *path) {
    char target[300] = "";
    struct stat s;

    if (t->count == TREE_MOST || lstat(path, &s))
        return;
    if (S_ISLNK(s.st_mode) && readlink(path, target, sizeof target - 1) < 0)
        strcpy(target, "?");
    if (strlen(path) > 60) /* of a long name its beginning will do */
        snprintf(t->lines[t->count++], TREE_LINE, "%.20s[%zu] %o", path, strlen(path),
                 s.st_mode);
    else
        snprintf(t->lines[t->count++], TREE_LINE, "%.60s %o%s%.200s %lu %ld", path,
                 s.st_mode, *target ? " -> " : "", target, (long)s.st_nlink,
                 S_ISREG(s.st_mode) ? (long)s.st_size : 0);
}

static inline void tree_walk(struct tree *t, const char *path) {
    DIR *d = opendir(path);

    for (struct dirent *e; d && (e = readdir(d));) {
        char below[1024];
        struct stat s;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        snprintf(below, sizeof below, "%s%s%s", strcmp(path, ".") ? path : "",
                 strcmp(path, ".") ? "/" : "", e->d_name);
        tree_add(t, below);
        if (!lstat(below, &s) && S_ISDIR(s.st_mode))
            tree_walk(t, below);
    }
    if (d)
        closedir(d);
}

/* Of the working folder. */
static inline void tree_read(struct tree *t) {
    t->count = 0;
    tree_walk(t, ".");
    qsort(t->lines, t->count, TREE_LINE, tree_compare);
}

/* Prints what is gone and what is new; returns whether there was anything. */
static inline int tree_tell(const struct tree *was, const struct tree *is) {
    int i = 0, j = 0, told = 0;

    while (i < was->count || j < is->count) {
        int order = i == was->count  ? 1
                    : j == is->count ? -1
                                     : strcmp(was->lines[i], is->lines[j]);
        if (order < 0)
            printf("    - %s\n", was->lines[i]);
        else if (order > 0)
            printf("    + %s\n", is->lines[j]);
        i += order <= 0;
        j += order >= 0;
        told |= order != 0;
    }
    return told;
}

/* The tree, in the working folder, which is empty. */
static inline void tree_make(void) {
    int failed = 0;

    write_text("file", "text");
    failed |= link("file", "hard");
    write_text("other", "other text");
    failed |= mkdir("empty", 0755) | mkdir("dir", 0755) | mkdir("dir/sub", 0755);
    write_text("dir/inner", "inner");
    failed |= symlink("file", "to-file") | symlink("dir", "to-dir") |
              symlink("empty/", "to-empty") | symlink("none", "to-none") |
              symlink("empty/none", "to-new") | symlink("loop-b", "loop-a") |
              symlink("loop-a", "loop-b") | symlink(".", "to-here") |
              symlink("to-file", "to-link") | symlink("file/", "to-file-slash") |
              symlink("/", "to-root") | mkfifo("fifo", 0644);
    if (failed)
        printf("the tree cannot be made: %s\n", error_name(errno));
}

#endif
