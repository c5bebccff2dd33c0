/* SPDX-License-Identifier: MIT */
/*
 * Cores of Xen's without sense. The input is patches to a good one: where, as two bytes,
 * and eight bytes; or, after a first byte of 0xff, the file itself.
 */
#include "xencore.h"
#include "elfcore.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>

enum { PAGES = 16, SECTIONS = 5, PRESENT = 1, WRITE = 2, USER = 4 };

struct good {
    Elf64_Ehdr head;
    Elf64_Shdr sections[SECTIONS];
    char names[64];
    vcpu_guest_context_t vcpus[2];
    uint64_t list[PAGES][2];
    uint64_t pages[PAGES][XENCORE_PAGE / 8];
};

static const char names[] = "\0.shstrtab\0.xen_prstatus\0.xen_p2m\0.xen_pages";

static void section(struct good *good, unsigned i, uint32_t name, size_t offset,
                    size_t size) {
    good->sections[i] = (Elf64_Shdr){
        .sh_name = name, .sh_type = SHT_PROGBITS, .sh_offset = offset, .sh_size = size};
}

/* Four levels of tables, each the next frame; the last leads to the rest. */
static void make(struct good *good) {
    memset(good, 0, sizeof *good);
    memcpy(good->head.e_ident, ELFMAG, SELFMAG);
    good->head.e_ident[EI_CLASS] = ELFCLASS64;
    good->head.e_ident[EI_DATA] = ELFDATA2LSB;
    good->head.e_type = ET_CORE;
    good->head.e_machine = EM_X86_64;
    good->head.e_shoff = offsetof(struct good, sections);
    good->head.e_shentsize = sizeof(Elf64_Shdr);
    good->head.e_shnum = SECTIONS;
    good->head.e_shstrndx = 1;
    memcpy(good->names, names, sizeof names);
    section(good, 1, 1, offsetof(struct good, names), sizeof good->names);
    section(good, 2, 11, offsetof(struct good, vcpus), sizeof good->vcpus);
    section(good, 3, 25, offsetof(struct good, list), sizeof good->list);
    section(good, 4, 34, offsetof(struct good, pages), sizeof good->pages);
    for (unsigned i = 0; i < 2; i++) {
        good->vcpus[i].flags = VGCF_online | VGCF_in_kernel;
        good->vcpus[i].kernel_sp = 2 * XENCORE_PAGE;
        good->vcpus[i].user_regs.rsp = 2 * XENCORE_PAGE - 200;
    }
    for (unsigned i = 0; i < PAGES; i++)
        good->list[i][0] = good->list[i][1] = i;
    for (unsigned i = 0; i < 3; i++)
        good->pages[i][0] = (i + 1) << 12 | USER | WRITE | PRESENT;
    for (unsigned i = 4; i < PAGES; i++)
        good->pages[3][i - 4] = i << 12 | USER | WRITE | PRESENT;
}

/* Whether it was taken. */
static int read_and_write(const void *file, size_t size) {
    struct xencore core;
    FILE *out = fopen("/dev/null", "w");
    int good = 0;

    if (!out)
        abort();
    if (!xencore_read(&core, file, size)) {
        good = !elfcore_write(out, &core);
        xencore_free(&core);
    }
    fclose(out);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct good good;
    void *copy;

    if (size > 0 && *data == 0xff) {
        read_and_write(data + 1, size - 1);
        return 0;
    }
    make(&good);
    /* What is called good is taken, or all of this would test nothing. */
    if (size == 0 && !read_and_write(&good, sizeof good))
        abort();
    for (; size >= 10; data += 10, size -= 10) {
        size_t at = (size_t)(data[0] | data[1] << 8) * 8 % sizeof good;

        memcpy((char *)&good + (at <= sizeof good - 8 ? at : 0), data + 2, 8);
    }
    /* Cut off anywhere, and where a read beyond the end shows. */
    size_t length = size ? sizeof good - *data * 300u % sizeof good : sizeof good;
    copy = malloc(length);
    if (!copy)
        abort();
    memcpy(copy, &good, length);
    read_and_write(copy, length);
    free(copy);
    return 0;
}
