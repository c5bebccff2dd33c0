/* SPDX-License-Identifier: MIT */
/*
 * Response files: see argfile.h. The quoting must agree with clang's and lld's own reader,
 * because argfile_pack() writes what they read.
 */
#include "argfile.h"

#include "memory.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SAFE_BYTES = 96 * 1024, /* far below every limit on arguments and environment */
    MAX_DEPTH = 64          /* nested response files; more is a mistake */
};

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Reads one word at text[*at], which is no white space, into word; moves *at past it. */
static void split_word(const char *text, size_t length, size_t *at, char *word) {
    size_t i = *at, used = 0;
    char quote = 0;

    for (; i < length && (quote || !is_space(text[i])); i++) {
        if (text[i] == '\\' && i + 1 < length)
            word[used++] = text[++i];
        else if (quote ? text[i] == quote : text[i] == '\'' || text[i] == '"')
            quote = quote ? 0 : text[i];
        else
            word[used++] = text[i];
    }
    word[used] = '\0';
    *at = i;
}

void argfile_split(const char *text, size_t length, struct argv *list) {
    char *word;
    size_t i = 0;

    length = strnlen(text, length);
    word = must_resize(NULL, length + 1, 1);
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        i = 3; /* a byte order mark, as editors on other systems write it */
    for (;;) {
        while (i < length && is_space(text[i]))
            i++;
        if (i >= length)
            break;
        split_word(text, length, &i, word);
        argv_push(list, word);
    }
    free(word);
}

/* A file that is being expanded, and the files around it. */
struct open_file {
    dev_t dev;
    ino_t ino;
    int depth;
    const struct open_file *outer;
};

static int expand(char *const *words, const struct open_file *outer, struct argv *list);

static int read_file(int fd, char **text, size_t *length) {
    size_t room = 1 << 16;
    char *buffer = must_resize(NULL, room, 1);

    *length = 0;
    for (;;) {
        ssize_t n = read(fd, buffer + *length, room - *length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int error = errno;

            free(buffer);
            return -error;
        }
        if (n == 0)
            break;
        *length += (size_t)n;
        if (*length == room) {
            room *= 2;
            buffer = must_resize(buffer, room, 1);
        }
    }
    *text = buffer;
    return 0;
}

/* Expands the open file fd, which the word @FILE named. */
static int expand_file(const char *word, int fd, const struct open_file *outer,
                       struct argv *list) {
    struct open_file here = {.depth = outer ? outer->depth + 1 : 1, .outer = outer};
    struct argv inner = ARGV_EMPTY;
    struct stat st;
    size_t length;
    char *text = NULL;
    int error;

    if (fstat(fd, &st) < 0)
        return -errno;
    here.dev = st.st_dev;
    here.ino = st.st_ino;
    for (const struct open_file *f = outer; f; f = f->outer)
        if ((f->dev == here.dev && f->ino == here.ino) || here.depth > MAX_DEPTH) {
            message(word, "includes itself");
            return -ELOOP;
        }
    error = read_file(fd, &text, &length);
    if (error) {
        message(word + 1, "%s", strerror(-error));
        return error;
    }
    argfile_split(text, length, &inner);
    free(text);
    error = expand(inner.words, &here, list);
    argv_free(&inner);
    return error;
}

static int expand(char *const *words, const struct open_file *outer, struct argv *list) {
    for (; words && *words; words++) {
        int fd = -1, error;

        if ((*words)[0] == '@')
            fd = open(*words + 1, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            argv_push(list, *words);
            continue;
        }
        error = expand_file(*words, fd, outer, list);
        close(fd);
        if (error)
            return error;
    }
    return 0;
}

int argfile_expand(char *const *words, struct argv *list) {
    return expand(words, NULL, list);
}

/* Writes the words so that argfile_split() and LLVM's reader give them back. */
static void write_words(FILE *file, char *const *words) {
    for (; *words; words++) {
        putc('"', file);
        for (const char *c = *words; *c; c++) {
            if (*c == '"' || *c == '\\')
                putc('\\', file);
            putc(*c, file);
        }
        fputs("\"\n", file);
    }
}

int argfile_pack(struct argv *command) {
    struct argv packed = ARGV_EMPTY;
    int fd, inherited;
    bool failed;
    FILE *file;

    if (command->count < 2 || argv_bytes(command) <= SAFE_BYTES)
        return 0;
    /* Not close-on-exec: the started program opens it through /proc/self/fd. */
    inherited = memfd_create("arguments", 0);
    fd = inherited < 0 ? -1 : dup(inherited);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return -errno;
    write_words(file, command->words + 1);
    failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed)
        return -ENOSPC;
    argv_push(&packed, command->words[0]);
    argv_pushf(&packed, "@/proc/self/fd/%d", inherited);
    argv_free(command);
    *command = packed;
    return 0;
}
