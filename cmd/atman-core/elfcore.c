/* SPDX-License-Identifier: MIT */
/*
 * Linux's core files: see elfcore.h. The file is a header, the segments' headers, the
 * notes, and, from the next page on, the segments' contents one after the other.
 */
#include "elfcore.h"

#include "guestcpu.h"
#include "memory.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OWNER "CORE\0\0\0" /* a multiple of four bytes */

struct threads {
    struct guestcpu *cpus;
    size_t count, apart;
};

/* Added to the number of a vCPU for what it does in kernel mode. */
enum { KERNEL = 1000 };

/* The two notes of a thread; each is a multiple of four bytes. */
struct thread_notes {
    Elf64_Nhdr status_head;
    char status_owner[8];
    struct elf_prstatus status;
    Elf64_Nhdr vectors_head;
    char vectors_owner[8];
    struct user_fpregs_struct vectors;
} __attribute__((packed));

static void read_threads(struct threads *threads, const struct xencore *core) {
    threads->cpus = must_resize(NULL, core->vcpu_count, sizeof *threads->cpus);
    threads->count = threads->apart = 0;
    for (size_t i = 0; i < core->vcpu_count; i++) {
        struct guestcpu *cpu = &threads->cpus[threads->count];

        guestcpu_read(cpu, core, i);
        threads->count += cpu->is_up;
        threads->apart += cpu->is_up && cpu->is_apart;
    }
}

static Elf64_Nhdr note_head(size_t size, unsigned type) {
    return (Elf64_Nhdr){
        .n_namesz = sizeof "CORE", .n_descsz = (Elf64_Word)size, .n_type = type};
}

static void write_thread(FILE *out, const struct guestcpu *cpu,
                         const struct user_regs_struct *registers, size_t number) {
    struct thread_notes notes = {
        .status_head = note_head(sizeof notes.status, NT_PRSTATUS),
        .status_owner = OWNER,
        .status.pr_pid = (pid_t)number,
        .status.pr_fpvalid = 1,
        .vectors_head = note_head(sizeof notes.vectors, NT_FPREGSET),
        .vectors_owner = OWNER,
        .vectors = cpu->vectors,
    };

    _Static_assert(sizeof notes.status.pr_reg == sizeof cpu->registers,
                   "Linux's registers");
    memcpy(&notes.status.pr_reg, registers, sizeof *registers);
    fwrite(&notes, sizeof notes, 1, out);
}

/* The program first, and there the vCPU that ended the domain: that is what debuggers show.
 */
static void write_threads(FILE *out, const struct threads *threads) {
    for (int ended = 1; ended >= 0; ended--)
        for (size_t i = 0; i < threads->count; i++)
            if (threads->cpus[i].has_ended == ended)
                write_thread(out, &threads->cpus[i], &threads->cpus[i].registers, i + 1);
    for (size_t i = 0; i < threads->count; i++)
        if (threads->cpus[i].is_apart)
            write_thread(out, &threads->cpus[i], &threads->cpus[i].kernel, KERNEL + i + 1);
}

/* From 65535 segments on their number is in the first section's header. */
static void write_head(FILE *out, size_t segments, uint64_t sections) {
    Elf64_Ehdr head = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                    EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof head,
        .e_ehsize = sizeof head,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = segments < PN_XNUM ? (Elf64_Half)segments : PN_XNUM,
    };

    if (segments >= PN_XNUM) {
        head.e_shoff = sections;
        head.e_shentsize = sizeof(Elf64_Shdr);
        head.e_shnum = 1;
    }
    fwrite(&head, sizeof head, 1, out);
}

static void write_segments(FILE *out, const struct guestmap *map, uint64_t notes,
                           uint64_t notes_size, uint64_t contents) {
    Elf64_Phdr segment = {
        .p_type = PT_NOTE, .p_offset = notes, .p_filesz = notes_size, .p_align = 4};

    fwrite(&segment, sizeof segment, 1, out);
    for (size_t i = 0; i < map->count; i++) {
        uint64_t size = map->ranges[i].pages * XENCORE_PAGE;

        segment = (Elf64_Phdr){.p_type = PT_LOAD,
                               .p_flags = map->ranges[i].rights,
                               .p_offset = contents,
                               .p_vaddr = map->ranges[i].va,
                               .p_filesz = size,
                               .p_memsz = size,
                               .p_align = XENCORE_PAGE};
        fwrite(&segment, sizeof segment, 1, out);
        contents += size;
    }
}

/* A page that is zero becomes a hole in the file. */
static void write_page(FILE *out, const unsigned char *page, bool is_last) {
    static const unsigned char zero[XENCORE_PAGE];

    if (!page)
        page = zero; /* the file has changed in the meantime */
    if (is_last || memcmp(page, zero, sizeof zero) != 0 ||
        fseeko(out, XENCORE_PAGE, SEEK_CUR) != 0)
        fwrite(page, XENCORE_PAGE, 1, out);
}

static void write_contents(FILE *out, const struct xencore *core,
                           const struct guestmap *map, uint64_t root) {
    unsigned rights;

    for (size_t i = 0; i < map->count && !ferror(out); i++)
        for (size_t n = 0; n < map->ranges[i].pages; n++) {
            uint64_t va = map->ranges[i].va + n * XENCORE_PAGE;

            write_page(out, guestmap_find(core, root, va, &rights),
                       i == map->count - 1 && n == map->ranges[i].pages - 1);
        }
}

static void write_all(FILE *out, const struct xencore *core, const struct threads *threads,
                      const struct guestmap *map) {
    size_t segments = map->count + 1;
    uint64_t sections = sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr);
    uint64_t notes = sections + sizeof(Elf64_Shdr);
    uint64_t notes_size = (threads->count + threads->apart) * sizeof(struct thread_notes);
    uint64_t contents = (notes + notes_size + XENCORE_PAGE - 1) & -(uint64_t)XENCORE_PAGE;
    Elf64_Shdr section = {.sh_info = (Elf64_Word)segments};

    write_head(out, segments, sections);
    write_segments(out, map, notes, notes_size, contents);
    fwrite(&section, sizeof section, 1, out);
    write_threads(out, threads);
    if (fseeko(out, (off_t)contents, SEEK_SET) == 0)
        write_contents(out, core, map, threads->cpus[0].root);
}

const char *elfcore_write(FILE *out, const struct xencore *core) {
    struct threads threads;
    struct guestmap map = {0};
    const char *wrong = NULL;

    read_threads(&threads, core);
    if (!threads.count)
        wrong = "no vCPU of the domain was up";
    else
        wrong = guestmap_make(&map, core, threads.cpus[0].root);
    if (!wrong) {
        errno = 0;
        write_all(out, core, &threads, &map);
        if (fflush(out) != 0 || ferror(out))
            wrong = "";
    }
    guestmap_free(&map);
    free(threads.cpus);
    return wrong;
}
