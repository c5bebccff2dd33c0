/* SPDX-License-Identifier: MIT */
/*
 * QEMU's command line: see qemu.h. Everything that is opened is handed over as a
 * descriptor: no name has to be quoted for QEMU (it splits at commas, and the image's name
 * at spaces), no file is left behind, and the image that was checked is the one that boots.
 *
 * Of the time from start to the image's first instruction (measured: 1.06 s, of which QEMU
 * and its firmware take 0.1, copying Xen 0.1, Xen's calibration of TSC and APIC 0.2) Xen
 * spends what is left of a second waiting for the real-time clock's next tick, which comes
 * one second after QEMU's start. No option of Xen's or QEMU's was found to avoid that, so
 * none of the others (HPET, NUMA, schedulers, mitigations, log levels, the machine's type,
 * its memory) shortens a boot; what is set here saves processor time or makes Xen quiet.
 */
#include "qemu.h"

#include "memory.h"
#include "text.h"

#include <stdlib.h>

#define MIB (UINT64_C(1) << 20)

uint64_t qemu_memory(uint64_t kib, uint64_t ramdisk) {
    uint64_t guest = kib * 1024;
    /* Xen was seen to boot with 24 MiB beside a small guest; its frame table grows with
     * the machine. Memory that nobody touches costs the host nothing. */
    uint64_t all = guest + guest / 32 + 64 * MIB + ramdisk;

    return (all + 2 * MIB - 1) / (2 * MIB) * (2 * MIB);
}

/* Xen's own command line. */
static char *xen_line(const struct qemu *qemu) {
    unsigned long long kib = qemu->kib;

    /* bootscrub: the memory is fresh from the host, and scrubbing touches all of it. */
    return must_format("console=com1 com1=115200,8n1 dom0_mem=%lluK,max:%lluK "
                       "dom0_max_vcpus=%u bootscrub=0 loglvl=%s guest_loglvl=%s",
                       kib, kib, qemu->vcpus, qemu->verbose ? "all" : "warning",
                       qemu->verbose ? "all" : "warning");
}

/* QEMU takes ", " apart in -initrd: the first word of each part is a file, the rest its
 * command line. A comma that belongs to the line is doubled. */
static char *initrd(const struct qemu *qemu) {
    struct text text = TEXT_EMPTY;

    text_addf(&text, "/proc/self/fd/%d ", qemu->image);
    for (const char *p = qemu->line; *p; p++) {
        if (*p == ',')
            text_adds(&text, ",");
        text_add(&text, p, 1);
    }
    if (qemu->ramdisk >= 0)
        text_addf(&text, ",/proc/self/fd/%d", qemu->ramdisk);
    return text.data;
}

/* A channel that the guest writes: a pipe, which takes bytes singly at no cost in space (a
 * socket would hold a few hundred). QEMU waits while it is full. */
static void output(struct argv *command, const char *name, int fd, int set) {
    argv_push(command, "-add-fd");
    argv_pushf(command, "fd=%d,set=%d", fd, set);
    argv_push(command, "-chardev");
    argv_pushf(command, "file,id=%s,path=/dev/fdset/%d,append=on", name, set);
}

static void port(struct argv *command, const char *name, unsigned address) {
    argv_push(command, "-device");
    argv_pushf(command, "isa-debugcon,iobase=0x%x,chardev=%s", address, name);
}

static void machine(struct argv *command, const struct qemu *qemu) {
    unsigned long long bytes = qemu->bytes;

    /* TCG has no SMAP that Xen's exception path survives, and no use for SVM. */
    argv_push_all(command, (char *[]){"-no-user-config", "-nodefaults", "-display", "none",
                                      "-no-reboot", "-accel", "tcg", "-cpu",
                                      "max,-smap,-svm", NULL});
    argv_push(command, "-machine");
    argv_pushf(command, "pc,memory-backend=ram,max-ram-below-4g=%llu",
               (unsigned long long)QEMU_LOW_BYTES);
    argv_push(command, "-m");
    argv_pushf(command, "%llu", bytes / MIB);
    argv_push(command, "-object");
    argv_pushf(command,
               "memory-backend-file,id=ram,share=on,size=%llu,mem-path=/proc/self/fd/%d",
               bytes, qemu->memory);
    argv_push(command, "-smp");
    argv_pushf(command, "%u", qemu->vcpus);
}

static void channels(struct argv *command, const struct qemu *qemu) {
    output(command, "com1", qemu->com1, 1);
    output(command, "out", qemu->out, 2);
    output(command, "err", qemu->err, 3);
    output(command, "log", qemu->log, 4);
    argv_push_all(command, (char *[]){"-serial", "chardev:com1", "-chardev", NULL});
    argv_pushf(command, "socket,id=com2,fd=%d", qemu->com2);
    argv_push_all(command, (char *[]){"-serial", "chardev:com2", NULL});
    port(command, "out", 0xe9);
    port(command, "err", 0xea);
    port(command, "log", 0xeb);
    argv_push_all(command,
                  (char *[]){"-device", "isa-debug-exit,iobase=0xf4,iosize=4", NULL});
    if (qemu->gdb >= 0) {
        argv_push(command, "-chardev");
        argv_pushf(command, "socket,id=gdb,fd=%d,server=on,wait=off", qemu->gdb);
        argv_push_all(command, (char *[]){"-gdb", "chardev:gdb", "-S", NULL});
    }
}

void qemu_command(struct argv *command, const struct qemu *qemu) {
    char *line;

    argv_push(command, qemu->program);
    machine(command, qemu);
    channels(command, qemu);
    argv_push_all(command, (char *[]){"-kernel", (char *)qemu->xen, "-append", NULL});
    line = xen_line(qemu);
    argv_push(command, line);
    free(line);
    argv_push(command, "-initrd");
    line = initrd(qemu);
    argv_push(command, line);
    free(line);
}
