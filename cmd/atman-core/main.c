/* SPDX-License-Identifier: MIT */
/*
 * atman-core [-o FILE] CORE: makes of a domain's core, which `xl dump-core` has written,
 * one that debuggers read.
 */
#include "elfcore.h"
#include "install.h"
#include "memory.h"
#include "message.h"
#include "xencore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: atman-core [-o FILE] CORE\n"
    "Makes a core file for gdb or lldb of one that `xl dump-core` has written, and\n"
    "prints the command that shows it.\n"
    "  -o FILE       the file to write (default: CORE.elf)\n"
    "  -h, --help    this text\n"
    "      --version the version\n"
    "Manual: man atman-core\n";

struct input {
    void *bytes;
    size_t size;
    struct stat file;
};

/* Maps a file; an empty one, and what is no file, is none of Xen's cores. */
static bool open_input(struct input *input, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *wrong = NULL;

    input->bytes = MAP_FAILED;
    if (fd < 0 || fstat(fd, &input->file) < 0) {
        wrong = strerror(errno);
    } else if (!S_ISREG(input->file.st_mode) || input->file.st_size <= 0) {
        wrong = S_ISREG(input->file.st_mode) ? "empty" : "not a file";
    } else {
        input->size = (size_t)input->file.st_size;
        input->bytes = mmap(NULL, input->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (input->bytes == MAP_FAILED)
            wrong = strerror(errno);
    }
    if (fd >= 0)
        close(fd);
    if (wrong)
        message(path, "%s", wrong);
    return !wrong;
}

/* Writes the file, which is removed again if that fails. What is there is replaced, but not
 * what is read. */
static bool write_file(const struct xencore *core, const struct input *input,
                       const char *path, const char *name) {
    struct stat there;
    const char *wrong;
    FILE *out;

    if (stat(path, &there) == 0 && there.st_dev == input->file.st_dev &&
        there.st_ino == input->file.st_ino) {
        message(path, "is the core itself; -o names another file");
        return false;
    }
    out = fopen(path, "we");
    if (!out) {
        message(path, "%s", strerror(errno));
        return false;
    }
    wrong = elfcore_write(out, core);
    if (fclose(out) != 0 && !wrong)
        wrong = "";
    if (!wrong)
        return true;
    if (*wrong)
        message(name, "%s", wrong);
    else
        message(path, "%s", errno ? strerror(errno) : "cannot be written");
    unlink(path);
    return false;
}

static bool print_command(const char *path) {
    char *root = install_root(INSTALL_BIN);
    char *script = root ? install_path(root, "share/atman/atman-gdb.py") : NULL;

    if (script && access(script, R_OK) == 0)
        printf("gdb -x %s KERNEL %s\n", script, path);
    else
        printf("gdb KERNEL %s\n", path);
    free(script);
    free(root);
    return fflush(stdout) == 0;
}

static int convert(const char *name, const char *wanted) {
    char *path = wanted ? must_copy(wanted) : must_format("%s.elf", name);
    struct xencore core = {0};
    struct input input;
    bool ok = open_input(&input, name);

    if (ok) {
        const char *wrong = xencore_read(&core, input.bytes, input.size);

        if (wrong)
            message(name, "%s", wrong);
        ok = !wrong && write_file(&core, &input, path, name) && print_command(path);
        xencore_free(&core);
        munmap(input.bytes, input.size);
    }
    free(path);
    return ok ? 0 : 1;
}

static int say(const char *text) {
    return fputs(text, stdout) != EOF && fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    const char *core = NULL, *out = NULL;

    message_program("atman-core");
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];

        if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
            return say(help);
        if (strcmp(word, "--version") == 0)
            return say("atman-core " ATMAN_VERSION "\n");
        if (strcmp(word, "-o") == 0 && i + 1 < argc) {
            out = argv[++i];
        } else if (*word == '-' || core) {
            message(word, "%s; --help says more",
                    *word == '-' ? "no such option, or its value is missing"
                                 : "one core at a time");
            return 1;
        } else {
            core = word;
        }
    }
    if (core)
        return convert(core, out);
    message(NULL, "which core? usage: atman-core [-o FILE] CORE");
    return 1;
}
