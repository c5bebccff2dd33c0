/* SPDX-License-Identifier: MIT */
/*
 * Devices, by their numbers, which are Linux's: character devices, and what the rest of the
 * runtime has of block devices.
 */
#ifndef ATMAN_FS_DEVICE_H
#define ATMAN_FS_DEVICE_H

#include "fs/file.h"

/* Makes the file one of the device that the vnode stands for. -ENXIO: there is none. */
long device_open(struct vnode *vnode, struct file *file);

/* Fills /dev. -ENOMEM. */
long device_make_all(void);

/*
 * Block devices are block/nodes.c's. They have their names in /dev when these functions
 * return: devices_expect waits for those that are listed.
 */
void devices_expect(void);
long devices_open(struct vnode *vnode, struct file *file);

/* Tells of each block device that has a name in /dev; size is in units of 1024 bytes. */
struct devices_listener {
    void (*tell)(struct devices_listener *listener, unsigned major, unsigned minor,
                 uint64_t size, const char *name);
};
void devices_tell(struct devices_listener *listener);

/* devices_expect and devices_open, of consoles beside the first one: hvc/nodes.c's. */
void consoles_expect(void);
long consoles_open(struct vnode *vnode, struct file *file);

/* /dev, once it is filled; its names are waited for. NULL: not yet. */
extern struct vnode *device_directory;

/* What sync does of them; NULL: nothing. */
extern long (*devices_sync)(void);

extern const struct file_ops console_ops;

/* major and minor as st_rdev has them. */
static inline uint64_t device_number(unsigned major, unsigned minor) {
    return (uint64_t)major << 8 | minor;
}

#endif
