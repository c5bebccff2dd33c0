/* SPDX-License-Identifier: MIT */
/*
 * QEMU's command line for an image that is Xen's first domain, and what is decided by it:
 * the machine's memory, and where its devices are.
 */
#ifndef ATMAN_RUN_QEMU_H
#define ATMAN_RUN_QEMU_H

#include "argv.h"

#include <stdbool.h>
#include <stdint.h>

/* RAM above this lies from 4 GiB on; set by us, so that machine addresses can be found in
 * the memory that we share with QEMU. */
#define QEMU_LOW_BYTES (UINT64_C(2) << 30)

/* What the command line is made of. Descriptors are QEMU's to inherit. */
struct qemu {
    const char *program; /* qemu-system-x86_64 */
    const char *xen;     /* the hypervisor: an ELF32 multiboot image */
    const char *line;    /* the guest's command line */
    uint64_t kib;        /* the guest's memory */
    uint64_t bytes;      /* the machine's */
    unsigned vcpus;
    bool verbose; /* Xen logs all it can */
    int ramdisk;  /* the ramdisk, likewise; or -1 */
    int image;    /* the image, open for reading */
    int memory;   /* a memory file of as many bytes: the machine's RAM */
    int com1;     /* Xen's log, written */
    int out;      /* the program's stdout, written */
    int err;      /* its stderr, written */
    int log;      /* the runtime's log, written */
    int com2;     /* stdin frames: a connected socket */
    int gdb;      /* a listening socket for a debugger, which QEMU then waits for; or -1 */
};

/* Bytes of RAM for a machine whose first domain gets kib kibibytes: the domain's, what Xen
 * needs for itself, and a ramdisk of so many bytes, before it is the domain's. */
uint64_t qemu_memory(uint64_t kib, uint64_t ramdisk);

/* Appends the whole command line. */
void qemu_command(struct argv *command, const struct qemu *qemu);

#endif
