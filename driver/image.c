/* SPDX-License-Identifier: MIT */
/*
 * Checking an image: see image.h. Only the ELF header, the program headers and the notes
 * are read; every offset and size in the file is untrusted and compared with the file's
 * length before it is used.
 */
#include "image.h"

#include "memory.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Note types without which Xen's domain builder refuses a PV kernel or starts it elsewhere
 * (xen/include/public/elfnote.h). */
enum { NOTE_ENTRY = 1, NOTE_XEN_VERSION = 5, NOTE_LOADER = 8 };

enum {
    MAX_SEGMENTS = 256,
    MAX_NOTES = 1 << 20, /* bytes of notes that are looked at in one segment */
    PAGE = 4096
};

struct image {
    int fd;
    uint64_t size;
    Elf64_Ehdr header;
    Elf64_Phdr segments[MAX_SEGMENTS];
    bool notes[NOTE_LOADER + 1]; /* by type: seen with the owner "Xen" */
};

/* Reads exactly length bytes at offset; false if the file has fewer. */
static bool read_at(const struct image *image, void *to, uint64_t length, uint64_t offset) {
    char *bytes = to;

    if (offset > image->size || length > image->size - offset)
        return false;
    while (length > 0) {
        ssize_t n = pread(image->fd, bytes, length, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        offset += (uint64_t)n;
        length -= (uint64_t)n;
    }
    return true;
}

static char *check_header(struct image *image) {
    const Elf64_Ehdr *h = &image->header;

    if (!read_at(image, &image->header, sizeof *h, 0) ||
        memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return must_copy("not an ELF file");
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
        h->e_machine != EM_X86_64)
        return must_copy("not a 64-bit x86 ELF file");
    if (h->e_type == ET_REL)
        return must_copy("an object file, not a linked image");
    if (h->e_type == ET_DYN)
        return must_copy("position-independent; an image is linked to a fixed address");
    if (h->e_type != ET_EXEC)
        return must_copy("not an executable");
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0 ||
        h->e_phnum > MAX_SEGMENTS ||
        !read_at(image, image->segments, h->e_phnum * sizeof(Elf64_Phdr), h->e_phoff))
        return must_copy("damaged program headers");
    return NULL;
}

static char *check_segment(const struct image *image, const Elf64_Phdr *segment) {
    const char *kind = segment->p_type == PT_GNU_STACK ? "the stack" : "a segment";

    if (segment->p_type == PT_INTERP || segment->p_type == PT_DYNAMIC)
        return must_copy("needs a dynamic loader; a guest is one static image");
    if (segment->p_type != PT_LOAD && segment->p_type != PT_GNU_STACK)
        return NULL;
    if ((segment->p_flags & PF_W) && (segment->p_flags & PF_X))
        return must_format("%s (at 0x%llx) is both writable and executable", kind,
                           (unsigned long long)segment->p_vaddr);
    if (segment->p_type == PT_GNU_STACK || segment->p_memsz == 0)
        return NULL;
    if (segment->p_offset > image->size ||
        segment->p_filesz > image->size - segment->p_offset ||
        segment->p_filesz > segment->p_memsz ||
        segment->p_vaddr + segment->p_memsz < segment->p_vaddr)
        return must_format("the segment at 0x%llx does not fit the file; it is truncated",
                           (unsigned long long)segment->p_vaddr);
    if (segment->p_vaddr < PAGE)
        return must_copy("uses page 0, which stays unmapped to catch NULL");
    return NULL;
}

static char *check_segments(const struct image *image) {
    bool entry_in_code = false;

    for (int i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &image->segments[i];
        char *reason = check_segment(image, segment);

        if (reason)
            return reason;
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) &&
            image->header.e_entry >= segment->p_vaddr &&
            image->header.e_entry - segment->p_vaddr < segment->p_filesz)
            entry_in_code = true;
    }
    if (!entry_in_code)
        return must_format("the entry point 0x%llx is not in its code; is _start missing?",
                           (unsigned long long)image->header.e_entry);
    return NULL;
}

/* Notes and their parts are padded to 4 bytes. */
static uint64_t padded(uint32_t size) {
    return ((uint64_t)size + 3) & ~(uint64_t)3;
}

static void collect_notes(struct image *image, const unsigned char *bytes,
                          uint64_t length) {
    Elf64_Nhdr note;

    while (length >= sizeof note) {
        uint64_t name, all;

        memcpy(&note, bytes, sizeof note);
        name = padded(note.n_namesz);
        all = sizeof note + name + padded(note.n_descsz);
        if (all > length)
            return;
        if (note.n_namesz == 4 && memcmp(bytes + sizeof note, "Xen", 4) == 0 &&
            note.n_type <= NOTE_LOADER)
            image->notes[note.n_type] = true;
        bytes += all;
        length -= all;
    }
}

static char *check_notes(struct image *image) {
    for (int i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &image->segments[i];
        unsigned char *bytes;

        if (segment->p_type != PT_NOTE || segment->p_filesz == 0)
            continue;
        if (segment->p_filesz > MAX_NOTES)
            return must_copy("damaged notes");
        bytes = must_resize(NULL, segment->p_filesz, 1);
        if (!read_at(image, bytes, segment->p_filesz, segment->p_offset)) {
            free(bytes);
            return must_copy("damaged notes; the file is truncated");
        }
        collect_notes(image, bytes, segment->p_filesz);
        free(bytes);
    }
    if (!image->notes[NOTE_ENTRY] || !image->notes[NOTE_XEN_VERSION] ||
        !image->notes[NOTE_LOADER])
        return must_copy("has no Xen notes, so Xen cannot start it; "
                         "was it linked by atman-cc?");
    return NULL;
}

static char *open_header(struct image *image) {
    struct stat st;

    if (fstat(image->fd, &st) < 0)
        return must_copy(strerror(errno));
    if (S_ISDIR(st.st_mode))
        return must_copy(strerror(EISDIR));
    if (!S_ISREG(st.st_mode))
        return must_copy("not a regular file");
    image->size = (uint64_t)st.st_size;
    return check_header(image);
}

static char *check(struct image *image, uint64_t unused) {
    char *reason = open_header(image);

    (void)unused;
    if (!reason)
        reason = check_segments(image);
    if (!reason)
        reason = check_notes(image);
    return reason;
}

static char *set_stack_size(struct image *image, uint64_t bytes) {
    char *reason = open_header(image);

    if (reason)
        return reason;
    for (int i = 0; i < image->header.e_phnum; i++) {
        uint64_t at = image->header.e_phoff + (uint64_t)i * sizeof(Elf64_Phdr) +
                      offsetof(Elf64_Phdr, p_memsz);

        if (image->segments[i].p_type != PT_GNU_STACK)
            continue;
        if (pwrite(image->fd, &bytes, sizeof bytes, (off_t)at) != sizeof bytes)
            return must_copy(strerror(errno));
        return NULL;
    }
    return must_copy("the linker script has no PT_GNU_STACK to hold the stack's size");
}

static bool read_section(const struct image *image, unsigned i, Elf64_Shdr *section) {
    return read_at(image, section, sizeof *section,
                   image->header.e_shoff + i * (uint64_t)sizeof *section);
}

/* The reason why there is no section of the name that is at the address `name`. */
static char *find_section(struct image *image, uint64_t name) {
    const char *wanted = (const char *)(uintptr_t)name;
    size_t size = strlen(wanted) + 1;
    Elf64_Shdr names, section;
    char found[64], *reason = open_header(image);

    if (reason)
        return reason;
    if (!read_section(image, image->header.e_shstrndx, &names) || size > sizeof found)
        return must_copy("no sections");
    for (unsigned i = 0; i < image->header.e_shnum; i++)
        if (read_section(image, i, &section) &&
            read_at(image, found, size, names.sh_offset + section.sh_name) &&
            memcmp(found, wanted, size) == 0)
            return NULL;
    return must_copy("no such section");
}

/* Opens the file and runs work on it. */
static char *with_image(const char *path, int flags, uint64_t argument,
                        char *(*work)(struct image *, uint64_t)) {
    struct image *image;
    char *reason;

    image = must_resize(NULL, 1, sizeof *image);
    memset(image, 0, sizeof *image);
    image->fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
    if (image->fd < 0) {
        reason = must_copy(strerror(errno));
    } else {
        reason = work(image, argument);
        if (close(image->fd) < 0 && !reason)
            reason = must_copy(strerror(errno));
    }
    free(image);
    return reason;
}

char *image_check(const char *path) {
    return with_image(path, O_RDONLY, 0, check);
}

char *image_set_stack_size(const char *path, uint64_t bytes) {
    return with_image(path, O_RDWR, bytes, set_stack_size);
}

bool image_has_section(const char *path, const char *name) {
    char *reason = with_image(path, O_RDONLY, (uintptr_t)name, find_section);

    free(reason);
    return !reason;
}
