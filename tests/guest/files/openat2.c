/* SPDX-License-Identifier: MIT */
/*
 * openat2: where a path may lead (each RESOLVE flag with each kind of path), and what it
 * refuses that openat lets pass. And a path whose links' targets together are longer than a
 * path may be.
 */
// native:
// stdout-from: native
#define _GNU_SOURCE
#include <stdint.h>

#include "files/sandbox.h"

enum { NO_XDEV = 1, NO_MAGIC = 2, NO_LINKS = 4, BENEATH = 8, IN_ROOT = 16, CACHED = 32 };
/* Whose texts differ among libraries. */
enum { TMPFILE = O_TMPFILE, HERE = AT_FDCWD, OPENAT2 = 437 };

struct how {
    uint64_t flags, mode, resolve, more[2];
};

static int open2(int directory, const char *path, uint64_t flags, uint64_t mode,
                 uint64_t resolve) {
    struct how how = {flags, mode, resolve, {0}};

    return (int)syscall(OPENAT2, (long)directory, path, &how, 24l);
}

/* What depends on where Linux has its file systems, or what it has looked up before. */
static int is_uncertain(const char *path, unsigned flags) {
    int absolute = strstr(path, "to-root") || strstr(path, "to-top");
    int in_proc = strstr(path, "proc") || strstr(path, "to-self") || strstr(path, "to-fd");

    return (flags == NO_XDEV && absolute) || (flags == CACHED && in_proc);
}

static void try_paths(int directory) {
    static const char *const paths[] = {
        "file",
        "dir/inner",
        "dir/sub/..",
        "..",
        "../w",
        "dir/../file",
        "dir/../..",
        "dir/../../w",
        "/",
        "/file",
        "/tmp",
        "/..",
        "/../file",
        "to-file",
        "to-dir/inner",
        "to-here/file",
        "to-root",
        "to-root/file",
        "to-root/tmp",
        "to-up/w",
        "to-up/file",
        "dir/to-top",
        "loop-a",
        "none",
        "/proc/self/cwd",
        "/proc/self/fd/0",
        "/proc/self/cwd/file",
        "/proc/self",
        "/proc",
        "/tmp/..",
        "to-proc",
        "to-proc/self",
        "to-self-cwd",
        "",
        ".",
        "file/",
        "dir/",
        "to-fd",
        "to-file-slash",
    };
    static const unsigned flags[] = {
        0,       NO_XDEV, NO_MAGIC,           NO_LINKS,         BENEATH,
        IN_ROOT, CACHED,  BENEATH | NO_LINKS, IN_ROOT | NO_XDEV};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t j = 0; j < sizeof flags / sizeof *flags; j++) {
            if (is_uncertain(paths[i], flags[j]))
                continue;
            int fd = open2(directory, paths[i], O_RDONLY | O_NONBLOCK, 0, flags[j]);
            int path = open2(directory, paths[i], O_PATH | O_NOFOLLOW, 0, flags[j]);
            printf("%s %u:", paths[i], flags[j]);
            struct stat s;
            for (int k = 0; k < 2; k++) {
                if ((k ? path : fd) < 0) {
                    errno = 0;
                    open2(directory, paths[i], k ? O_PATH | O_NOFOLLOW : O_NONBLOCK, 0,
                          flags[j]);
                    printf(" %s", error_name(errno));
                } else {
                    fstat(k ? path : fd, &s);
                    printf(" %o", s.st_mode & S_IFMT);
                }
            }
            printf("\n");
            close(fd);
            close(path);
        }
}

static void try_words(void) {
    struct how how = {O_RDONLY, 0, 0, {0}};

    printf("-- words\n");
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 24l));
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 0l));
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 23l));
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 40l));
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 5000l));
    how.more[1] = 1;
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 40l));
    SAY_CLOSE(syscall(OPENAT2, (long)HERE, "file", &how, 32l));
    SAY_CLOSE(open2(HERE, "file", O_RDONLY, 0644, 0));
    SAY_CLOSE(open2(HERE, "new", O_CREAT | O_WRONLY, 0644, 0));
    SAY_CLOSE(open2(HERE, "new2", O_CREAT | O_WRONLY, 010644, 0));
    SAY_CLOSE(open2(HERE, ".", TMPFILE | O_WRONLY, 0600, 0));
    SAY_CLOSE(open2(HERE, "file", 1ul << 40, 0, 0));
    SAY_CLOSE(open2(HERE, "file", 1u << 30, 0, 0));
    SAY_CLOSE(open2(HERE, "file", O_PATH | O_RDWR, 0, 0));
    SAY_CLOSE(open2(HERE, "file", O_PATH | O_CLOEXEC, 0, 0));
    SAY_CLOSE(open2(HERE, "file", O_CREAT | O_DIRECTORY, 0644, 0));
    SAY_CLOSE(open2(HERE, "file", 0, 0, 64));
    SAY_CLOSE(open2(HERE, "file", 0, 0, 1ul << 40));
    SAY_CLOSE(open2(HERE, "file", 0, 0, BENEATH | IN_ROOT));
    SAY_CLOSE(open2(HERE, "file", O_TRUNC | O_RDWR, 0, CACHED));
    SAY_CLOSE(open2(HERE, "new3", O_CREAT | O_RDWR, 0644, CACHED));
    SAY_CLOSE(open2(99, "file", 0, 0, BENEATH));
    int fd = open("file", O_RDONLY);
    SAY_CLOSE(open2(fd, "file", 0, 0, BENEATH));
    SAY_CLOSE(open2(fd, "..", 0, 0, IN_ROOT));
    close(fd);
    printf("-- making\n");
    fd = open("dir", O_PATH | O_DIRECTORY);
    SAY_CLOSE(open2(fd, "../made", O_CREAT | O_WRONLY, 0644, BENEATH));
    SAY_CLOSE(open2(fd, "/made", O_CREAT | O_WRONLY, 0644, BENEATH));
    SAY_CLOSE(open2(fd, "../made", O_CREAT | O_WRONLY, 0644, IN_ROOT));
    SAY(access("dir/made", F_OK));
    SAY_CLOSE(open2(fd, "/sub/../../made", TMPFILE | O_WRONLY, 0644, IN_ROOT));
    SAY_CLOSE(open2(fd, "/sub/../..", TMPFILE | O_WRONLY, 0644, IN_ROOT));
    SAY_CLOSE(open2(fd, "..", TMPFILE | O_WRONLY, 0644, BENEATH));
    close(fd);
}

/* A chain of links whose targets are full of "./". */
static void try_long(void) {
    char target[4096], name[20], path[4096];

    printf("-- long\n");
    mkdir("long", 0755);
    mkdir("long/in", 0755);
    write_text("long/in/end", "there");
    strcpy(name, "in");
    for (int i = 0; i < 30; i++) {
        memset(target, 0, sizeof target);
        for (int n = 0; n < 4000; n += 2)
            memcpy(target + n, "./", 2);
        strcat(target, name);
        snprintf(name, sizeof name, "link%d", i);
        snprintf(path, sizeof path, "long/%s", name);
        if (symlink(target, path))
            printf("%s: %s\n", path, error_name(errno));
    }
    strcpy(path, "long/link29/");
    for (int n = 0; n < 1500; n++)
        strcat(path, "./");
    strcat(path, "end");
    SAY(strlen(path));
    SAY(access(path, F_OK));
    SAY(open(path, O_RDONLY | O_DIRECTORY));
    strcat(path, "/");
    SAY(access(path, F_OK));
    strcpy(path + strlen(path) - 4, "../in/../in/.././/link3//end");
    SAY(access(path, F_OK));
    strcpy(path + strlen(path) - 3, "new");
    SAY_CLOSE(open(path, O_WRONLY | O_CREAT, 0644));
    SAY(access("long/in/new", F_OK));
    SAY(rename(path, "long/in/newer"));
    SAY(access("long/in/newer", F_OK));
    SAY(symlink("link29/../link29/end", "long/to-end"));
    SAY(access("long/to-end", F_OK));
    SAY(unlink("long/link29/newer"));
    memset(target, 0, sizeof target);
    for (int n = 0; n < 4094; n++)
        target[n] = n % 2 ? '.' : '/';
    target[4094] = '/';
    SAY(symlink(target, "long/root"));
    SAY(symlink("root/", "long/root2"));
    SAY(access("long/root/", F_OK));
    SAY(access("long/root2/", F_OK));
    SAY(access("long/root2/tmp", F_OK));
    SAY(access("long/root2/tmp/none/x", F_OK));
}

int main(void) {
    place_make();
    tree_make();
    if (symlink("..", "to-up") || symlink("/file", "dir/to-top") ||
        symlink("/proc", "to-proc") || symlink("/proc/self/cwd", "to-self-cwd") ||
        symlink("/proc/self/fd/0", "to-fd"))
        return 1;
    close(0); /* for /proc/self/fd/0 */
    if (open("file", O_RDONLY))
        return 1;
    int fd = open(".", O_PATH | O_DIRECTORY);
    try_paths(HERE);
    printf("-- from a descriptor\n");
    if (chdir("dir"))
        return 1;
    try_paths(fd);
    if (chdir(".."))
        return 1;
    try_words();
    try_long();
    close(fd);
    close(0);
    return place_end();
}
