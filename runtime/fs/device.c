/* SPDX-License-Identifier: MIT */
/* The devices that every system has, and /dev. */
#include "fs/device.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

#include "fs/build.h"
#include "fs/entropy.h"
#include "fs/vnode.h"
#include "init/config.h"

static long read_nothing(struct file *file, struct transfer *to, int64_t *position) {
    (void)file;
    (void)to;
    (void)position;
    return 0;
}

static long write_all(struct file *file, struct transfer *from, int64_t *position) {
    (void)file;
    (void)position;
    return (long)from->left;
}

static long write_none(struct file *file, struct transfer *from, int64_t *position) {
    (void)file;
    (void)position;
    (void)from;
    return -ENOSPC;
}

static long read_zeros(struct file *file, struct transfer *to, int64_t *position) {
    (void)file;
    (void)position;
    return transfer_zero(to, to->left);
}

static long read_random(struct file *file, struct transfer *to, int64_t *position) {
    uint8_t some[64];
    long done = 0;

    (void)file;
    (void)position;
    while (to->left) {
        size_t size = MIN(to->left, sizeof some);
        entropy_read(some, size);
        long n = transfer_put(to, some, size);
        if (n <= 0)
            return done ? done : n;
        done += n;
        if ((size_t)n < size)
            break;
    }
    return done;
}

/* Whatever whence there is: the call has looked at it. */
static long seek_nowhere(struct file *file, int64_t offset, int whence) {
    (void)file;
    (void)offset;
    (void)whence;
    return 0;
}

/* Linux's knows its own requests only, of which none is here, and says so in this way. */
static long control_random(struct file *file, unsigned request, unsigned long argument) {
    (void)file;
    (void)request;
    (void)argument;
    return -EINVAL;
}

static unsigned poll_random(struct file *file) {
    (void)file;
    return POLLIN | POLLRDNORM;
}

static const struct file_ops null_ops = {
    .read = read_nothing, .write = write_all, .seek = seek_nowhere, .has_position = true};
static const struct file_ops zero_ops = {.read = read_zeros,
                                         .write = write_all,
                                         .seek = seek_nowhere,
                                         .is_zeros = true,
                                         .has_position = true};
static const struct file_ops full_ops = {
    .read = read_zeros, .write = write_none, .seek = seek_nowhere, .has_position = true};
static const struct file_ops random_ops = {.read = read_random,
                                           .write = write_all,
                                           .poll = poll_random,
                                           .ioctl = control_random,
                                           .seek = seek_nowhere,
                                           .has_position = true};
static const struct file_ops urandom_ops = {.read = read_random,
                                            .write = write_all,
                                            .ioctl = control_random,
                                            .seek = seek_nowhere,
                                            .has_position = true};

static const struct device {
    const char *name;
    uint8_t major, minor;
    uint16_t mode;
    const struct file_ops *ops; /* NULL: is there, but cannot be opened */
} devices[] = {
    {"null", 1, 3, 0666, &null_ops},       {"zero", 1, 5, 0666, &zero_ops},
    {"full", 1, 7, 0666, &full_ops},       {"random", 1, 8, 0666, &random_ops},
    {"urandom", 1, 9, 0666, &urandom_ops}, {"console", 5, 1, 0600, &console_ops},
    {"tty", 5, 0, 0666, &console_ops},     {"ptmx", 5, 2, 0666, NULL},
    {"hvc0", 229, 0, 0600, &console_ops},
};

struct vnode *device_directory;

/* A process that was started without a terminal has no /dev/tty to open. */
static bool is_missing(const struct device *device) {
    bool is_own_terminal = device->major == 5 && device->minor == 0;

    return !device->ops || (is_own_terminal && !config.is_terminal);
}

long device_open(struct vnode *vnode, struct file *file) {
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
        if (vnode->device == device_number(devices[i].major, devices[i].minor) &&
            !is_missing(&devices[i])) {
            file->ops = devices[i].ops;
            return 0;
        }
    return consoles_open(vnode, file);
}

long device_make_all(void) {
    static const char *const links[][2] = {{"fd", "/proc/self/fd"},
                                           {"stdin", "/proc/self/fd/0"},
                                           {"stdout", "/proc/self/fd/1"},
                                           {"stderr", "/proc/self/fd/2"}};
    char path[32] = "/dev/";
    long error = build_directory("/dev", 0755);

    if (!error)
        error = build_directory("/dev/shm", 01777);
    for (unsigned i = 0; i < ARRAY_SIZE(devices) && !error; i++) {
        build_join(path, 5, devices[i].name);
        error = build_node(path, S_IFCHR | devices[i].mode,
                           device_number(devices[i].major, devices[i].minor));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(links) && !error; i++) {
        build_join(path, 5, links[i][0]);
        error = build_link(path, links[i][1]);
    }
    return error;
}
