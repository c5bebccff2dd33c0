/* SPDX-License-Identifier: MIT */
/*
 * What changes names: making, linking, removing and renaming files, by paths. directory is
 * a descriptor or AT_FDCWD, paths are the program's; errors are Linux's.
 */
#ifndef ATMAN_FS_NAMES_H
#define ATMAN_FS_NAMES_H

#include "fs/path.h"

/* mknod, mkdir, symlink (target: the runtime's). mode has the type; umask is applied. */
long names_make(int directory, const char *path, unsigned mode, uint64_t device,
                const char *target);

/* The same where a walk has come to, in its directory, whose lock is held: the entry. */
long names_make_at(struct walk *walk, unsigned mode, uint64_t device, const char *target,
                   struct entry **made);

/* unlink, or rmdir. */
long names_remove(int directory, const char *path, bool rmdir);

/* A further name for the entry's file. */
long names_link(struct entry *entry, int directory, const char *path);

/* The same for an open file, which may have no name yet, if it may ever get one (O_TMPFILE
 * without O_EXCL). -ENOENT. */
long names_link_vnode(struct vnode *vnode, int directory, const char *path);

/* renameat2's flags. */
long names_rename(int from_directory, const char *from, int to_directory, const char *to,
                  unsigned flags);

/*
 * Told of each change, if it is not NULL (fs/inotify.c). mask is inotify's; name may be
 * NULL. entry is the directory, or the file itself, of which its directory hears as well
 * unless the mask has TELL_ONLY_FILE.
 */
enum { TELL_ONLY_FILE = 1 << 20 };
extern void (*names_tell)(struct entry *entry, unsigned mask, const struct name *name,
                          unsigned cookie);

#endif
