/* SPDX-License-Identifier: MIT */
/*
 * Each kind of file renamed to each other, and linked, with each flag: what is answered and
 * what has changed in the tree. Symbolic links at their limits; a folder that is moved
 * while it is the working one.
 */
// native:
// stdout-from: native
// timeout: 240
#define _GNU_SOURCE
#include "files/sandbox.h"

static const char *const paths[] = {
    "file",    "hard",         "other",     "empty",   "dir",          "dir/",
    "dir/sub", "dir/sub/none", "dir/inner", "to-file", "to-dir",       "to-none",
    "loop-a",  "fifo",         "none",      "none/",   "dir/sub/sub2", "to-dir/sub",
    ".",       "..",           "dir/..",    "file/x",  "to-dir/",      "to-here/file",
};

enum { COUNT = sizeof paths / sizeof *paths };

static struct tree was, is;

static void remake(void) {
    place_renew();
    tree_make();
    tree_read(&was);
}

static void tell(const char *what, const char *from, const char *to, long result) {
    printf("%s %s %s", what, from, to);
    said("", result);
    tree_read(&is);
    if (tree_tell(&was, &is))
        remake();
}

static void try_pair(const char *from, const char *to) {
    static const char *const names[] = {"plain", "no-replace", "exchange", "both"};

    for (long flags = 0; flags < 4; flags++) {
        errno = 0;
        tell(names[flags], from, to, CALL(renameat2, -100l, from, -100l, to, flags));
    }
    tell("link", from, to, link(from, to));
    tell("link follow", from, to, linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW));
}

static void try_flags(void) {
    SAY(CALL(renameat2, -100l, "file", -100l, "none", 8l));
    SAY(CALL(renameat2, -100l, "file", -100l, "none", 0x100l));
    SAY(CALL(renameat2, -100l, "file", -100l, "none", -1l));
    SAY(CALL(renameat2, 99l, "file", -100l, "none", 0l));
    SAY(CALL(renameat2, -100l, "file", 99l, "none", 0l));
    SAY(CALL(renameat2, 0l, "file", -100l, "none", 0l));
    SAY(linkat(AT_FDCWD, "file", AT_FDCWD, "none", AT_REMOVEDIR));
    SAY(linkat(AT_FDCWD, "file", 99, "none", 0));
    SAY(linkat(99, "file", AT_FDCWD, "none", 0));
    SAY(rename("file", (char *)8));
    SAY(rename((char *)8, "file"));
    SAY(rename("", "none"));
    SAY(rename("file", ""));
}

/* Links of n links: 40 are followed, 41 are not. */
static void try_chain(void) {
    char name[16], target[16] = "file";

    for (int i = 1; i <= 42; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        if (symlink(target, name))
            said(name, -1);
        strcpy(target, name);
        if (i >= 39) {
            printf("%d: ", i);
            SAY_CLOSE(open(name, O_RDONLY));
            SAY(access(name, F_OK));
            SAY_CLOSE(open(name, O_RDONLY | O_NOFOLLOW));
        }
    }
    for (int i = 39; i <= 42; i++) { /* links of folders on the way */
        char path[400] = "";
        for (int j = 0; j < i; j++)
            strcat(path, "to-here/");
        strcat(path, "file");
        printf("%d: ", i);
        SAY(access(path, F_OK));
        path[strlen(path) - 5] = 0;
        SAY(mkdir(path, 0777));
        strcat(path, "/to-file");
        SAY(access(path, F_OK));
    }
    remake();
}

/* Targets as long as may be. */
static void try_targets(void) {
    static char target[4200], back[4200];

    for (size_t n = 4093; n <= 4097; n++) {
        memset(target, '/', n);
        memcpy(target, "./", 2);
        memcpy(target + n - 4, "file", 4);
        target[n] = 0;
        printf("target of %zu: ", n);
        SAY(symlink(target, "long"));
        SAY(access("long", F_OK));
        SAY(readlink("long", back, sizeof back));
        SAY(access("to-here/to-here/long", F_OK));
        unlink("long");
    }
    memset(target, 'x', 4095);
    for (int i = 0; i < 4095; i += 2)
        target[i] = '/';
    target[0] = '.';
    target[4095] = 0;
    SAY(symlink(target, "long"));
    SAY(access("long", F_OK));
    SAY(readlink("long", back, 10));
    SAY(readlink("long", back, 1));
    SAY(CALL(readlink, "long", back, 0l));
    SAY(CALL(readlink, "long", back, -1l));
    SAY(CALL(readlink, "long", 8l, 10l));
    SAY(readlink("file", back, 10));
    SAY(readlink("dir", back, 10));
    SAY(readlink("to-file", back, sizeof back));
    printf("%.4s\n", back);
    unlink("long");
}

static void say_cwd(void) {
    char path[300];
    const char *got = getcwd(path, sizeof path);

    printf("in %s\n", got ? got + strlen(place_path) : error_name(errno));
}

static void try_working(void) {
    remake();
    SAY(chdir("dir/sub"));
    say_cwd();
    SAY(rename("../../dir", "../../moved"));
    say_cwd();
    SAY(rename("../../moved/sub", "../../empty/sub3"));
    say_cwd();
    SAY(access("../../empty/sub3", F_OK));
    SAY(rename("../sub3", "../../dir"));
    say_cwd();
    SAY(access("../moved/inner", F_OK));
    SAY(chdir("../moved"));
    say_cwd();
    SAY(rmdir("../moved"));
    SAY(unlink("inner"));
    SAY(rmdir("../moved"));
    say_cwd();
    SAY(chdir(".."));
    say_cwd();
    remake();
}

/* Rights, times and contents go with the file, links are counted. */
static void try_counts(void) {
    struct stat a, b;
    int fd = open("other", O_RDONLY);
    char text[20] = "";

    stat("other", &a);
    SAY(rename("other", "file"));
    stat("file", &b);
    SAY(a.st_ino == b.st_ino);
    say_fd_stat("renamed", fd);
    SAY(read(fd, text, 5));
    close(fd);
    fd = open("hard", O_RDONLY);
    say_fd_stat("the other link", fd);
    SAY(unlink("hard"));
    say_fd_stat("without links", fd);
    SAY(read(fd, text, 5));
    close(fd);
    stat("dir", &a);
    SAY(a.st_nlink);
    SAY(mkdir("dir/more", 0755));
    SAY(rename("dir/sub", "empty/sub"));
    stat("dir", &a);
    stat("empty", &b);
    SAY(a.st_nlink);
    SAY(b.st_nlink);
    SAY(CALL(renameat2, -100l, "dir/more", -100l, "file", 2l));
    stat("dir", &a);
    SAY(a.st_nlink);
    SAY(rename("file", "empty/sub"));
    stat("empty", &b);
    SAY(b.st_nlink);
    stat(".", &a);
    SAY(a.st_nlink);
}

int main(void) {
    place_make();
    remake();
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            try_pair(paths[i], paths[j]);
    try_flags();
    try_chain();
    try_targets();
    try_working();
    try_counts();
    return place_end();
}
