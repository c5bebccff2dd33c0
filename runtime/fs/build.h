/* SPDX-License-Identifier: MIT */
/*
 * Making files in memory by paths of the runtime's own, all absolute: what is there before
 * the program is. Missing directories on the way are made. Modes are taken as they are.
 * What exists is kept if it is a directory and is to be one, else it is replaced, unless it
 * is a directory with something in it: -EISDIR.
 */
#ifndef ATMAN_FS_BUILD_H
#define ATMAN_FS_BUILD_H

#include "fs/path.h"

long build_directory(const char *path, unsigned mode);
long build_node(const char *path, unsigned mode, uint64_t device);
long build_link(const char *path, const char *target);

/* A regular file, or any other: with a reference. */
long build_entry(const char *path, unsigned mode, uint64_t device, const char *target,
                 struct entry **made);

/* One more name for that file, which is no directory. */
long build_hard_link(const char *path, struct vnode *vnode);

/* What has that path goes, if it is that block device's special file. */
void build_remove_block(const char *path, uint64_t device);

/* The entry of that path, with a reference; the last component is not followed. */
long build_find(const char *path, struct entry **found);

/* A regular file with that text; if there is one already it is kept. */
long build_text(const char *path, const char *text);

/* Puts name at text[at], with its end. */
void build_join(char *text, size_t at, const char *name);

#endif
