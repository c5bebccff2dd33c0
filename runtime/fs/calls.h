/* SPDX-License-Identifier: MIT */
/* System calls by descriptor, which struct files (fs/hooks.h) is made of. */
#ifndef ATMAN_FS_CALLS_H
#define ATMAN_FS_CALLS_H

#include "fs/file.h"

struct iovec;

long files_read(int fd, void *buffer, size_t size);
long files_write(int fd, const void *data, size_t size);
long files_readv(int fd, const struct iovec *parts, int count);
long files_writev(int fd, const struct iovec *parts, int count);
long files_stat(int fd, struct stat *stat);
long files_seek(int fd, int64_t offset, int whence);
long files_ioctl(int fd, unsigned request, unsigned long argument);
long files_control(int fd, int command, unsigned long argument);
long files_map(unsigned long hint, size_t size, int prot, int flags, int fd,
               int64_t offset);

/* F_SETPIPE_SZ and F_GETPIPE_SZ, if there are pipes (fs/pipe.c). */
extern long (*pipe_control)(struct file *file, int command, unsigned long argument);

#endif
