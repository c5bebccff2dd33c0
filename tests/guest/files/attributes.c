/* SPDX-License-Identifier: MIT */
/*
 * What stat and statx tell, and what changes it: modes, owners, times; access; statfs.
 * Times are compared with one another, never printed.
 */
// native:
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

#include "files/sandbox.h"

static struct stat s;

static void look(const char *path) {
    if (lstat(path, &s))
        said(path, -1);
}

/* Lets the clock of files, which may be coarse, go on. */
static void pass(void) {
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
}

static int is_later(struct timespec a, struct timespec b) {
    return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* Prints which times of the path a call has moved on. */
#define MOVES(path, call)                                                                  \
    do {                                                                                   \
        struct stat was_;                                                                  \
        stat(path, &was_);                                                                 \
        pass();                                                                            \
        SAY(call);                                                                         \
        stat(path, &s);                                                                    \
        printf("    %s:%s%s%s\n", path, is_later(s.st_atim, was_.st_atim) ? " atime" : "", \
               is_later(s.st_mtim, was_.st_mtim) ? " mtime" : "",                          \
               is_later(s.st_ctim, was_.st_ctim) ? " ctime" : "");                         \
    } while (0)

static void try_moves(void) {
    int fd = open("file", O_RDWR);
    char text[4];

    MOVES("file", write(fd, "x", 1));
    MOVES("file", write(fd, "x", 0));
    MOVES("file", pwrite(fd, "x", 1, 100));
    MOVES("file", pread(fd, text, 1, 0)); /* relatime: after a change */
    MOVES("file", ftruncate(fd, 10));
    MOVES("file", ftruncate(fd, 10));
    MOVES("file", truncate("file", 10));
    MOVES("file", fallocate(fd, 0, 0, 100));
    MOVES("file", fchmod(fd, 0600));
    MOVES("file", chmod("file", 0600));
    MOVES("file", chown("file", 0, 0));
    MOVES("file", chown("file", -1, -1));
    MOVES("file", link("file", "file2"));
    MOVES("file", rename("file2", "file3"));
    MOVES("file", unlink("file3"));
    MOVES("file", CALL(utimensat, -100l, "file", 0l, 0l));
    MOVES("file", fsync(fd));
    MOVES("file", close(open("file", O_RDONLY)));
    MOVES("file", close(open("file", O_RDWR | O_CREAT, 0777)));
    MOVES("file", close(open("file", O_RDWR | O_TRUNC)));
    MOVES("file", close(open("file", O_RDWR | O_TRUNC)));
    MOVES("dir", mkdir("dir/d", 0700));
    MOVES("dir", rmdir("dir/d"));
    MOVES("dir", close(open("dir/f", O_RDWR | O_CREAT, 0700)));
    MOVES("dir", close(open("dir/f", O_RDWR | O_CREAT, 0700)));
    MOVES("dir", chmod("dir/f", 0600));
    MOVES("dir", rename("dir/f", "dir/g"));
    MOVES("dir", rename("dir/g", "empty/g"));
    MOVES("empty", rename("empty/g", "dir/g"));
    MOVES("dir", link("dir/g", "dir/h"));
    MOVES("dir", symlink("dir/g", "dir/l"));
    MOVES("dir", unlink("dir/l"));
    MOVES("dir", access("dir", R_OK));
    MOVES("dir", chdir("."));
    MOVES("dir/sub", rename("dir/sub", "dir/sub"));
    close(fd);
}

static void say_times(const char *path) {
    look(path);
    printf("    %s: %ld.%09ld %ld.%09ld\n", path, (long)s.st_atim.tv_sec, s.st_atim.tv_nsec,
           (long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}

static void try_set_times(void) {
    static const struct timespec given[2] = {{1000000, 123456789}, {2000000, 987654321}};
    static const struct timespec first[2] = {{5, 6}, {0, UTIME_OMIT}};
    static const struct timespec second[2] = {{7, UTIME_OMIT}, {8, 9}};
    static const struct timespec none[2] = {{7, UTIME_OMIT}, {8, UTIME_OMIT}};
    static const struct timespec bad[2] = {{7, 1000000000}, {8, 0}};
    static const struct timespec negative[2] = {{-5, 10}, {-1000000, 999999999}};
    static const struct timespec now[2] = {{7, UTIME_NOW}, {3, 4}};
    static const struct timeval micro[2] = {{11, 999999}, {12, 5}};
    static const struct timeval wrong[2] = {{11, 1000000}, {12, 5}};
    int fd = open("file", O_RDONLY);

    SAY(CALL(utimensat, -100l, "file", given, 0l));
    say_times("file");
    SAY(CALL(utimensat, -100l, "file", first, 0l));
    say_times("file");
    SAY(futimens(fd, second));
    say_times("file");
    MOVES("file", CALL(utimensat, -100l, "file", none, 0l));
    say_times("file");
    SAY(CALL(utimensat, -100l, "none", none, 0l));
    SAY(CALL(utimensat, -100l, "file", bad, 0l));
    SAY(CALL(utimensat, -100l, "file", negative, 0l));
    say_times("file");
    MOVES("file", CALL(utimensat, -100l, "file", now, 0l));
    look("file");
    printf("%ld %ld\n", (long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
    SAY(time(NULL) - s.st_atim.tv_sec < 100);
    SAY(CALL(utimensat, -100l, "to-file", given, (long)AT_SYMLINK_NOFOLLOW));
    say_times("to-file");
    SAY(CALL(utimensat, -100l, "to-file", first, 0l));
    look("file");
    printf("%ld\n", (long)s.st_atim.tv_sec);
    SAY(CALL(utimensat, (long)fd, 0l, given, 0l));
    SAY(CALL(utimensat, (long)fd, 0l, given, (long)AT_SYMLINK_NOFOLLOW));
    SAY(CALL(utimensat, -100l, 0l, given, 0l));
    SAY(CALL(utimensat, -100l, "file", 8l, 0l));
    SAY(CALL(utimensat, -100l, "file", given, 1l));
    SAY(utimes("file", micro));
    say_times("file");
    SAY(utimes("file", wrong));
    SAY(utime("file", &(struct utimbuf){77, 88}));
    say_times("file");
    SAY(utime("none", NULL));
    SAY(futimens(99, NULL));
    close(fd);
}

static void try_modes(void) {
    static const int modes[] = {0, 07777, 0644, 04755, 02755, 02644, 06755, 01777, 0100644};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        SAY(chmod("file", modes[i]));
        look("file");
        printf("%o -> %o", modes[i], s.st_mode);
        SAY(chown("file", 5, 6));
        look("file");
        printf(" chown %o %d %d\n", s.st_mode, s.st_uid, s.st_gid);
        SAY(chown("file", -1, -1));
        SAY(chown("file", 0, -1));
        SAY(chmod("file", modes[i]));
        int fd = open("file", O_WRONLY);
        SAY(write(fd, "x", 1)); /* by root: the bits stay */
        close(fd);
        look("file");
        printf("written %o\n", s.st_mode);
        SAY(truncate("file", 3));
        look("file");
        printf("cut %o\n", s.st_mode);
    }
    SAY(chmod("dir", 07777));
    SAY(chown("dir", 3, 4));
    look("dir");
    printf("%o %d %d\n", s.st_mode, s.st_uid, s.st_gid);
    SAY(mkdir("dir/inherits", 0700));
    look("dir/inherits");
    printf("%o %d %d\n", s.st_mode, s.st_uid, s.st_gid);
    SAY_CLOSE(open("dir/too", O_RDWR | O_CREAT, 0600));
    look("dir/too");
    printf("%o %d %d\n", s.st_mode, s.st_uid, s.st_gid);
    SAY(chmod("to-file", 0640));
    look("file");
    printf("%o\n", s.st_mode);
    SAY(fchmodat(AT_FDCWD, "file", 0600, 0));
    SAY(CALL(fchmodat, -100l, "to-file", 0600l));
    SAY(CALL(fchownat, -100l, "to-file", 7l, 8l, (long)AT_SYMLINK_NOFOLLOW));
    look("to-file");
    printf("%o %d %d\n", s.st_mode, s.st_uid, s.st_gid);
    SAY(CALL(fchownat, -100l, "file", 7l, 8l, 1l));
    SAY(lchown("to-file", 9, -1));
    look("to-file");
    printf("%d %d\n", s.st_uid, s.st_gid);
}

static void try_access(void) {
    static const int modes[] = {0, 0100, 0010, 0001, 0666, 0777, 0200};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        chmod("file", modes[i]);
        chmod("dir", modes[i]);
        printf("%o:\n", modes[i]);
        SAY(access("file", F_OK));
        SAY(access("file", R_OK | W_OK));
        SAY(access("file", X_OK));
        SAY(access("dir", X_OK));
        SAY(access("dir/inner", R_OK));
        SAY_CLOSE(open("file", O_RDWR));
    }
    SAY(access("file", 8));
    SAY(access("file", -1));
    SAY(access("to-none", F_OK));
    SAY(CALL(faccessat2, -100l, "to-none", (long)F_OK, (long)AT_SYMLINK_NOFOLLOW));
    SAY(CALL(faccessat2, -100l, "file", (long)R_OK, (long)AT_EACCESS));
    SAY(CALL(faccessat2, -100l, "file", (long)R_OK, 1l));
    SAY(CALL(faccessat2, -100l, "", (long)R_OK, (long)AT_EMPTY_PATH));
    SAY(CALL(faccessat2, -100l, "", (long)R_OK, 0l));
    SAY(CALL(faccessat, -100l, "fifo", (long)X_OK));
    SAY(euidaccess("file", R_OK));
}

static void say_statx(const char *path, int flags, unsigned mask) {
    struct statx x;
    struct stat same;
    long r = CALL(statx, -100l, path, (long)flags, (long)mask, &x);

    printf("statx(%s, 0x%x, 0x%x)", path, flags, mask);
    said("", r);
    if (r)
        return;
    fstatat(AT_FDCWD, path, &same, flags & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH));
    printf("    %o links %u size %ld uid %u gid %u same %d%d%d%d%d\n", x.stx_mode,
           x.stx_nlink, S_ISDIR(x.stx_mode) ? 0 : (long)x.stx_size, x.stx_uid, x.stx_gid,
           x.stx_ino == same.st_ino, x.stx_blocks == (unsigned long)same.st_blocks,
           x.stx_mtime.tv_sec == same.st_mtim.tv_sec,
           x.stx_mtime.tv_nsec == (unsigned)same.st_mtim.tv_nsec,
           x.stx_blksize == (unsigned)same.st_blksize);
    printf("    basic 0x%x born %d\n", x.stx_mask & 0x7ff,
           !!(x.stx_mask & 0x800) && x.stx_btime.tv_sec > 1500000000);
}

static void try_statx(void) {
    chmod("dir", 0755);
    say_statx("file", 0, 0x7ff);
    say_statx("file", 0, 0xfff);
    say_statx("dir", 0, 0xfff);
    say_statx("to-file", 0, 0xfff);
    say_statx("to-file", AT_SYMLINK_NOFOLLOW, 0xfff);
    say_statx("", AT_EMPTY_PATH, 0xfff);
    say_statx("", 0, 0xfff);
    say_statx("none", 0, 0xfff);
    say_statx("file", 0x1000, 0xfff);
    say_statx("file", 0x2000, 0xfff);
    say_statx("file", 0x4000, 0xfff);
    say_statx("file", 0x6000, 0xfff);
    say_statx("file", AT_EACCESS, 0xfff);
    say_statx("file", 0, 0x80000000);
    SAY(CALL(statx, -100l, "file", 0l, 0xfffl, 8l));
    SAY(CALL(statx, 99l, "file", 0l, 0xfffl, 8l));
    SAY(CALL(newfstatat, -100l, "file", &s, 1l));
    SAY(CALL(newfstatat, -100l, "file", 8l, 0l));
    SAY(CALL(fstat, 99l, &s));
    look("fifo");
    printf("%o %ld %ld %ld\n", s.st_mode, (long)s.st_size, (long)s.st_blocks,
           (long)s.st_nlink);
    look("to-dir");
    printf("%o %ld\n", s.st_mode, (long)s.st_size);
}

static void try_statfs(void) {
    struct statfs a;
    struct statvfs b;
    int fd = open("file", O_RDONLY);

    SAY(statfs(".", &a));
    SAY(a.f_bsize);
    SAY(a.f_namelen);
    SAY(a.f_bfree <= a.f_blocks && a.f_bavail <= a.f_bfree && a.f_blocks > 0);
    SAY(fstatfs(fd, &a));
    SAY(statvfs("file", &b));
    SAY(b.f_namemax);
    SAY(b.f_frsize);
    SAY(fstatvfs(fd, &b));
    SAY(statfs("none", &a));
    SAY(fstatfs(99, &a));
    SAY(CALL(statfs, "file", 8l));
    SAY(pathconf("file", _PC_NAME_MAX));
    close(fd);
}

int main(void) {
    place_make();
    tree_make();
    try_moves();
    try_set_times();
    try_modes();
    try_access();
    try_statx();
    try_statfs();
    return place_end();
}
