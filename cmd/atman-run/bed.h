/* SPDX-License-Identifier: MIT */
/*
 * A running QEMU with Xen and the image in it: its process, our ends of its channels, and
 * its memory. It begins with bed_start() and leaves nothing behind after bed_end().
 */
#ifndef ATMAN_RUN_BED_H
#define ATMAN_RUN_BED_H

#include "child.h"
#include "run_options.h"

#include <stddef.h>
#include <stdint.h>

/* Channels that are read; -1 once closed. */
enum bed_channel {
    BED_COM1,  /* Xen's log */
    BED_OUT,   /* the program's stdout */
    BED_ERR,   /* its stderr */
    BED_LOG,   /* the runtime's log */
    BED_NOISE, /* what QEMU itself says */
    BED_CHANNELS
};

struct bed {
    struct child qemu;
    int channel[BED_CHANNELS];
    int com2;     /* input frames: a socket */
    char *memory; /* the machine's RAM, mapped */
    uint64_t bytes;
    char *gdb; /* path of the debugger's socket, in a folder of its own; NULL: none */
};

/* Starts QEMU with the image at options->kernel and the guest's command line. On failure
 * prints a message and returns false; nothing is left then. */
bool bed_start(struct bed *bed, const struct run_options *options, const char *line);

/* Kills QEMU if it runs, closes and removes everything. */
void bed_end(struct bed *bed);

#endif
