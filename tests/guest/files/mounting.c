/* SPDX-License-Identifier: MIT */
/*
 * mount and umount2: what is seen of a tmpfs, its limits, what a read-only one refuses and
 * lets pass, who keeps it from being unmounted, what stays of one that is left lazily, and
 * the errors. As a Linux program it does so in a name space of its own.
 */
// native:
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/time.h>

#include "files/say.h"

enum { TMPFILE = O_TMPFILE }; /* whose text differs among libraries */

/* The flags of the mount's line in /proc/self/mounts, but for those of the kernel's
 * configuration. */
static void say_mount(const char *path) {
    char line[500], place[200], type[50], options[300];
    FILE *f = fopen("/proc/self/mounts", "r");
    int found = 0;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%*s %199s %49s %299s", place, type, options) == 3 &&
            !strcmp(place, path)) {
            char *more = strstr(options, ",inode64");
            if (more)
                memmove(more, more + 8, strlen(more + 8) + 1);
            printf("  %.*s %s %s\n", (int)strcspn(line, " "), line, type, options);
            found++;
        }
    if (!found)
        printf("  not mounted\n");
    if (f)
        fclose(f);
}

static void say_room(const char *path) {
    struct statvfs s;

    if (statvfs(path, &s))
        printf("statvfs: %s\n", error_name(errno));
    else
        printf("  size %lu of %lu, %lu free, files %lu, %lu free, flags %lx\n",
               (unsigned long)s.f_bsize, (unsigned long)s.f_blocks,
               (unsigned long)s.f_bfree, (unsigned long)s.f_files, (unsigned long)s.f_ffree,
               s.f_flag & ~0x20ul /* that they are valid; some libraries hide it */);
}

static unsigned long device_of(const char *path) {
    struct stat s;

    return stat(path, &s) ? 0 : s.st_dev;
}

static void try_errors(void) {
    printf("-- errors\n");
    write_text("file", "x");
    SAY(mount("none", "none", "tmpfs", 0, NULL));
    SAY(mount("none", "file/x", "tmpfs", 0, NULL));
    SAY(mount("none", "file", "tmpfs", 0, NULL));
    SAY(mount("none", ".", "no-such", 0, NULL));
    SAY(mount("none", ".", NULL, 0, NULL));
    SAY(mount("none", ".", "tmpfs", 0, "nonsense"));
    SAY(mount("none", ".", "tmpfs", 0, "nonsense=1"));
    SAY(mount("none", ".", "tmpfs", 0, "size=x"));
    SAY(mount("none", ".", "tmpfs", 0, "size=1z"));
    SAY(mount("none", ".", "tmpfs", 0, "mode=9"));
    SAY(mount("none", ".", NULL, MS_REMOUNT, NULL));
    SAY(mount("none", ".", NULL, MS_PRIVATE, NULL));
    SAY(umount2(".", 0));
    SAY(umount2("none", 0));
    SAY(umount2(".", 0x100));
    SAY(umount2(".", MNT_DETACH));
}

static void try_limits(void) {
    static char some[5000];
    int fd;

    printf("-- limits\n");
    SAY(mkdir("at", 0700));
    unsigned long before = device_of("at");
    SAY(mount("a name", "at", "tmpfs", MS_NOSUID | MS_NOEXEC,
              "size=40k,nr_inodes=4,mode=750,uid=5,gid=6"));
    struct stat s;
    SAY(stat("at", &s));
    printf("  mode %o of %u %u, %lu links, another device: %d\n", s.st_mode, s.st_uid,
           s.st_gid, (unsigned long)s.st_nlink, s.st_dev != before);
    say_mount(realpath("at", NULL));
    say_room("at");
    fd = SAY_OPEN(open("at/a", O_RDWR | O_CREAT, 0644));
    SAY(fstat(fd, &s));
    printf("  the same device: %d\n", s.st_dev == device_of("at"));
    for (int i = 0; i < 9; i++)
        SAY(write(fd, some, sizeof some));
    SAY(fallocate(fd, 0, 0, 100000));
    say_room("at");
    SAY(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED);
    SAY(errno == EPERM);
    SAY(umount2("at", 0));
    SAY(ftruncate(fd, 4096));
    say_room("at");
    SAY(mkdir("at/b", 0755));
    SAY(symlink("x", "at/c"));
    SAY(mkdir("at/d", 0755));
    say_room("at");
    SAY(rmdir("at/b"));
    SAY(mkfifo("at/e", 0644));
    SAY(mount(NULL, "at", NULL, MS_REMOUNT, "size=0,nr_inodes=10"));
    SAY(mount(NULL, "at", NULL, MS_REMOUNT, "nr_inodes=1"));
    SAY(write(fd, some, sizeof some));
    SAY(mkdir("at/f", 0755));
    say_mount(realpath("at", NULL));
    close(fd);
    SAY(rmdir("at"));
    SAY(rename("at", "at2"));
    SAY(link("at/a", "a"));
    SAY(rename("at/a", "a"));
    SAY(umount2("at", 0));
    say_mount(realpath("at", NULL));
    SAY(device_of("at") == before);
    SAY(access("at/a", F_OK));
    SAY(rmdir("at"));
}

/* Everything that would change a file. */
static void try_read_only(void) {
    struct timeval times[2] = {{1, 0}, {2, 0}};
    int fd;

    printf("-- read-only\n");
    SAY(mkdir("at", 0700));
    SAY(mount("x", "at", "tmpfs", 0, "size=1m"));
    SAY(chdir("at"));
    write_text("file", "text");
    SAY(mkdir("dir", 0755) | mkfifo("fifo", 0644) | symlink("file", "link"));
    SAY(mknod("null", S_IFCHR | 0666, 0x103));
    fd = SAY_OPEN(open("file", O_RDWR));
    SAY(mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY, NULL));
    close(fd);
    fd = SAY_OPEN(open("file", O_RDONLY));
    SAY(mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY | MS_NODEV, NULL));
    say_mount(realpath(".", NULL));
    SAY(read(fd, (char[4]){0}, 4));
    SAY(fchmod(fd, 0600));
    SAY(fchown(fd, 1, 1));
    SAY(futimes(fd, times));
    SAY(ftruncate(fd, 0));
    close(fd);
    SAY_CLOSE(open("file", O_WRONLY));
    SAY_CLOSE(open("file", O_RDWR));
    SAY_CLOSE(open("file", O_RDONLY | O_TRUNC));
    SAY_CLOSE(open("file", O_RDONLY | O_CREAT, 0644));
    SAY_CLOSE(open("file", O_RDONLY | O_CREAT | O_EXCL, 0644));
    SAY_CLOSE(open("new", O_RDONLY | O_CREAT, 0644));
    SAY_CLOSE(open("dir", O_WRONLY));
    SAY_CLOSE(open(".", TMPFILE | O_RDWR, 0644));
    SAY_CLOSE(open("fifo", O_RDWR));
    SAY_CLOSE(open("null", O_WRONLY));
    SAY(truncate("file", 0));
    SAY(truncate("dir", 0));
    SAY(truncate("fifo", 0));
    SAY(chmod("file", 0600));
    SAY(chown("file", 1, 1));
    SAY(utimes("file", times));
    SAY(mkdir("new", 0755));
    SAY(mkdir("dir", 0755));
    SAY(rmdir("dir"));
    SAY(rmdir("none"));
    SAY(rmdir("."));
    SAY(unlink("file"));
    SAY(unlink("none"));
    SAY(rename("file", "new"));
    SAY(rename("none", "new"));
    SAY(rename("file", "../new"));
    SAY(link("file", "new"));
    SAY(link("file", "dir"));
    SAY(link("../file", "new"));
    SAY(symlink("x", "new"));
    SAY(symlink("x", "file"));
    SAY(mkfifo("new", 0644));
    SAY(access("file", R_OK));
    SAY(access("file", W_OK));
    SAY(access("dir", W_OK));
    SAY(access("fifo", W_OK));
    SAY(mount(NULL, ".", NULL, MS_REMOUNT, NULL));
    SAY(truncate("file", 0));
    SAY(chdir(".."));
    SAY(umount2("at", 0));
    SAY(rmdir("at"));
}

/* Who is in it keeps it. */
static void try_busy(void) {
    char path[200];
    int fd;

    printf("-- busy\n");
    SAY(mkdir("at", 0700));
    SAY(mount("x", "at", "tmpfs", 0, NULL));
    SAY(mkdir("at/dir", 0755) | mkdir("at/dir/in", 0755));
    write_text("at/dir/file", "text");
    SAY(link("at/dir/file", "at/dir/in/other"));
    fd = open("at/dir/file", O_RDONLY);
    SAY(umount2("at", 0));
    char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    SAY(umount2("at", 0));
    munmap(p, 4096);
    SAY(chdir("at/dir"));
    SAY(umount2("../../at", 0));
    SAY(chdir("../.."));
    fd = open("at/dir/in", O_PATH);
    SAY(umount2("at", 0));
    close(fd);
    fd = open("at", O_TMPFILE | O_RDWR, 0600);
    SAY(umount2("at", 0));
    close(fd);
    fd = open("at/dir/file", O_RDONLY);
    unlink("at/dir/file");
    unlink("at/dir/in/other");
    SAY(umount2("at", 0));
    close(fd);
    SAY(mount("y", "at/dir", "tmpfs", 0, NULL));
    SAY(umount2("at", 0));
    SAY(umount2("at/dir", 0));
    SAY(umount2("at/dir", 0));
    printf("-- on each other\n");
    SAY(mount("y", "at", "tmpfs", 0, "mode=700"));
    SAY(access("at/dir", F_OK));
    say_mount(realpath("at", NULL));
    SAY(chdir("at"));
    SAY(getcwd(path, sizeof path) && !strcmp(strrchr(path, '/'), "/at"));
    SAY(chdir(".."));
    SAY(umount2("at", 0));
    SAY(access("at/dir", F_OK));
    printf("-- lazily\n");
    SAY(mount("y", "at/dir", "tmpfs", 0, NULL));
    write_text("at/file", "text");
    write_text("at/dir/file", "more");
    fd = open("at/dir", O_RDONLY | O_DIRECTORY);
    SAY(umount2("at", MNT_DETACH));
    SAY(access("at/file", F_OK));
    SAY_CLOSE(openat(fd, "file", O_RDONLY));
    SAY_CLOSE(openat(fd, "new", O_WRONLY | O_CREAT, 0644));
    SAY(access("at/dir", F_OK));
    close(fd);
    SAY(umount2("at", 0));
    printf("-- lazily, with an empty one in it\n");
    SAY(mount("x", "at", "tmpfs", 0, NULL));
    SAY(mkdir("at/dir", 0755));
    SAY(mount("y", "at/dir", "tmpfs", 0, NULL));
    SAY(umount2("at", MNT_DETACH));
    SAY(access("at/dir", F_OK));
    SAY(umount2("at/dir", 0));
    SAY(rmdir("at"));
}

/* Many, one after another and side by side, with something in them. */
static void try_many(void) {
    int failed = 0;
    char path[50];

    printf("-- many\n");
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "m%d", i % 20);
        mkdir(path, 0755);
        failed += mount("x", path, "tmpfs", 0, "size=1m") != 0;
        for (int n = 0; n < 10; n++) {
            snprintf(path, sizeof path, "m%d/d%d", i % 20, n);
            failed += mkdir(path, 0755) != 0;
            snprintf(path, sizeof path, "m%d/d%d/file", i % 20, n);
            write_text(path, "some text");
        }
    }
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "m%d", i % 20);
        failed += umount2(path, 0) != 0;
    }
    printf("failed: %d\n", failed);
    SAY(access("m3/d1", F_OK));
    SAY(umount2("m3", 0));
}

static void try_others(void) {
    printf("-- other types\n");
    SAY(mkdir("at", 0755));
    SAY(mount("p", "at", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
    SAY(access("at/self/stat", R_OK));
    say_mount(realpath("at", NULL));
    int fd = open("at/self/stat", O_RDONLY);
    SAY(umount2("at", 0));
    close(fd);
    SAY(umount2("at", 0));
    SAY(mount("r", "at", "ramfs", MS_NOATIME, "mode=711,what=ever"));
    say_mount(realpath("at", NULL));
    write_text("at/x", "y");
    SAY(umount2("at", UMOUNT_NOFOLLOW));
    SAY(symlink("at", "to-at"));
    SAY(mount("t", "to-at", "tmpfs", 0xc0ed0000, NULL));
    SAY(umount2("to-at", UMOUNT_NOFOLLOW));
    SAY(umount2("to-at", 0));
}

int main(void) {
    if (unshare(CLONE_NEWNS) && errno != ENOSYS)
        printf("no name space of its own: %s\n", error_name(errno));
    else
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
    place_make();
    try_errors();
    try_limits();
    try_read_only();
    try_busy();
    try_many();
    try_others();
    return place_end();
}
