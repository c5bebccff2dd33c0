/* SPDX-License-Identifier: MIT */
/*
 * Tests of files print what each call answered, and the guest's output is compared with
 * Linux's. They work in a folder of their own below /tmp that is gone afterwards. The names
 * of errors are those of this table, for libraries differ in their texts.
 */
#ifndef ATMAN_TESTS_SAY_H
#define ATMAN_TESTS_SAY_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline const char *error_name(int error) {
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {EPERM, "EPERM"},     {ENOENT, "ENOENT"},   {EINTR, "EINTR"},
        {EIO, "EIO"},         {ENXIO, "ENXIO"},     {E2BIG, "E2BIG"},
        {EBADF, "EBADF"},     {EAGAIN, "EAGAIN"},   {ENOMEM, "ENOMEM"},
        {EACCES, "EACCES"},   {EFAULT, "EFAULT"},   {EBUSY, "EBUSY"},
        {EEXIST, "EEXIST"},   {EXDEV, "EXDEV"},     {ENODEV, "ENODEV"},
        {ENOTDIR, "ENOTDIR"}, {EISDIR, "EISDIR"},   {EINVAL, "EINVAL"},
        {ENFILE, "ENFILE"},   {EMFILE, "EMFILE"},   {ENOTTY, "ENOTTY"},
        {EFBIG, "EFBIG"},     {ENOSPC, "ENOSPC"},   {ESPIPE, "ESPIPE"},
        {EROFS, "EROFS"},     {EMLINK, "EMLINK"},   {EPIPE, "EPIPE"},
        {ERANGE, "ERANGE"},   {ENOSYS, "ENOSYS"},   {ENAMETOOLONG, "ENAMETOOLONG"},
        {ELOOP, "ELOOP"},     {ENODATA, "ENODATA"}, {ENOTEMPTY, "ENOTEMPTY"},
        {ESTALE, "ESTALE"},   {EDQUOT, "EDQUOT"},   {EOVERFLOW, "EOVERFLOW"},
        {EDEADLK, "EDEADLK"}, {ETXTBSY, "ETXTBSY"}, {EOPNOTSUPP, "EOPNOTSUPP"},
    };
    static char other[16];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == error)
            return names[i].name;
    snprintf(other, sizeof other, "E%d", error);
    return other;
}

static inline long said(const char *text, long result) {
    int error = errno;

    if (result == -1)
        printf("%s: %s\n", text, error_name(error));
    else
        printf("%s = %ld\n", text, result);
    fflush(stdout); /* it may crash next */
    return result;
}

static inline int said_open(const char *text, int fd) {
    said(text, fd < 0 ? -1 : 0);
    return fd;
}

/* Prints the call and its result; -1 as errno's name. */
#define SAY(call) (errno = 0, said(#call, (long)(call)))
/* The same for one that returns a descriptor, whose number does not matter. */
#define SAY_OPEN(call) (errno = 0, said_open(#call, (int)(call)))
#define SAY_CLOSE(call) close(SAY_OPEN(call))

/* Numbers as arguments of syscall. */
#define CALL(number, ...) syscall(SYS_##number, __VA_ARGS__)

#ifndef SYS_close_range
#    define SYS_close_range 436
#endif
#ifndef SYS_faccessat2
#    define SYS_faccessat2 439
#endif

static char place_path[64];

/* A folder of the test's own becomes the working folder: two below one that is its own,
 * too, so that ".." can be tried. */
static inline void place_make(void) {
    umask(022);
    strcpy(place_path, "/tmp/atman-files-XXXXXX");
    if (!mkdtemp(place_path) || chdir(place_path) || mkdir("w", 0755) || chdir("w")) {
        printf("no place: %s\n", error_name(errno));
        exit(3);
    }
}

static inline int place_remove_one(const char *path, const struct stat *stat, int kind,
                                   struct FTW *where) {
    (void)stat;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void place_clear(const char *path) {
    nftw(path, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The working folder, empty again. */
static inline void place_renew(void) {
    if (chdir(".."))
        exit(3);
    place_clear("w");
    if (mkdir("w", 0755) || chdir("w"))
        exit(3);
}

static inline int place_end(void) {
    if (chdir("/"))
        return 1;
    place_clear(place_path);
    return access(place_path, F_OK) != -1;
}

/* A file with that text. */
static inline void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        printf("%s: cannot be written: %s\n", path, error_name(errno));
    close(fd);
}

/* What is in the file, printed after its path. */
static inline void say_text(const char *path) {
    char text[201];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (n < 0)
        printf("%s: %s\n", path, error_name(errno));
    else
        printf("%s: \"%.*s\"\n", path, (int)n, text);
    close(fd);
}

static inline void say_fd_stat(const char *text, int fd) {
    struct stat s;

    if (fstat(fd, &s))
        printf("%s: %s\n", text, error_name(errno));
    else
        printf("%s: mode %o links %lu size %ld\n", text, s.st_mode, (long)s.st_nlink,
               S_ISDIR(s.st_mode) ? 0 : (long)s.st_size);
}

#endif
