/* SPDX-License-Identifier: MIT */
/*
 * The objects of a link: see inputs.h. lld itself says which members of archives it took,
 * by --why-extract, so libraries are not searched for a second time, but for those which
 * are taken whole.
 */
#include "inputs.h"

#include "foreign.h"
#include "memory.h"
#include "options.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temporary_folder(void) {
    const char *folder = getenv("TMPDIR");

    return folder && *folder ? folder : "/tmp";
}

/* clang's own object between the two steps of one run: in the folder for temporary files,
 * under NAME-xxxxxx.o. One that was assembled has no mark. */
static bool is_temporary(const char *path) {
    const char *folder = temporary_folder(), *name = strrchr(path, '/');
    size_t length = strlen(path);

    if (!name || (size_t)(name - path) != strlen(folder) ||
        strncmp(path, folder, (size_t)(name - path)) != 0)
        return false;
    return length > 9 && path[length - 9] == '-' && strcmp(path + length - 2, ".o") == 0 &&
           strspn(path + length - 8, "0123456789abcdef") == 6;
}

/* Is the file below the toolchain's folder, by whatever name? */
static bool is_ours(const char *path, const char *root) {
    char *real = realpath(path, NULL);
    size_t length = strlen(root);
    bool ours = real && strncmp(real, root, length) == 0 && real[length] == '/';

    free(real);
    return ours;
}

static size_t look(const char *path, const char *member, const char *root) {
    if (is_ours(path, root) || is_temporary(path))
        return 0;
    return foreign_file(path, member);
}

/* The archive that -lNAME finds, or NULL; the caller frees it. */
static char *find_library(const struct argv *line, const char *name) {
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_LINKER, line, &i, &option);) {
        const char *folder = option_value(&option, "-L");
        char *path;

        if (!folder)
            continue;
        path = name[0] == ':' ? must_format("%s/%s", folder, name + 1)
                              : must_format("%s/lib%s.a", folder, name);
        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static bool is_archive(const char *path) {
    const char *end = strrchr(path, '.');

    return end && strcmp(end, ".a") == 0;
}

static size_t look_at_library(const struct argv *line, const char *name, const char *root) {
    char *path = find_library(line, name);
    size_t found = path ? look(path, NULL, root) : 0;

    free(path);
    return found;
}

bool inputs_on_line(const struct link_plan *plan, const char *root) {
    struct option option;
    bool whole = false;
    size_t found = 0;

    for (size_t i = 0; option_next(OPTIONS_LINKER, &plan->words, &i, &option);) {
        const char *word = option.word, *library = option_value(&option, "-l");

        if (strcmp(word, "--whole-archive") == 0 || strcmp(word, "-whole-archive") == 0)
            whole = true;
        else if (strcmp(word, "--no-whole-archive") == 0 ||
                 strcmp(word, "-no-whole-archive") == 0)
            whole = false;
        else if (word[0] != '-' && (whole || !is_archive(word)))
            found += look(word, NULL, root);
        else if (whole && library)
            found += look_at_library(&plan->words, library, root);
    }
    return found == 0;
}

/* One of lld's lines: who asked, what was taken (FILE, or ARCHIVE(MEMBER)), for which
 * symbol; with tabs between. */
static size_t look_at_taken(char *line, const char *root) {
    char *taken = strchr(line, '\t'), *end, *member;

    if (!taken)
        return 0;
    taken++;
    end = strchr(taken, '\t');
    if (!end)
        return 0;
    *end = '\0';
    member = end > taken && end[-1] == ')' ? strrchr(taken, '(') : NULL;
    if (member) {
        end[-1] = '\0';
        *member++ = '\0';
    }
    return look(taken, member, root);
}

void inputs_prepare(struct link_plan *plan) {
    char *path;
    int fd;

    if (plan->why_extract)
        return;
    /* Not an anonymous file: lld writes another beside it, and renames that. */
    path = must_format("%s/atman-link-XXXXXX", temporary_folder());
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        free(path);
        return;
    }
    close(fd);
    plan->extracted = path;
}

static size_t look_at_all_taken(FILE *file, const char *root) {
    char *line = NULL;
    size_t room = 0, found = 0;
    bool first = true;

    while (getline(&line, &room, file) > 0) {
        if (!first)
            found += look_at_taken(line, root);
        first = false; /* the columns' names */
    }
    free(line);
    return found;
}

bool inputs_extracted(struct link_plan *plan, const char *root) {
    size_t found = 0;
    FILE *file;

    if (!plan->extracted)
        return true;
    file = fopen(plan->extracted, "re");
    unlink(plan->extracted);
    free(plan->extracted);
    plan->extracted = NULL;
    if (file) {
        found = look_at_all_taken(file, root);
        fclose(file);
    }
    return found == 0;
}
