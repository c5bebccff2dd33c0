/* SPDX-License-Identifier: MIT */
/*
 * Checking images: a good one built here byte by byte, then the same with one thing wrong,
 * cut off anywhere, and with random bytes (the file is untrusted).
 */
#include "image.h"
#include "memory.h"
#include "test.h"

#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

enum { NOTES = 3, SEGMENTS = 4 };

struct note {
    Elf64_Nhdr header;
    char owner[4];
    char value[8];
};

/* A whole image: headers, then notes. Text is said to be the whole file. */
struct file {
    Elf64_Ehdr header;
    Elf64_Phdr text, data, notes_segment, stack;
    struct note notes[NOTES];
};

static struct file good_file(void) {
    struct file file = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                               1},
                   .e_type = ET_EXEC,
                   .e_machine = EM_X86_64,
                   .e_entry = 0x400040,
                   .e_phoff = offsetof(struct file, text),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = SEGMENTS},
        .text = {PT_LOAD, PF_R | PF_X, 0, 0x400000, 0x400000, sizeof(struct file),
                 sizeof(struct file), 4096},
        .data = {PT_LOAD, PF_R | PF_W, 0, 0x600000, 0x600000, 16, 65536, 4096},
        .notes_segment = {PT_NOTE, PF_R, offsetof(struct file, notes), 0, 0,
                          NOTES * sizeof(struct note), NOTES * sizeof(struct note), 4},
        .stack = {.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W},
        .notes = {{{4, 8, 1}, "Xen", "entry..."},
                  {{4, 8, 5}, "Xen", "xen-3.0"},
                  {{4, 8, 8}, "Xen", "generic"}},
    };
    return file;
}

static char path[] = "/tmp/atman-image-XXXXXX";

static void write_file(const void *bytes, size_t length) {
    FILE *file;

    if (path[sizeof path - 2] == 'X')
        close(mkstemp(path));
    file = fopen(path, "w");
    fwrite(bytes, 1, length, file);
    fclose(file);
}

/* The reason must contain `wanted`; NULL: the file must pass. */
static void check_file(const struct file *file, const char *wanted) {
    char *reason;

    write_file(file, sizeof *file);
    reason = image_check(path);
    if (!wanted || !reason)
        CHECK_TEXT(reason, wanted);
    else if (!strstr(reason, wanted))
        CHECK_TEXT(reason, wanted);
    else
        CHECK(!strchr(reason, '\n'));
    free(reason);
}

TEST(good) {
    struct file file = good_file();

    check_file(&file, NULL);
}

TEST(header) {
    struct file file = good_file();

    file.header.e_type = ET_DYN;
    check_file(&file, "position-independent");
    file.header.e_type = ET_REL;
    check_file(&file, "object file");
    file = good_file();
    file.header.e_machine = EM_AARCH64;
    check_file(&file, "not a 64-bit x86");
    file = good_file();
    file.header.e_ident[EI_CLASS] = ELFCLASS32;
    check_file(&file, "not a 64-bit x86");
    file = good_file();
    file.header.e_ident[0] = '#';
    check_file(&file, "not an ELF file");
    file = good_file();
    file.header.e_phoff = ~0ull - 8;
    check_file(&file, "damaged program headers");
    file = good_file();
    file.header.e_phnum = 0xffff;
    check_file(&file, "damaged program headers");
}

TEST(segments) {
    struct file file = good_file();

    file.data.p_flags |= PF_X;
    check_file(&file, "both writable and executable");
    file = good_file();
    file.stack.p_flags |= PF_X;
    check_file(&file, "the stack");
    file = good_file();
    file.data.p_type = PT_INTERP;
    check_file(&file, "dynamic loader");
    file = good_file();
    file.data.p_type = PT_DYNAMIC;
    check_file(&file, "dynamic loader");
    file = good_file();
    file.data.p_vaddr = 0;
    check_file(&file, "page 0");
    file = good_file();
    file.data.p_filesz = 1 << 20;
    check_file(&file, "does not fit");
    file = good_file();
    file.data.p_vaddr = ~0ull - 100;
    check_file(&file, "does not fit");
    file = good_file();
    file.header.e_entry = 0x600000;
    check_file(&file, "entry point 0x600000");
    file = good_file();
    file.header.e_entry = 0;
    check_file(&file, "_start");
}

TEST(notes) {
    struct file file = good_file();

    for (int i = 0; i < NOTES; i++) {
        file = good_file();
        file.notes[i].header.n_type = 99;
        check_file(&file, "no Xen notes");
        file = good_file();
        file.notes[i].owner[0] = 'x';
        check_file(&file, "no Xen notes");
    }
    file = good_file();
    file.notes[0].header.n_descsz = ~0u;
    check_file(&file, "no Xen notes");
    file = good_file();
    file.notes_segment.p_filesz = ~0ull;
    check_file(&file, "damaged notes");
    file = good_file();
    file.notes_segment.p_type = PT_NULL;
    check_file(&file, "no Xen notes");
}

TEST(cut_off_anywhere) {
    struct file file = good_file();

    for (size_t length = 0; length < sizeof file; length++) {
        char *reason;

        write_file(&file, length);
        reason = image_check(path);
        CHECK(reason != NULL);
        free(reason);
    }
}

TEST(random_bytes_do_no_harm) {
    unsigned seed = 1;

    for (int round = 0; round < 3000; round++) {
        struct file file = good_file();

        for (int i = 0; i < 8; i++)
            ((unsigned char *)&file)[(unsigned)rand_r(&seed) % sizeof file] =
                (unsigned char)rand_r(&seed);
        write_file(&file, sizeof file);
        free(image_check(path));
    }
    CHECK(seed != 1);
}

TEST(not_files) {
    char *reason = image_check("/nonexistent/image");

    CHECK_TEXT(reason, "No such file or directory");
    free(reason);
    reason = image_check("/tmp");
    CHECK_TEXT(reason, "Is a directory");
    free(reason);
    reason = image_check("/dev/null");
    CHECK_TEXT(reason, "not a regular file");
    free(reason);
}

TEST(stack_size) {
    struct file file = good_file(), again;
    FILE *stream;
    char *reason;

    write_file(&file, sizeof file);
    CHECK_TEXT(image_set_stack_size(path, 1 << 20), NULL);
    stream = fopen(path, "r");
    CHECK_EQ(fread(&again, sizeof again, 1, stream), 1);
    fclose(stream);
    CHECK_EQ(again.stack.p_memsz, 1 << 20);
    again.stack.p_memsz = 0;
    CHECK(memcmp(&again, &file, sizeof file) == 0);
    file.stack.p_type = PT_NULL;
    write_file(&file, sizeof file);
    reason = image_set_stack_size(path, 1 << 20);
    CHECK(reason && strstr(reason, "PT_GNU_STACK"));
    free(reason);
    unlink(path);
}
