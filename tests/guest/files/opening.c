/* SPDX-License-Identifier: MIT */
/*
 * What open's flags do to the open file: reading and writing as the access mode says,
 * O_APPEND, O_TRUNC, TMPFILE, O_PATH, O_CLOEXEC; the rights of new files; the *at calls
 * with each kind of descriptor.
 */
// native:
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#include "files/sandbox.h"

enum { TMPFILE = O_TMPFILE }; /* whose text differs among libraries */

/* Everything that can be tried with a descriptor. */
static void try_descriptor(const char *name, int fd) {
    struct iovec part = {"ab", 2};
    char text[4] = "xyz";
    struct statfs statfs;
    struct stat stat;
    int n = 77;

    printf("-- %s\n", name);
    SAY(read(fd, text, 2));
    SAY(write(fd, "ab", 2));
    SAY(read(fd, text, 0));
    SAY(write(fd, "ab", 0));
    SAY(pread(fd, text, 2, 0));
    SAY(pwrite(fd, "ab", 2, 0));
    SAY(readv(fd, &part, 0));
    SAY(writev(fd, &part, 1));
    SAY(CALL(preadv2, (long)fd, &part, 0l, 0l, 0l, 0l));
    SAY(CALL(pwritev2, (long)fd, &part, 1l, 0l, 0l, 0l));
    SAY(lseek(fd, 0, SEEK_SET));
    SAY(fstat(fd, &stat));
    SAY(stat.st_mode);
    SAY(fstatfs(fd, &statfs));
    SAY(ftruncate(fd, 10));
    SAY(fallocate(fd, 0, 0, 10));
    SAY(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
    SAY(readahead(fd, 0, 10));
    SAY(fsync(fd));
    SAY(fdatasync(fd));
    SAY(CALL(fchmod, (long)fd, 0644l));
    SAY(CALL(fchown, (long)fd, 0l, 0l));
    SAY(futimens(fd, NULL));
    SAY(fchdir(fd));
    SAY(fcntl(fd, F_GETFD));
    SAY(fcntl(fd, F_GETFL));
    SAY(ioctl(fd, FIONREAD, &n));
    SAY(n);
    SAY(isatty(fd));
    SAY(CALL(getdents64, (long)fd, text, 1l));
    SAY(CALL(copy_file_range, (long)fd, 0l, (long)fd, 0l, 0l, 0l));
    SAY(CALL(sendfile, (long)fd, (long)fd, 0l, 0l));
    SAY(openat(fd, "file", O_RDONLY) >= 0);
    SAY(openat(fd, "", O_RDONLY));
    SAY(fstatat(fd, "", &stat, AT_EMPTY_PATH));
    SAY(fstatat(fd, "", &stat, 0));
    SAY(fstatat(fd, ".", &stat, 0));
    SAY(faccessat(fd, "file", R_OK, 0));
    SAY(CALL(faccessat2, (long)fd, "", (long)R_OK, (long)AT_EMPTY_PATH));
    SAY(mkdirat(fd, "file", 0755));
    SAY(unlinkat(fd, "none", 0));
    SAY(symlinkat("x", fd, "file"));
    SAY(readlinkat(fd, "to-file", text, 4));
    SAY(CALL(readlinkat, (long)fd, "", text, 4l));
    SAY(linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH));
    SAY(unlink("linked"));
    SAY(fchownat(fd, "", 0, 0, AT_EMPTY_PATH));
    SAY(fchmodat(fd, "file", 0644, 0));
    SAY(utimensat(fd, "file", NULL, 0));
    SAY(renameat(fd, "none", fd, "none2"));
    SAY(mknodat(fd, "file", S_IFREG | 0600, 0));
    int copy = dup(fd);
    SAY(copy >= 0);
    SAY(close(copy));
    SAY(close(fd));
    SAY(close(fd));
}

static void try_kinds(void) {
    try_descriptor("read", open("file", O_RDONLY));
    try_descriptor("write", open("file", O_WRONLY));
    try_descriptor("both", open("file", O_RDWR));
    try_descriptor("3", open("file", 3));
    try_descriptor("append", open("file", O_RDWR | O_APPEND));
    try_descriptor("directory", open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    try_descriptor("path of a file", open("file", O_PATH));
    try_descriptor("path of a folder", open(".", O_PATH | O_CLOEXEC));
    try_descriptor("path of a link", open("to-file", O_PATH | O_NOFOLLOW));
    try_descriptor("path of a fifo", open("fifo", O_PATH));
    try_descriptor("temporary", open(".", TMPFILE | O_RDWR, 0600));
    try_descriptor("closed", 99);
    try_descriptor("-1", -1);
}

static void try_append(void) {
    int a = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600), b = open("log", O_RDWR);

    SAY(write(a, "one ", 4));
    SAY(write(b, "ONE ", 4));
    SAY(write(a, "two ", 4));
    SAY(lseek(a, 0, SEEK_CUR));
    SAY(lseek(a, 1, SEEK_SET));
    SAY(write(a, "three ", 6));
    SAY(lseek(a, 0, SEEK_CUR));
    SAY(pwrite(a, "four ", 5, 0)); /* Linux: at the end all the same */
    SAY(lseek(a, 0, SEEK_CUR));
    say_text("log");
    SAY(fcntl(a, F_SETFL, 0));
    SAY(pwrite(a, "ZERO", 4, 0));
    SAY(fcntl(b, F_SETFL, O_APPEND));
    SAY(fcntl(b, F_GETFL));
    SAY(write(b, "end", 3));
    say_text("log");
    SAY(fcntl(b, F_SETFL, O_WRONLY | O_CREAT | O_TRUNC | O_EXCL)); /* none of which can */
    SAY(fcntl(b, F_GETFL));
    SAY_CLOSE(open("log", O_RDONLY | O_TRUNC));
    say_fd_stat("log", b);
    SAY(read(b, &(char){0}, 1));
    close(a);
    close(b);
}

static void try_temporary(void) {
    char name[64];
    int fd = SAY_OPEN(open(".", TMPFILE | O_RDWR, 0640));

    say_fd_stat("temporary", fd);
    SAY(fcntl(fd, F_GETFL));
    SAY(write(fd, "hidden", 6));
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    SAY(linkat(fd, "", AT_FDCWD, "shown", AT_EMPTY_PATH));
    say_text("shown");
    say_fd_stat("shown", fd);
    SAY(linkat(fd, "", AT_FDCWD, "shown", AT_EMPTY_PATH));
    SAY(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
    SAY(unlink("shown"));
    SAY(unlink("again"));
    say_fd_stat("gone", fd);
    SAY(linkat(fd, "", AT_FDCWD, "back", AT_EMPTY_PATH));
    unlink("back");
    close(fd);
    fd = SAY_OPEN(open("dir", TMPFILE | O_WRONLY | O_EXCL, 0777));
    say_fd_stat("exclusive", fd);
    SAY(linkat(fd, "", AT_FDCWD, "shown", AT_EMPTY_PATH));
    close(fd);
    SAY_CLOSE(open("file", TMPFILE | O_RDWR, 0600));
    SAY_CLOSE(open("to-dir", TMPFILE | O_RDWR, 0600));
    SAY_CLOSE(open("none", TMPFILE | O_RDWR, 0600));
    SAY_CLOSE(open("dir", TMPFILE, 0600));
    SAY_CLOSE(open("dir", (TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600));
    SAY_CLOSE(open("dir", TMPFILE | O_CREAT | O_RDWR, 0600));
    SAY_CLOSE(open("none", TMPFILE | O_CREAT | O_RDWR, 0600));
}

static void try_modes(void) {
    static const unsigned masks[] = {0, 022, 077, 0777, 07777, 0123};

    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct stat s;
        umask(masks[i]);
        SAY(umask(masks[i]));
        int fd = open("new", O_RDWR | O_CREAT | O_EXCL, 07777);
        fstat(fd, &s);
        SAY(write(fd, "x", 1));
        printf("open: %o\n", s.st_mode);
        close(fd);
        fd = creat("new2", 0666);
        fstat(fd, &s);
        printf("creat: %o\n", s.st_mode);
        close(fd);
        mkdir("newd", 07777);
        stat("newd", &s);
        printf("mkdir: %o\n", s.st_mode);
        mkfifo("newf", 07777);
        stat("newf", &s);
        printf("mkfifo: %o\n", s.st_mode);
        symlink("x", "newl") ? said("symlink", -1) : 0;
        lstat("newl", &s);
        printf("symlink: %o\n", s.st_mode);
        unlink("new");
        unlink("new2");
        rmdir("newd");
        unlink("newf");
        unlink("newl");
    }
    umask(022);
    /* what is created without the right to write can be written by who made it */
    int fd = SAY_OPEN(open("sealed", O_RDWR | O_CREAT, 0));
    SAY(write(fd, "text", 4));
    close(fd);
    SAY_CLOSE(open("sealed", O_RDWR | O_CREAT | O_EXCL, 0));
    unlink("sealed");
}

static void try_numbers(void) {
    int a = open("file", O_RDONLY);

    SAY(open("file", O_RDONLY) == a + 1);
    SAY(open("file", O_RDONLY) == a + 2);
    close(a + 1);
    SAY(open("file", O_RDONLY | O_CLOEXEC) == a + 1);
    SAY(fcntl(a + 1, F_GETFD));
    SAY(fcntl(a, F_GETFD));
    SAY(openat(AT_FDCWD, "dir", O_RDONLY) == a + 3);
    SAY_CLOSE(openat(a + 3, "inner", O_RDONLY));
    SAY_CLOSE(openat(a + 3, "../file", O_RDONLY));
    SAY_CLOSE(openat(a + 3, "/tmp", O_RDONLY));
    SAY_CLOSE(openat(99, "/tmp", O_RDONLY));
    SAY_CLOSE(openat(99, "tmp", O_RDONLY));
    SAY_CLOSE(openat(99, "", O_RDONLY));
    SAY_CLOSE(openat(a, "tmp", O_RDONLY));
    SAY_CLOSE(openat(a, "", O_RDONLY));
    SAY_CLOSE(openat(a, "/tmp", O_RDONLY));
    SAY_CLOSE(openat(a, ".", O_RDONLY));
    SAY(rename("dir", "moved"));
    SAY_CLOSE(openat(a + 3, "inner", O_RDONLY));
    SAY_CLOSE(openat(a + 3, "sub/../../moved/inner", O_RDONLY));
    for (int i = 0; i < 4; i++)
        close(a + i);
}

int main(void) {
    place_make();
    tree_make();
    try_kinds();
    try_append();
    try_temporary();
    try_modes();
    try_numbers();
    return place_end();
}
