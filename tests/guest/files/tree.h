/* SPDX-License-Identifier: MIT */
/* Printing what a file system holds. */
#ifndef ATMAN_TEST_TREE_H
#define ATMAN_TEST_TREE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A sum of the file's bytes, read in pieces of an odd size; -1: it is not what stat says.
 */
static long tree_sum(const char *path, long size) {
    unsigned char bytes[5003];
    unsigned sum = 0;
    long all = 0, n;
    int fd = open(path, O_RDONLY);

    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        all += n;
        for (long i = 0; i < n; i++)
            sum = sum * 31 + bytes[i];
    }
    close(fd);
    return n == 0 && all == size ? (long)sum : -1;
}

static void tree_show(const char *path, const struct stat *st) {
    char target[4096];
    ssize_t n;

    printf("%o %u:%u %lu %s", st->st_mode, st->st_uid, st->st_gid,
           (unsigned long)st->st_nlink, path);
    if (S_ISREG(st->st_mode))
        printf(" %lld %08lx", (long long)st->st_size, tree_sum(path, st->st_size));
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        printf(" %u,%u", major(st->st_rdev), minor(st->st_rdev));
    if (S_ISLNK(st->st_mode)) {
        n = readlink(path, target, sizeof target);
        printf(" -> %.*s", (int)n, target);
    }
    if (st->st_mtime <= 1000000000)
        printf(" at %lld", (long long)st->st_mtime);
    printf("\n");
}

static int tree_order(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* All below a folder, in the order of names. */
static void tree_print(const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, tree_order);
    struct stat st;

    for (int i = 0; i < count; i++) {
        char *path;

        if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0 &&
            asprintf(&path, "%s/%s", folder, entries[i]->d_name) > 0) {
            if (lstat(path, &st) == 0)
                tree_show(path, &st);
            else
                printf("%s: %s\n", path, strerror(errno));
            if (S_ISDIR(st.st_mode))
                tree_print(path);
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
}

#endif
