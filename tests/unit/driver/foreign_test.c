/* SPDX-License-Identifier: MIT */
/*
 * Telling foreign objects: by what is in them, and with objects that are cut off anywhere
 * or have any byte wrong (they are untrusted).
 */
#include "foreign.h"
#include "test.h"

#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 1, COMMENT, UNWIND, MARK, STRINGS, NAMES, SECTIONS };

static const char names[] = "\0.text\0.comment\0.eh_frame\0.atman.mark\0.strtab\0.shstrtab";

/* An object with all the sections that matter; what is not wanted is renamed or emptied. */
struct object {
    Elf64_Ehdr header;
    Elf64_Shdr sections[SECTIONS];
    char text[4], comment[64], unwind[16], mark[1], strings[32], names[sizeof names];
};

static Elf64_Shdr section(const char *name, size_t offset, size_t size) {
    const char *at = names + 1;

    while (strcmp(at, name) != 0)
        at += strlen(at) + 1;
    return (Elf64_Shdr){.sh_name = (Elf64_Word)(at - names),
                        .sh_type = SHT_PROGBITS,
                        .sh_offset = offset,
                        .sh_size = size};
}

#define SECTION(name, field)                                                               \
    section(name, offsetof(struct object, field), sizeof((struct object *)0)->field)

/* comment: its strings, each with its NUL; the rest of it are empty ones. */
static struct object object_of(const char *comment, size_t size) {
    struct object object = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                               1},
                   .e_type = ET_REL,
                   .e_machine = EM_X86_64,
                   .e_shoff = offsetof(struct object, sections),
                   .e_shentsize = sizeof(Elf64_Shdr),
                   .e_shnum = SECTIONS,
                   .e_shstrndx = NAMES},
    };

    object.sections[TEXT] = SECTION(".text", text);
    object.sections[TEXT].sh_flags = SHF_EXECINSTR;
    object.sections[COMMENT] = SECTION(".comment", comment);
    object.sections[UNWIND] = SECTION(".eh_frame", unwind);
    object.sections[MARK] = SECTION(".text", mark); /* no mark, unless renamed */
    object.sections[STRINGS] = SECTION(".strtab", strings);
    object.sections[NAMES] = SECTION(".shstrtab", names);
    memcpy(object.comment, comment, size);
    memcpy(object.names, names, sizeof names);
    return object;
}

static void check(const struct object *object, const char *wanted) {
    char *is = foreign_object(object, sizeof *object);

    if (wanted)
        CHECK_TEXT(is ? is : "not foreign", wanted);
    else
        CHECK(!is);
    free(is);
}

TEST(by_comment) {
    static const char ours[] = "Atman clang version 19";
    static const char gcc[] = "GCC: (Debian 12) 12.2.0";
    static const char both[] = "Atman clang version 19\0GCC: (Debian 12) 12.2.0";
    static const char ident[] = "@(#)my.c 1.2\0Atman clang version 19";
    struct object object;

    object = object_of(ours, sizeof ours);
    check(&object, NULL);
    object = object_of(ident, sizeof ident);
    check(&object, NULL);
    object = object_of(gcc, sizeof gcc);
    check(&object, "compiled by GCC: (Debian 12) 12.2.0");
    object = object_of(both, sizeof both);
    check(&object, "compiled by GCC: (Debian 12) 12.2.0");
    object.sections[TEXT].sh_flags = 0; /* data alone */
    check(&object, NULL);
}

TEST(by_unwind_tables) {
    struct object object = object_of("", 1);

    check(&object, "not compiled by atman-cc");
    strcpy(object.strings + 1, "atman_object");
    check(&object, NULL);
    object = object_of("", 1);
    object.sections[MARK] = SECTION(".atman.mark", mark);
    check(&object, NULL);
    object = object_of("", 1);
    object.sections[UNWIND].sh_size = 4;
    check(&object, NULL);
}

TEST(bitcode) {
    static const char other[] = "BC\xc0\xdex86_64-linux-gnu";
    static const char ours[] = "BC\xc0\xde..x86_64-atman-linux-musl..";
    char *is = foreign_object(other, sizeof other);

    CHECK_TEXT(is ? is : "not foreign", "bitcode for another target");
    free(is);
    CHECK(!foreign_object(ours, sizeof ours));
}

TEST(what_is_no_object) {
    struct object object = object_of("GCC: 1", 7);

    CHECK(!foreign_object("", 0));
    CHECK(!foreign_object("text", 4));
    object.header.e_type = ET_EXEC;
    check(&object, NULL);
    object = object_of("GCC: 1", 7);
    object.header.e_machine = EM_386;
    check(&object, NULL);
}

/* The sanitizers watch: nothing outside of the bytes is read. */
TEST(cut_off_or_damaged) {
    static const char gcc[] = "GCC: (Debian 12) 12.2.0";
    struct object object = object_of(gcc, sizeof gcc);
    unsigned found = 0;

    for (size_t size = 0; size < sizeof object; size++) {
        char *bytes = malloc(size ? size : 1), *is;

        memcpy(bytes, &object, size);
        is = foreign_object(bytes, size);
        found += is != NULL;
        free(is);
        free(bytes);
    }
    for (size_t at = 0; at < sizeof object; at++)
        for (int value = 0; value < 256; value += 51) {
            struct object *damaged = malloc(sizeof object);
            char *is;

            *damaged = object;
            ((unsigned char *)damaged)[at] = (unsigned char)value;
            is = foreign_object(damaged, sizeof object);
            found += is != NULL;
            free(is);
            free(damaged);
        }
    CHECK(found > 0);
}
