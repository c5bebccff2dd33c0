/* SPDX-License-Identifier: MIT */
/*
 * Xen's core files: see xencore.h.
 */
#include "xencore.h"

#include "memory.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>

struct file {
    const unsigned char *bytes;
    size_t size;
    Elf64_Ehdr head;
};

struct part {
    const unsigned char *bytes;
    size_t size;
};

static bool is_inside(const struct file *file, uint64_t offset, uint64_t size) {
    return offset <= file->size && size <= file->size - offset;
}

/* A section's header; one that is not in the file is empty. */
static Elf64_Shdr section(const struct file *file, unsigned i) {
    uint64_t offset = (uint64_t)i * sizeof(Elf64_Shdr);
    Elf64_Shdr header = {0};

    if (i < file->head.e_shnum && file->head.e_shoff <= file->size &&
        is_inside(file, file->head.e_shoff + offset, sizeof header))
        memcpy(&header, file->bytes + file->head.e_shoff + offset, sizeof header);
    return header;
}

static bool is_named(const struct file *file, uint32_t name, const char *wanted) {
    Elf64_Shdr names = section(file, file->head.e_shstrndx);
    size_t length = strlen(wanted) + 1;

    return is_inside(file, names.sh_offset, names.sh_size) && name <= names.sh_size &&
           length <= names.sh_size - name &&
           memcmp(file->bytes + names.sh_offset + name, wanted, length) == 0;
}

/* The section of this name: false if there is none. What is cut off is missing. */
static bool find(const struct file *file, const char *name, struct part *part) {
    for (unsigned i = 0; i < file->head.e_shnum; i++) {
        Elf64_Shdr header = section(file, i);

        if (header.sh_type == SHT_NULL || !is_named(file, header.sh_name, name))
            continue;
        *part = (struct part){NULL, 0};
        if (is_inside(file, header.sh_offset, header.sh_size))
            *part = (struct part){file->bytes + header.sh_offset, header.sh_size};
        return true;
    }
    return false;
}

static const char *read_head(struct file *file) {
    if (file->size < sizeof file->head)
        return "no core file: too short";
    memcpy(&file->head, file->bytes, sizeof file->head);
    if (memcmp(file->head.e_ident, ELFMAG, SELFMAG) != 0 ||
        file->head.e_ident[EI_CLASS] != ELFCLASS64 ||
        file->head.e_ident[EI_DATA] != ELFDATA2LSB || file->head.e_type != ET_CORE)
        return "no core file of 64 bits";
    if (file->head.e_machine != EM_X86_64)
        return "a core of another machine than x86-64";
    if (file->head.e_shentsize != sizeof(Elf64_Shdr) || file->head.e_shnum == 0)
        return "a core, but not one that Xen has written";
    return NULL;
}

static int by_mfn(const void *a, const void *b) {
    uint64_t x = ((const struct xencore_frame *)a)->mfn,
             y = ((const struct xencore_frame *)b)->mfn;

    return (x > y) - (x < y);
}

/* Pairs of pfn and mfn, in the order of the pages; all ones in both is no page. */
static void read_frames(struct xencore *core, struct part list) {
    core->frames = must_resize(NULL, core->page_count, sizeof *core->frames);
    for (size_t i = 0; i < core->page_count; i++) {
        uint64_t pair[2];

        memcpy(pair, list.bytes + i * sizeof pair, sizeof pair);
        if (pair[1] != ~UINT64_C(0))
            core->frames[core->frame_count++] = (struct xencore_frame){pair[1], i};
    }
    qsort(core->frames, core->frame_count, sizeof *core->frames, by_mfn);
}

const char *xencore_read(struct xencore *core, const void *bytes, size_t size) {
    struct file file = {.bytes = bytes, .size = size};
    struct part vcpus, pages, list;
    const char *wrong = read_head(&file);

    *core = (struct xencore){0};
    if (wrong)
        return wrong;
    if (find(&file, ".xen_pfn", &list))
        return "the core of an HVM or PVH domain; atman-cc makes PV ones";
    if (!find(&file, ".xen_prstatus", &vcpus) || !find(&file, ".xen_pages", &pages) ||
        !find(&file, ".xen_p2m", &list))
        return "a core, but not one that Xen has written";
    if (!vcpus.size || !pages.size || !list.size)
        return "cut off: was the disk full when it was written?";
    core->vcpus = vcpus.bytes;
    core->vcpu_count = vcpus.size / sizeof(vcpu_guest_context_t);
    core->pages = pages.bytes;
    core->page_count = pages.size / XENCORE_PAGE;
    if (list.size / (2 * sizeof(uint64_t)) < core->page_count || !core->vcpu_count)
        return "its parts do not fit together";
    read_frames(core, list);
    return NULL;
}

const unsigned char *xencore_page(const struct xencore *core, uint64_t mfn) {
    const struct xencore_frame wanted = {.mfn = mfn}, *found;

    if (!core->frame_count)
        return NULL;
    found = bsearch(&wanted, core->frames, core->frame_count, sizeof wanted, by_mfn);
    return found ? core->pages + found->page * XENCORE_PAGE : NULL;
}

void xencore_free(struct xencore *core) {
    free(core->frames);
    *core = (struct xencore){0};
}
