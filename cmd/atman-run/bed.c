/* SPDX-License-Identifier: MIT */
/*
 * Starting and ending QEMU: see bed.h. QEMU's ends of all channels are closed here as soon
 * as it has them, so that end of file on ours means that it has ended.
 */
#include "bed.h"

#include "debugger.h"
#include "install.h"
#include "memory.h"
#include "message.h"
#include "qemu.h"
#include "ramdisk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is QEMU's: inherited, then closed here. */
struct ends {
    int channel[BED_CHANNELS];
    int com2, image, memory, gdb, ramdisk;
};

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_ends(struct ends *ends) {
    for (int i = 0; i < BED_CHANNELS; i++)
        close_fd(&ends->channel[i]);
    close_fd(&ends->com2);
    close_fd(&ends->image);
    close_fd(&ends->memory);
    close_fd(&ends->gdb);
    close_fd(&ends->ramdisk);
}

/* Everything that QEMU inherits beside 0, 1 and 2. */
static void let_inherit(const struct ends *ends) {
    const int inherited[] = {ends->channel[BED_COM1],
                             ends->channel[BED_OUT],
                             ends->channel[BED_ERR],
                             ends->channel[BED_LOG],
                             ends->com2,
                             ends->image,
                             ends->memory,
                             ends->ramdisk,
                             ends->gdb};

    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++)
        if (inherited[i] >= 0)
            fcntl(inherited[i], F_SETFD, 0);
}

static bool open_channels(struct bed *bed, struct ends *ends) {
    int pair[2];

    for (int i = 0; i < BED_CHANNELS; i++) {
        if (pipe2(pair, O_CLOEXEC) < 0)
            return false;
        bed->channel[i] = pair[0];
        ends->channel[i] = pair[1];
        /* Only ours: QEMU makes its ends non-blocking itself. More room means fewer
         * switches between the two; the default will do where this is not allowed. */
        fcntl(pair[0], F_SETFL, O_NONBLOCK);
        fcntl(pair[0], F_SETPIPE_SZ, 1 << 20);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return false;
    bed->com2 = pair[0];
    ends->com2 = pair[1];
    return true;
}

static bool open_memory(struct bed *bed, struct ends *ends) {
    ends->memory = memfd_create("atman-run", MFD_CLOEXEC);
    if (ends->memory < 0 || ftruncate(ends->memory, (off_t)bed->bytes) < 0)
        return false;
    bed->memory =
        mmap(NULL, bed->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ends->memory, 0);
    if (bed->memory == MAP_FAILED)
        bed->memory = NULL;
    return bed->memory != NULL;
}

/* The files that must be there; each message says how to get what is missing. */
static bool find_files(char **qemu, char **xen) {
    char *root = install_root(INSTALL_BIN);

    if (!root)
        return false;
    *xen = install_path(root, "share/atman/xen");
    free(root);
    if (access(*xen, R_OK) < 0) {
        message(*xen, "the hypervisor: %s; build or install the whole toolchain again",
                strerror(errno));
        return false;
    }
    if (access("/proc/self/fd", X_OK) < 0) { /* by which QEMU gets the guest's memory */
        message("/proc", "not mounted; mount -t proc proc /proc");
        return false;
    }
    *qemu = path_search("qemu-system-x86_64");
    if (!*qemu)
        message("qemu-system-x86_64", "not found in PATH; apt-get install qemu-system-x86");
    return *qemu != NULL;
}

static bool open_all(struct bed *bed, struct ends *ends,
                     const struct run_options *options) {
    ends->image = open(options->kernel, O_RDONLY | O_CLOEXEC);
    if (ends->image < 0) {
        message(options->kernel, "%s", strerror(errno));
        return false;
    }
    if (!open_memory(bed, ends)) {
        message(NULL, "%llu MiB of memory for the machine: %s; give less with -m",
                (unsigned long long)bed->bytes >> 20, strerror(errno));
        return false;
    }
    if (!open_channels(bed, ends)) {
        message(NULL, "channels to QEMU: %s", strerror(errno));
        return false;
    }
    if (!options->gdb)
        return true;
    ends->gdb = debugger_listen(&bed->gdb);
    return ends->gdb >= 0;
}

static bool start(struct bed *bed, struct ends *ends, const struct qemu *qemu) {
    struct argv command = ARGV_EMPTY;
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int fds[3] = {nothing, ends->channel[BED_NOISE], ends->channel[BED_NOISE]};
    int error;

    qemu_command(&command, qemu);
    let_inherit(ends);
    error = nothing < 0 ? -errno : child_start(&bed->qemu, &command, fds);
    if (error)
        message(qemu->program, "cannot be run: %s", strerror(-error));
    argv_free(&command);
    close_fd(&nothing);
    return error == 0;
}

bool bed_start(struct bed *bed, const struct run_options *options, const char *line) {
    struct ends ends = {{-1, -1, -1, -1, -1}, -1, -1, -1, -1, -1};
    struct ramdisk ramdisk;
    char *program = NULL, *xen = NULL;
    bool ok;

    *bed = (struct bed){.channel = {-1, -1, -1, -1, -1}, .com2 = -1};
    ok = ramdisk_make(&ramdisk, options) && ramdisk_fits(&ramdisk, options->kib);
    ends.ramdisk = ramdisk.fd;
    bed->bytes = qemu_memory(options->kib, ramdisk.size);
    ok = ok && find_files(&program, &xen) && open_all(bed, &ends, options);
    if (ok) {
        struct qemu qemu = {.program = program,
                            .xen = xen,
                            .line = line,
                            .kib = options->kib,
                            .bytes = bed->bytes,
                            .vcpus = options->vcpus,
                            .verbose = options->verbose,
                            .image = ends.image,
                            .ramdisk = ends.ramdisk,
                            .memory = ends.memory,
                            .com1 = ends.channel[BED_COM1],
                            .out = ends.channel[BED_OUT],
                            .err = ends.channel[BED_ERR],
                            .log = ends.channel[BED_LOG],
                            .com2 = ends.com2,
                            .gdb = ends.gdb};

        ok = start(bed, &ends, &qemu);
    }
    close_ends(&ends);
    free(program);
    free(xen);
    if (!ok)
        bed_end(bed);
    return ok;
}

void bed_end(struct bed *bed) {
    child_kill(&bed->qemu);
    child_reap(&bed->qemu);
    for (int i = 0; i < BED_CHANNELS; i++)
        close_fd(&bed->channel[i]);
    close_fd(&bed->com2);
    if (bed->memory)
        munmap(bed->memory, bed->bytes);
    bed->memory = NULL;
    debugger_remove(&bed->gdb);
}
