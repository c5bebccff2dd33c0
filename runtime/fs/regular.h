/* SPDX-License-Identifier: MIT */
/* Open regular files and directories, of every file system. */
#ifndef ATMAN_FS_REGULAR_H
#define ATMAN_FS_REGULAR_H

#include "fs/file.h"

extern const struct file_ops regular_ops, directory_file_ops, path_only_ops;

/* ftruncate's and truncate's: -EINVAL, -EFBIG, -EISDIR. */
long regular_resize(struct vnode *vnode, int64_t size);

/* fallocate of an open file. */
long regular_allocate(struct file *file, int mode, int64_t start, int64_t size);

/* getdents64: bytes written to the program's buffer. */
long directory_list(struct file *file, void *buffer, size_t size);

#endif
