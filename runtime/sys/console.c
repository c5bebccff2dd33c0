/* SPDX-License-Identifier: MIT */
/*
 * System calls: descriptors 0, 1 and 2, which are the console. A closed one stays closed;
 * there is nothing that could be opened in its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/string.h"
#include "console/console.h"
#include "init/config.h"
#include "sys/calls.h"

enum {
    DESCRIPTORS = 3,
    PARTS_LIMIT = 1024,
    CONSOLE_DEVICE = 0x501 /* major 5, minor 1, as /dev/console has */
};

static bool closed[DESCRIPTORS];
static bool close_on_exec[DESCRIPTORS];

static bool is_open(int fd) {
    return fd >= 0 && fd < DESCRIPTORS && !closed[fd];
}

/* All three are one device, as they are on a terminal: each can be read and written. */
long atman_sys_write(int fd, const void *data, size_t size) {
    if (!is_open(fd))
        return -EBADF;
    console_write(fd == 2 ? CONSOLE_ERR : CONSOLE_OUT, data, size);
    return (long)size;
}

long atman_sys_read(int fd, void *buffer, size_t size) {
    if (!is_open(fd))
        return -EBADF;
    return size ? (long)console_read(buffer, size) : 0;
}

long atman_sys_writev(int fd, const struct iovec *parts, int count) {
    long total = 0;

    if (!is_open(fd))
        return -EBADF;
    if (count < 0 || count > PARTS_LIMIT)
        return -EINVAL;
    for (int i = 0; i < count; i++)
        total += atman_sys_write(fd, parts[i].iov_base, parts[i].iov_len);
    return total;
}

long atman_sys_readv(int fd, const struct iovec *parts, int count) {
    long total = 0;

    if (!is_open(fd))
        return -EBADF;
    if (count < 0 || count > PARTS_LIMIT)
        return -EINVAL;
    /* One read that may wait; a second could wait though there is something to return. */
    for (int i = 0; i < count && !total; i++)
        total = atman_sys_read(fd, parts[i].iov_base, parts[i].iov_len);
    return total;
}

long atman_sys_close(int fd) {
    if (!is_open(fd))
        return -EBADF;
    closed[fd] = true;
    return 0;
}

long atman_sys_fstat(int fd, struct stat *stat) {
    if (!is_open(fd))
        return -EBADF;
    memset(stat, 0, sizeof *stat);
    stat->st_mode = S_IFCHR | 0620;
    stat->st_nlink = 1;
    stat->st_ino = 1;
    stat->st_rdev = CONSOLE_DEVICE;
    stat->st_blksize = 1024;
    return 0;
}

long atman_sys_lseek(int fd, off_t offset, int whence) {
    (void)offset;
    (void)whence;
    return is_open(fd) ? -ESPIPE : -EBADF;
}

/* A C library asks for the window to learn whether to write line by line. */
long atman_sys_ioctl(int fd, unsigned request, void *argument) {
    if (!is_open(fd))
        return -EBADF;
    if (request != TIOCGWINSZ || !config.is_terminal)
        return -ENOTTY;
    *(struct winsize *)argument =
        (struct winsize){.ws_row = config.terminal_rows, .ws_col = config.terminal_columns};
    return 0;
}

long atman_sys_fcntl(int fd, int command, long argument) {
    if (!is_open(fd))
        return -EBADF;
    switch (command) {
    case F_GETFD:
        return close_on_exec[fd] ? FD_CLOEXEC : 0;
    case F_SETFD:
        close_on_exec[fd] = argument & FD_CLOEXEC;
        return 0;
    case F_GETFL:
        return O_RDWR;
    default:
        return -EINVAL;
    }
}
