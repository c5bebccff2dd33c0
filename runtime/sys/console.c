/* SPDX-License-Identifier: MIT */
/*
 * System calls by descriptor. As long as the program has made none these are 0, 1 and 2,
 * which are the console; what is done with them without the rest of fs/ is here.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "console/console.h"
#include "fs/hooks.h"
#include "init/config.h"
#include "pv/access.h"
#include "sys/calls.h"

enum {
    DESCRIPTORS = 3,
    PARTS_LIMIT = 1024,
    SIZE_LIMIT = 0x7ffff000, /* bytes of one call, as Linux has it */
    CONSOLE_DEVICE = 0x501   /* major 5, minor 1, as /dev/console has */
};

/* Read by fs/start.c. */
bool console_closed[DESCRIPTORS];
bool console_close_on_exec[DESCRIPTORS];

static bool is_open(int fd) {
    return fd >= 0 && fd < DESCRIPTORS && !console_closed[fd];
}

/* All three are one device, as they are on a terminal: each can be read and written. */
long atman_sys_write(int fd, const void *data, size_t size) {
    if (files)
        return files->write(fd, data, size);
    if (!is_open(fd))
        return -EBADF;
    return console_write(fd == 2 ? CONSOLE_ERR : CONSOLE_OUT, data, MIN(size, SIZE_LIMIT));
}

long atman_sys_read(int fd, void *buffer, size_t size) {
    if (files)
        return files->read(fd, buffer, size);
    if (!is_open(fd))
        return -EBADF;
    return size ? console_read(buffer, MIN(size, SIZE_LIMIT)) : 0;
}

/* Calls move for each part, until one is not moved whole. A part that fails later is none.
 */
static long each_part(int fd, const struct iovec *parts, int count,
                      long (*move)(int fd, void *data, size_t size)) {
    struct iovec part;
    long total = 0;

    if (!is_open(fd))
        return -EBADF;
    if (count < 0 || count > PARTS_LIMIT)
        return -EINVAL;
    for (int i = 0; i < count; i++) {
        long n = user_read(&part, &parts[i], sizeof part);
        if (!n && (long)part.iov_len < 0)
            n = -EINVAL;
        if (!n)
            n = move(fd, part.iov_base, part.iov_len);
        if (n < 0)
            return total ? total : n;
        total += n;
        if ((size_t)n < part.iov_len)
            break;
    }
    return total;
}

static long write_part(int fd, void *data, size_t size) {
    return atman_sys_write(fd, data, size);
}

long atman_sys_writev(int fd, const struct iovec *parts, int count) {
    if (files)
        return files->writev(fd, parts, count);
    return each_part(fd, parts, count, write_part);
}

/* One read that may wait: a second could wait though there is something to return. */
long atman_sys_readv(int fd, const struct iovec *parts, int count) {
    struct iovec part;
    long error = 0;

    if (files)
        return files->readv(fd, parts, count);
    if (!is_open(fd))
        return -EBADF;
    if (count < 0 || count > PARTS_LIMIT)
        return -EINVAL;
    for (int i = 0; i < count; i++) {
        error = user_read(&part, &parts[i], sizeof part);
        if (error || part.iov_len)
            break;
    }
    return count && !error ? atman_sys_read(fd, part.iov_base, part.iov_len) : error;
}

long atman_sys_close(int fd) {
    if (files)
        return files->close(fd);
    if (!is_open(fd))
        return -EBADF;
    console_closed[fd] = true;
    return 0;
}

long atman_sys_fstat(int fd, struct stat *stat) {
    static const struct stat console = {.st_mode = S_IFCHR | 0620,
                                        .st_nlink = 1,
                                        .st_ino = 1,
                                        .st_rdev = CONSOLE_DEVICE,
                                        .st_blksize = 1024};

    if (files)
        return files->stat(fd, stat);
    if (!is_open(fd))
        return -EBADF;
    return user_write(stat, &console, sizeof console);
}

long atman_sys_lseek(int fd, off_t offset, int whence) {
    if (files)
        return files->seek(fd, offset, whence);
    return is_open(fd) ? -ESPIPE : -EBADF;
}

/* A C library asks for the window to learn whether to write line by line. */
long atman_sys_ioctl(int fd, unsigned request, void *argument) {
    if (files)
        return files->ioctl(fd, request, (unsigned long)argument);
    if (!is_open(fd))
        return -EBADF;
    if (request != TIOCGWINSZ || !config.is_terminal)
        return -ENOTTY;
    struct winsize size = {.ws_row = config.terminal_rows,
                           .ws_col = config.terminal_columns};
    return user_write(argument, &size, sizeof size);
}

long atman_sys_fcntl(int fd, int command, long argument) {
    if (files)
        return files->control(fd, command, (unsigned long)argument);
    if (!is_open(fd))
        return -EBADF;
    switch (command) {
    case F_GETFD:
        return console_close_on_exec[fd] ? FD_CLOEXEC : 0;
    case F_SETFD:
        console_close_on_exec[fd] = argument & FD_CLOEXEC;
        return 0;
    case F_GETFL:
        return O_RDWR;
    default:
        return -EINVAL;
    }
}
