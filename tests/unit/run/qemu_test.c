/* SPDX-License-Identifier: MIT */
/*
 * QEMU's command line: the machine is large enough, and the guest's command line survives
 * the way QEMU splits -initrd.
 */
#include "qemu.h"
#include "test.h"

#include <stdlib.h>

static struct argv command_with(const char *line, int gdb, int ramdisk) {
    struct argv command = ARGV_EMPTY;

    qemu_command(&command, &(struct qemu){.program = "/q",
                                          .xen = "/a, b/xen",
                                          .line = line,
                                          .kib = 20000,
                                          .bytes = qemu_memory(20000, 0),
                                          .vcpus = 3,
                                          .ramdisk = ramdisk,
                                          .image = 5,
                                          .memory = 6,
                                          .com1 = 7,
                                          .out = 8,
                                          .err = 9,
                                          .log = 10,
                                          .com2 = 11,
                                          .gdb = gdb});
    return command;
}

static struct argv command_for(const char *line, int gdb) {
    return command_with(line, gdb, -1);
}

/* The word after an option. */
static const char *after(const struct argv *command, const char *option) {
    for (size_t i = 0; i + 1 < command->count; i++)
        if (strcmp(command->words[i], option) == 0)
            return command->words[i + 1];
    return NULL;
}

TEST(the_guest_line) {
    struct argv command = command_for("a,b ,, 'c d' -- -x,", -1);

    CHECK_TEXT(after(&command, "-initrd"), "/proc/self/fd/5 a,,b ,,,, 'c d' -- -x,,");
    CHECK_TEXT(after(&command, "-kernel"), "/a, b/xen");
    argv_free(&command);
}

TEST(a_ramdisk) {
    struct argv command = command_with("a,b", -1, 13);

    CHECK_TEXT(after(&command, "-initrd"), "/proc/self/fd/5 a,,b,/proc/self/fd/13");
    argv_free(&command);
}

TEST(memory_and_processors) {
    struct argv command = command_for("--", -1);

    CHECK(strstr(after(&command, "-append"), " dom0_mem=20000K,max:20000K ") != NULL);
    CHECK(strstr(after(&command, "-append"), " dom0_max_vcpus=3 ") != NULL);
    CHECK_TEXT(after(&command, "-smp"), "3");
    CHECK_EQ(strtoull(after(&command, "-m"), NULL, 10) << 20, qemu_memory(20000, 0));
    argv_free(&command);
}

TEST(memory_sizes) {
    for (uint64_t kib = 1; kib < UINT64_C(1) << 30; kib = kib * 3 + 1) {
        CHECK(qemu_memory(kib, 0) >= kib * 1024 + (UINT64_C(32) << 20));
        CHECK(qemu_memory(kib, 0) <= kib * 1024 / 16 * 17 + (UINT64_C(72) << 20));
        CHECK_EQ(qemu_memory(kib, 0) % (2 << 20), 0);
        CHECK(qemu_memory(kib, 5 << 20) >= qemu_memory(kib, 0) + (4 << 20));
    }
}

TEST(a_debugger) {
    struct argv without = command_for("--", -1), with = command_for("--", 12);

    CHECK(!argv_has(&without, "-gdb"));
    CHECK(!argv_has(&without, "-S"));
    CHECK_TEXT(after(&with, "-gdb"), "chardev:gdb");
    CHECK(argv_has(&with, "-S"));
    CHECK(argv_has(&with, "socket,id=gdb,fd=12,server=on,wait=off"));
    argv_free(&without);
    argv_free(&with);
}
