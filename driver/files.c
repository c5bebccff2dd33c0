/* SPDX-License-Identifier: MIT */
/*
 * The object with an image's files: see files.h. In the file: a page with the ELF header,
 * the archive, then the tables, which cannot be written before the archive's size is known.
 */
#include "files.h"

#include "message.h"
#include "pack.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096 };
enum { NONE, FILES, SYMBOLS, STRINGS, STACK, SECTIONS };

static const char strings[] = "\0.atman.files\0.symtab\0.strtab\0.note.GNU-stack\0"
                              "atman_files_start\0atman_files_end";

/* What follows the archive, as it lies in the file. */
struct tables {
    Elf64_Sym symbols[3];
    Elf64_Shdr sections[SECTIONS];
    char strings[sizeof strings];
};

/* A string's place among the strings. */
static Elf64_Word string(const char *name) {
    size_t at = 1;

    while (strcmp(strings + at, name) != 0)
        at += strlen(strings + at) + 1;
    return (Elf64_Word)at;
}

static Elf64_Sym symbol(const char *name, uint64_t value) {
    return (Elf64_Sym){.st_name = string(name),
                       .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                       .st_shndx = FILES,
                       .st_value = value};
}

static void fill(struct tables *tables, uint64_t size, uint64_t at) {
    Elf64_Shdr *s = tables->sections;

    memcpy(tables->strings, strings, sizeof strings);
    tables->symbols[1] = symbol("atman_files_start", 0);
    tables->symbols[2] = symbol("atman_files_end", size);
    s[FILES] = (Elf64_Shdr){.sh_name = string(".atman.files"),
                            .sh_type = SHT_PROGBITS,
                            .sh_flags = SHF_ALLOC,
                            .sh_offset = PAGE,
                            .sh_size = size,
                            .sh_addralign = PAGE};
    s[SYMBOLS] = (Elf64_Shdr){.sh_name = string(".symtab"),
                              .sh_type = SHT_SYMTAB,
                              .sh_offset = at + offsetof(struct tables, symbols),
                              .sh_size = sizeof tables->symbols,
                              .sh_link = STRINGS,
                              .sh_info = 1,
                              .sh_addralign = 8,
                              .sh_entsize = sizeof(Elf64_Sym)};
    s[STRINGS] = (Elf64_Shdr){.sh_name = string(".strtab"),
                              .sh_type = SHT_STRTAB,
                              .sh_offset = at + offsetof(struct tables, strings),
                              .sh_size = sizeof strings,
                              .sh_addralign = 1};
    s[STACK] = (Elf64_Shdr){.sh_name = string(".note.GNU-stack"),
                            .sh_type = SHT_PROGBITS,
                            .sh_offset = at,
                            .sh_addralign = 1};
}

static Elf64_Ehdr make_header(uint64_t at) {
    return (Elf64_Ehdr){.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                                    ELFDATA2LSB, EV_CURRENT},
                        .e_type = ET_REL,
                        .e_machine = EM_X86_64,
                        .e_version = EV_CURRENT,
                        .e_shoff = at + offsetof(struct tables, sections),
                        .e_ehsize = sizeof(Elf64_Ehdr),
                        .e_shentsize = sizeof(Elf64_Shdr),
                        .e_shnum = SECTIONS,
                        .e_shstrndx = STRINGS};
}

static bool write_object(FILE *out, char *const *specs) {
    static const char what[] = "the packed files";
    struct tables tables = {0};
    Elf64_Ehdr header = {0};
    off_t end;
    uint64_t at;

    if (fseeko(out, PAGE, SEEK_SET) != 0 || !pack_folders(out, what, specs))
        return false;
    end = ftello(out);
    at = ((uint64_t)end + 7) & ~UINT64_C(7);
    fill(&tables, (uint64_t)end - PAGE, at);
    header = make_header(at);
    if (fseeko(out, (off_t)at, SEEK_SET) == 0 &&
        fwrite(&tables, sizeof tables, 1, out) == 1 && fseeko(out, 0, SEEK_SET) == 0 &&
        fwrite(&header, sizeof header, 1, out) == 1 && fflush(out) == 0)
        return true;
    message(what, "%s", strerror(errno));
    return false;
}

int files_object(char *const *specs) {
    FILE *out;
    int fd;
    bool ok;

    if (!pack_open(&out, &fd))
        return -1;
    ok = write_object(out, specs);
    fclose(out);
    if (ok) {
        fcntl(fd, F_SETFD, 0);
        return fd;
    }
    close(fd);
    return -1;
}
