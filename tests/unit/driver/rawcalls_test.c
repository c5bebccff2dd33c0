/* SPDX-License-Identifier: MIT */
/*
 * Counting `syscall` instructions: in files that are damaged or no ELF files at all. (That
 * the right ones are found in images is a driver test's business.)
 */
#include "rawcalls.h"
#include "test.h"

#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned long count(const void *bytes, size_t size) {
    char path[] = "/tmp/atman-rawcalls-XXXXXX";
    int fd = mkstemp(path);
    unsigned long found;

    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    found = rawcalls_find(path).count;
    unlink(path);
    return found;
}

/* An ELF file of one section, of code that is `syscall` twice. */
static struct file {
    Elf64_Ehdr header;
    Elf64_Shdr section;
    char code[4];
} file(void) {
    struct file f = {.header = {.e_ident = ELFMAG, .e_shnum = 1},
                     .code = "\x0f\x05\x0f\x05"};

    f.header.e_shoff = offsetof(struct file, section);
    f.section.sh_type = SHT_PROGBITS;
    f.section.sh_flags = SHF_EXECINSTR;
    f.section.sh_offset = offsetof(struct file, code);
    f.section.sh_size = 4;
    return f;
}

/* One of them counts as the runtime's. The disassembler refuses this file. */
TEST(found) {
    struct file f = file();

    CHECK_EQ(count(&f, sizeof f), 1);
    f.section.sh_flags = 0;
    CHECK_EQ(count(&f, sizeof f), 0);
}

TEST(damaged) {
    struct file f = file();

    CHECK_EQ(count("text", 4), 0);
    CHECK_EQ(count("", 0), 0);
    CHECK_EQ(rawcalls_find("/nonexistent").count, 0);
    CHECK_EQ(rawcalls_find("/").count, 0);
    CHECK_EQ(count(&f, sizeof f.header + 10), 0);
    f.section.sh_size = 1000;
    CHECK_EQ(count(&f, sizeof f), 0);
    f.section.sh_size = UINT64_MAX;
    CHECK_EQ(count(&f, sizeof f), 0);
    f = file();
    f.section.sh_offset = UINT64_MAX;
    CHECK_EQ(count(&f, sizeof f), 0);
    f = file();
    f.header.e_shoff = UINT64_MAX - 8;
    CHECK_EQ(count(&f, sizeof f), 0);
    f = file();
    f.header.e_shnum = 5;
    CHECK_EQ(count(&f, sizeof f), 1);
}
