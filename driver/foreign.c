/* SPDX-License-Identifier: MIT */
/*
 * Telling foreign objects: see foreign.h. Only headers and the few sections that say
 * something are read; every offset and size is untrusted and compared with the file's.
 */
#include "foreign.h"

#include "install.h"
#include "mapped.h"
#include "memory.h"
#include "message.h"

#include <ar.h>
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MARK "Atman clang version"
#define MARK_SECTION ".atman.mark"
#define MARK_SYMBOL "atman_object"

enum { MAX_MESSAGES = 10 };

/* A stretch of a file. */
struct bytes {
    const char *at;
    size_t size;
};

static bool has(struct bytes bytes, const char *text) {
    return memmem(bytes.at, bytes.size, text, strlen(text)) != NULL;
}

/* bytes[offset .. offset + size), or nothing if it is not within. */
static struct bytes part(struct bytes bytes, uint64_t offset, uint64_t size) {
    if (offset > bytes.size || size > bytes.size - offset)
        return (struct bytes){"", 0};
    return (struct bytes){bytes.at + offset, size};
}

/* What is known of an object. */
struct traits {
    bool ours;
    bool code;
    bool unwind;         /* .eh_frame with something in it */
    const char *foreign; /* another compiler's name for itself, or NULL */
    size_t length;       /* of that */
};

/* Programs put texts of their own there (#ident), so a compiler must be known as one. */
static bool names_compiler(const char *text) {
    return strncmp(text, "GCC: ", 5) == 0 || strstr(text, "clang version ") ||
           strncmp(text, "rustc version ", 14) == 0 || strncmp(text, "Intel(R) ", 9) == 0;
}

static void read_comment(struct bytes comment, struct traits *traits) {
    while (comment.size > 0) {
        size_t length = strnlen(comment.at, comment.size);

        if (length == comment.size)
            return; /* without its end */
        if (strncmp(comment.at, MARK, strlen(MARK)) == 0) {
            traits->ours = true;
        } else if (names_compiler(comment.at)) {
            traits->foreign = comment.at;
            traits->length = length;
        }
        comment = part(comment, length + 1, comment.size - length - 1);
    }
}

static void read_section(struct bytes object, const Elf64_Shdr *section, const char *name,
                         struct traits *traits) {
    struct bytes content = {"", 0};

    if (section->sh_type != SHT_NOBITS)
        content = part(object, section->sh_offset, section->sh_size);
    if (section->sh_flags & SHF_EXECINSTR && content.size > 0)
        traits->code = true;
    if (strcmp(name, ".comment") == 0)
        read_comment(content, traits);
    if (strcmp(name, ".eh_frame") == 0 && content.size > 4) /* more than a terminator */
        traits->unwind = true;
    if (strcmp(name, MARK_SECTION) == 0)
        traits->ours = true;
    if (strcmp(name, ".strtab") == 0 && has(content, MARK_SYMBOL))
        traits->ours = true;
}

static void read_sections(struct bytes object, const Elf64_Ehdr *header,
                          struct traits *traits) {
    struct bytes table, names;
    Elf64_Shdr section;

    table = part(object, header->e_shoff, header->e_shnum * (uint64_t)sizeof section);
    if (table.size < (header->e_shstrndx + 1) * sizeof section)
        return;
    memcpy(&section, table.at + header->e_shstrndx * sizeof section, sizeof section);
    names = part(object, section.sh_offset, section.sh_size);
    if (names.size == 0 || names.at[names.size - 1] != '\0')
        return;
    for (size_t i = 0; i < header->e_shnum; i++) {
        memcpy(&section, table.at + i * sizeof section, sizeof section);
        if (section.sh_name < names.size)
            read_section(object, &section, names.at + section.sh_name, traits);
    }
}

static char *judge_elf(struct bytes object) {
    struct traits traits = {0};
    Elf64_Ehdr header;

    if (object.size < sizeof header)
        return NULL;
    memcpy(&header, object.at, sizeof header);
    if (header.e_type != ET_REL || header.e_machine != EM_X86_64)
        return NULL;
    read_sections(object, &header, &traits);
    if (!traits.code)
        return NULL;
    if (traits.foreign) /* -r joins several into one */
        return must_format("compiled by %.*s", (int)traits.length, traits.foreign);
    if (!traits.ours && traits.unwind)
        return must_copy("not compiled by atman-cc");
    return NULL;
}

static char *judge(struct bytes object) {
    if (object.size > SELFMAG && memcmp(object.at, ELFMAG, SELFMAG) == 0)
        return judge_elf(object);
    if (object.size > 4 && memcmp(object.at, "BC\xc0\xde", 4) == 0 &&
        !has(object, ATMAN_TRIPLE))
        return must_copy("bitcode for another target");
    return NULL;
}

char *foreign_object(const void *bytes, size_t size) {
    return judge((struct bytes){bytes, size});
}

/* Judges one object and says what is wrong with it. */
static size_t report(const char *path, const char *member, struct bytes object) {
    static size_t messages;
    char *who = judge(object), *name;

    if (!who)
        return 0;
    name = member ? must_format("%s(%s)", path, member) : must_copy(path);
    if (messages < MAX_MESSAGES)
        message(name,
                "%s, and not for a guest; compile it with atman-cc, or let it in "
                "with -fatman-foreign",
                who);
    else if (messages == MAX_MESSAGES)
        message(NULL, "there are more objects that were not compiled for a guest");
    messages++;
    free(name);
    free(who);
    return 1;
}

/* A member's name: "name/", or "/N" at the Nth byte of the list of long names. */
static char *member_name(const struct ar_hdr *header, struct bytes names) {
    struct bytes name = {header->ar_name, sizeof header->ar_name};
    const char *end;

    if (header->ar_name[0] == '/' && header->ar_name[1] >= '0' &&
        header->ar_name[1] <= '9') {
        unsigned long at = strtoul(header->ar_name + 1, NULL, 10);

        if (at > names.size)
            return must_copy("");
        name = part(names, at, names.size - at);
    }
    for (end = name.at; end < name.at + name.size && *end != '/' && *end != '\n'; end++)
        ;
    return must_copy_part(name.at, (size_t)(end - name.at));
}

static size_t read_archive(const char *path, const char *wanted, struct bytes archive) {
    struct bytes names = {"", 0};
    size_t at = SARMAG, found = 0;

    while (at <= archive.size && archive.size - at >= sizeof(struct ar_hdr)) {
        struct ar_hdr header;
        struct bytes content;
        char size[sizeof header.ar_size + 1] = "";

        memcpy(&header, archive.at + at, sizeof header);
        memcpy(size, header.ar_size, sizeof header.ar_size);
        at += sizeof header;
        content = part(archive, at, strtoul(size, NULL, 10));
        if (strncmp(header.ar_name, "//", 2) == 0) {
            names = content;
        } else if (content.size > 0 && header.ar_name[0] != '\0') {
            char *name = member_name(&header, names);

            if (!wanted || strcmp(name, wanted) == 0)
                found += report(path, name, content);
            free(name);
        }
        at += content.size + content.size % 2;
    }
    return found;
}

/* Of a thin archive the members are files, which lld names in the archive's place. */
static size_t thin_member(const char *archive, const char *member) {
    const char *slash = strrchr(archive, '/');
    char *path;
    size_t found;

    if (!member)
        return 0;
    path = member[0] == '/' || !slash
               ? must_copy(member)
               : must_format("%.*s/%s", (int)(slash - archive), archive, member);
    found = foreign_file(path, NULL);
    free(path);
    return found;
}

static size_t look(const char *path, const char *member, struct bytes file) {
    if (file.size > SARMAG && memcmp(file.at, ARMAG, SARMAG) == 0)
        return read_archive(path, member, file);
    if (file.size > SARMAG && memcmp(file.at, "!<thin>\n", SARMAG) == 0)
        return thin_member(path, member);
    return report(path, NULL, file);
}

size_t foreign_file(const char *path, const char *member) {
    struct mapped file = mapped_file(path);
    size_t found = file.size ? look(path, member, (struct bytes){file.at, file.size}) : 0;

    mapped_end(file);
    return found;
}
