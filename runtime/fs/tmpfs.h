/* SPDX-License-Identifier: MIT */
/* The file system in memory as it is mounted by programs: with a size, rights and the like.
 */
#ifndef ATMAN_FS_TMPFS_H
#define ATMAN_FS_TMPFS_H

struct mount;

/* One to be mounted, with those options (size=, nr_blocks=, nr_inodes=, mode=, uid=, gid=).
 * -EINVAL, -ENOMEM. */
long tmpfs_make(const char *type, const char *source, const char *options,
                struct mount **made);

/* The same without limits, as ramfs has it: it knows mode= and nothing else. */
long tmpfs_make_unlimited(const char *type, const char *source, const char *options,
                          struct mount **made);

#endif
