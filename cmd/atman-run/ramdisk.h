/* SPDX-License-Identifier: MIT */
/*
 * The guest's ramdisk: what fills its root file system (runtime/fs/populate.c). It is made
 * in a file without a name, so that nothing is left behind.
 */
#ifndef ATMAN_RUN_RAMDISK_H
#define ATMAN_RUN_RAMDISK_H

#include "run_options.h"

struct ramdisk {
    int fd; /* open for reading, close-on-exec; -1: there is none */
    uint64_t size;
};

/* Makes what --ramdisk and --files ask for: the archive's bytes, then the folders. False
 * after a message. */
bool ramdisk_make(struct ramdisk *ramdisk, const struct run_options *options);

/* Does it fit into the guest's memory? False after a message. */
bool ramdisk_fits(const struct ramdisk *ramdisk, uint64_t kib);

/* --pack: writes it to a file of that name. 0, or an exit status after a message. */
int ramdisk_save(const struct run_options *options);

void ramdisk_close(struct ramdisk *ramdisk);

#endif
