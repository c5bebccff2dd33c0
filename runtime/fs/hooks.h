/* SPDX-License-Identifier: MIT */
/*
 * Descriptors, for those who need them only if they are there: a program that has none but
 * the console's three holds no table of them, and no file system.
 */
#ifndef ATMAN_FS_HOOKS_H
#define ATMAN_FS_HOOKS_H

#include "base.h"

struct iovec;
struct stat;

/* The system calls of these names, which are there without descriptors, too. */
struct files {
    long (*read)(int fd, void *buffer, size_t size);
    long (*write)(int fd, const void *data, size_t size);
    long (*readv)(int fd, const struct iovec *parts, int count);
    long (*writev)(int fd, const struct iovec *parts, int count);
    long (*close)(int fd);
    long (*stat)(int fd, struct stat *stat);
    long (*seek)(int fd, int64_t offset, int whence);
    long (*ioctl)(int fd, unsigned request, unsigned long argument);
    long (*control)(int fd, int command, unsigned long argument); /* fcntl */
    long (*map)(unsigned long hint, size_t size, int prot, int flags, int fd,
                int64_t offset);
};

/* umask's. */
extern unsigned file_mask;

/* Of 0, 1 and 2 as long as there are no others (sys/console.c). */
extern bool console_closed[3], console_close_on_exec[3];

/* NULL as long as nothing but the console is open. */
extern const struct files *files;

/*
 * From now on there are descriptors, and the root file system. To be called by each call
 * that makes a descriptor or takes a path; may be called again. -ENOMEM.
 */
long files_start(void);

/* RLIMIT_NOFILE, the soft one, and the most that it may be; RLIMIT_FSIZE, in bytes. */
enum { FILES_MOST = 512 * 512 };
extern unsigned files_limit;
extern uint64_t file_size_limit;

#endif
