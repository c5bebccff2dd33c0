/* SPDX-License-Identifier: MIT */
/*
 * Raw system calls: see rawcalls.h. The two bytes also turn up inside other instructions,
 * some four times in a megabyte, hence the disassembler; but most images are spared it.
 */
#include "rawcalls.h"

#include "argv.h"
#include "install.h"
#include "mapped.h"
#include "process.h"

#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char instruction[] = "\x0f\x05";

static unsigned long count_bytes(const unsigned char *bytes, size_t size) {
    const unsigned char *end = bytes + size;
    unsigned long count = 0;

    while ((bytes = memmem(bytes, (size_t)(end - bytes), instruction, 2))) {
        bytes += 2;
        count++;
    }
    return count;
}

/* The file is untrusted: what does not fit it is left out. */
static unsigned long count_in_code(const unsigned char *file, size_t size) {
    Elf64_Ehdr header;
    unsigned long count = 0;

    if (size < sizeof header || memcmp(file, ELFMAG, SELFMAG) != 0)
        return 0;
    memcpy(&header, file, sizeof header);
    for (unsigned i = 0; i < header.e_shnum; i++) {
        uint64_t at = header.e_shoff + (uint64_t)i * sizeof(Elf64_Shdr);
        Elf64_Shdr section;

        if (at < header.e_shoff || at > size || size - at < sizeof section)
            break;
        memcpy(&section, file + at, sizeof section);
        if (section.sh_type == SHT_PROGBITS && section.sh_flags & SHF_EXECINSTR &&
            section.sh_offset <= size && section.sh_size <= size - section.sh_offset)
            count += count_bytes(file + section.sh_offset, section.sh_size);
    }
    return count;
}

static unsigned long scan(const char *path) {
    struct mapped file = mapped_file(path);
    unsigned long count = count_in_code(file.at, file.size);

    mapped_end(file);
    return count;
}

/* Lines of a disassembly that are the instruction. */
static unsigned long count_lines(const char *text) {
    unsigned long count = 0;

    while ((text = strstr(text, "\tsyscall"))) {
        text += strlen("\tsyscall");
        count += *text == '\n' || *text == '\0' || *text == ' ';
    }
    return count;
}

/* False if there is no disassembler, or it failed. */
static bool disassemble(const char *path, unsigned long *count) {
    struct argv command = ARGV_EMPTY;
    char *tool = llvm_tool_find("llvm-objdump"), *text = NULL;
    int status = 0;
    bool good = false;

    if (!tool)
        return false;
    argv_push(&command, tool);
    argv_push(&command, "-d");
    argv_push(&command, "--no-show-raw-insn");
    argv_push(&command, "--no-leading-addr");
    argv_push(&command, path);
    if (process_capture(&command, &text, &status) == 0) {
        good = status == 0;
        if (good)
            *count = count_lines(text);
        free(text);
    }
    argv_free(&command);
    free(tool);
    return good;
}

struct rawcalls rawcalls_find(const char *path) {
    struct rawcalls found = {.count = scan(path), .certain = true};

    if (found.count > 1)
        found.certain = disassemble(path, &found.count);
    if (found.count)
        found.count--; /* the runtime's */
    return found;
}
