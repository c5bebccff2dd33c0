/* SPDX-License-Identifier: MIT */
/* Character devices, by their numbers, which are Linux's. */
#ifndef ATMAN_FS_DEVICE_H
#define ATMAN_FS_DEVICE_H

#include "fs/file.h"

/* Makes the file one of the device that the vnode stands for. -ENXIO: there is none. */
long device_open(struct vnode *vnode, struct file *file);

/* Fills /dev. -ENOMEM. */
long device_make_all(void);

extern const struct file_ops console_ops;

/* major and minor as st_rdev has them. */
static inline uint64_t device_number(unsigned major, unsigned minor) {
    return (uint64_t)major << 8 | minor;
}

#endif
