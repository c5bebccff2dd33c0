/* SPDX-License-Identifier: MIT */
/*
 * Each call that takes a path, with each odd path: what it answers and what has changed in
 * the tree afterwards.
 */
// native:
// stdout-from: native
// timeout: 240
#define _GNU_SOURCE
#include <sys/statfs.h>
#include <sys/time.h>

#include "files/sandbox.h"

static char name_255[256], name_256[257], path_4095[4096], path_4096[4097];
static char below_256[300], deep_4095[4096];

static const struct {
    const char *label, *path;
} paths[] = {
    {"", ""},
    {".", "."},
    {"./", "./"},
    {"./.", "./."},
    {"..", ".."},
    {"../", "../"},
    {"../w", "../w"},
    {"../w/", "../w/"},
    {"../w/..", "../w/.."},
    {"//", "//"},
    {"/..", "/.."},
    {"/../..//tmp/none", "/../..//tmp/none/x"},
    {"file", "file"},
    {"file/", "file/"},
    {"file//", "file//"},
    {"file/.", "file/."},
    {"file/..", "file/.."},
    {"file/x", "file/x"},
    {"./file", ".//.///file"},
    {"hard", "hard"},
    {"empty", "empty"},
    {"empty/", "empty/"},
    {"empty//", "empty//"},
    {"empty/.", "empty/."},
    {"empty/./", "empty/./"},
    {"empty/..", "empty/.."},
    {"empty/../", "empty/../"},
    {"empty/../file", "empty/../file"},
    {"dir", "dir"},
    {"dir/", "dir/"},
    {"dir/sub", "dir/sub"},
    {"dir/sub/..", "dir/sub/.."},
    {"dir/sub/../inner", "dir/sub/../inner"},
    {"none", "none"},
    {"none/", "none/"},
    {"none//", "none//"},
    {"none/.", "none/."},
    {"none/..", "none/.."},
    {"none/x", "none/x"},
    {"empty/none", "empty/none"},
    {"empty/none/", "empty/none/"},
    {"to-file", "to-file"},
    {"to-file/", "to-file/"},
    {"to-file/.", "to-file/."},
    {"to-file/x", "to-file/x"},
    {"to-link", "to-link"},
    {"to-file-slash", "to-file-slash"},
    {"to-dir", "to-dir"},
    {"to-dir/", "to-dir/"},
    {"to-dir/.", "to-dir/."},
    {"to-dir/..", "to-dir/.."},
    {"to-dir/inner", "to-dir/inner"},
    {"to-dir/none", "to-dir/none"},
    {"to-empty", "to-empty"},
    {"to-empty/", "to-empty/"},
    {"to-none", "to-none"},
    {"to-none/", "to-none/"},
    {"to-new", "to-new"},
    {"to-new/", "to-new/"},
    {"to-here", "to-here"},
    {"to-here/to-here/file", "to-here/to-here/file"},
    {"loop-a", "loop-a"},
    {"loop-a/", "loop-a/"},
    {"loop-a/x", "loop-a/x"},
    {"loop-a/..", "loop-a/.."},
    {"fifo/", "fifo/"},
    {"fifo/x", "fifo/x"},
    {"name of 255", name_255},
    {"name of 256", name_256},
    {"name of 256 below a folder", below_256},
    {"path of 4095", path_4095},
    {"path of 4096", path_4096},
    {"path of 4095 to none", deep_4095},
    {"NULL", NULL},
};

static void make_paths(void) {
    memset(name_255, 'n', 255);
    memset(name_256, 'n', 256);
    snprintf(below_256, sizeof below_256, "empty/%s", name_256);
    for (int i = 0; i < 4095; i += 2)
        memcpy(path_4095 + i, "./", 2);
    memcpy(path_4095 + 4095 - 4, "file", 5);
    path_4095[4090] = '/';
    memset(path_4096, '/', 4096);
    memcpy(path_4096, path_4095, 4090);
    memcpy(path_4096 + 4096 - 4, "file", 5);
    memcpy(deep_4095, path_4095, sizeof deep_4095);
    memcpy(deep_4095 + 4095 - 4, "none", 5);
}

static long closed(int fd) {
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return fd < 0 ? -1 : 0;
}

static long opened(const char *path, int flags) {
    return closed(open(path, flags, 0640));
}

static long try_stat(const char *p) {
    struct stat s;
    long r = syscall(SYS_newfstatat, (long)AT_FDCWD, p, &s, 0l);
    return r ? r : (long)s.st_mode;
}

static long try_lstat(const char *p) {
    struct stat s;
    long r = syscall(SYS_newfstatat, (long)AT_FDCWD, p, &s, (long)AT_SYMLINK_NOFOLLOW);
    return r ? r : (long)s.st_mode;
}

static long try_statfs(const char *p) {
    struct statfs s;
    return statfs(p, &s);
}

static long try_readlink(const char *p) {
    char text[100];
    return readlink(p, text, sizeof text);
}

static long try_chdir(const char *p) {
    int here = open(".", O_RDONLY | O_DIRECTORY);
    long r = chdir(p);
    int error = errno;
    if (fchdir(here))
        return 77;
    close(here);
    errno = error;
    return r;
}

static const struct timespec times[2] = {{1000, 5}, {2000, 6}};

#define TRY(name, call)                                                                    \
    static long try_##name(const char *p) {                                                \
        return call;                                                                       \
    }
TRY(open, opened(p, O_RDONLY | O_NONBLOCK))
TRY(open_write, opened(p, O_WRONLY | O_NONBLOCK))
TRY(open_directory, opened(p, O_RDONLY | O_DIRECTORY))
TRY(open_nofollow, opened(p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
TRY(open_nofollow_directory, opened(p, O_RDONLY | O_NOFOLLOW | O_DIRECTORY))
TRY(open_path, opened(p, O_PATH))
TRY(open_path_nofollow, opened(p, O_PATH | O_NOFOLLOW))
TRY(open_path_directory, opened(p, O_PATH | O_DIRECTORY))
TRY(open_path_create, opened(p, O_PATH | O_CREAT | O_EXCL | O_TRUNC))
TRY(create, opened(p, O_WRONLY | O_CREAT | O_NONBLOCK))
TRY(create_read, opened(p, O_RDONLY | O_CREAT | O_NONBLOCK))
TRY(create_nofollow, opened(p, O_RDWR | O_CREAT | O_NOFOLLOW))
TRY(create_exclusive, opened(p, O_RDWR | O_CREAT | O_EXCL))
TRY(create_directory, opened(p, O_RDONLY | O_CREAT | O_DIRECTORY))
TRY(open_truncate, opened(p, O_RDWR | O_TRUNC))
TRY(open_temporary, opened(p, O_RDWR | O_TMPFILE))
TRY(open_temporary_read, opened(p, O_RDONLY | O_TMPFILE))
TRY(truncate, truncate(p, 2))
TRY(mkdir, mkdir(p, 0750))
TRY(mknod, mknod(p, S_IFREG | 0600, 0))
TRY(mkfifo, mkfifo(p, 0600))
TRY(rmdir, rmdir(p))
TRY(unlink, unlink(p))
TRY(symlink, symlink("target", p))
TRY(symlink_to, symlink(p, "new"))
TRY(link_new, link("other", p))
TRY(link_from, link(p, "new"))
TRY(link_from_followed, linkat(AT_FDCWD, p, AT_FDCWD, "new", AT_SYMLINK_FOLLOW))
TRY(rename_file_to, rename("other", p))
TRY(rename_directory_to, rename("empty", p))
TRY(rename_full_to, rename("dir", p))
TRY(rename_none_to, rename("missing", p))
TRY(rename_from, rename(p, "new"))
TRY(rename_from_slash, rename(p, "new/"))
TRY(rename_self, rename(p, p))
TRY(rename_no_replace, syscall(SYS_renameat2, -100l, "other", -100l, p, 1l))
TRY(rename_exchange, syscall(SYS_renameat2, -100l, "other", -100l, p, 2l))
TRY(rename_exchange_full, syscall(SYS_renameat2, -100l, "dir", -100l, p, 2l))
TRY(access, access(p, R_OK))
TRY(access_execute, access(p, X_OK))
TRY(chmod, chmod(p, 0755))
TRY(chown, chown(p, 0, 0))
TRY(lchown, lchown(p, 0, 0))
TRY(times, syscall(SYS_utimensat, -100l, p, times, 0l))
TRY(times_of_link, syscall(SYS_utimensat, -100l, p, times, (long)AT_SYMLINK_NOFOLLOW))

/* reads: it cannot change the tree. roots: it may be tried with "//". */
static const struct {
    const char *name;
    long (*call)(const char *path);
    int reads, roots;
} calls[] = {
#define READS(name) {#name, try_##name, 1, 1}
#define WRITES(name) {#name, try_##name, 0, 1}
#define BELOW(name) {#name, try_##name, 0, 0}
    READS(stat),
    READS(lstat),
    READS(statfs),
    READS(readlink),
    READS(chdir),
    READS(open),
    READS(open_directory),
    READS(open_nofollow),
    READS(open_nofollow_directory),
    READS(open_path),
    READS(open_path_nofollow),
    READS(open_path_directory),
    READS(open_path_create),
    READS(open_temporary),
    READS(open_temporary_read),
    READS(access),
    READS(access_execute),
    WRITES(open_write),
    WRITES(create),
    WRITES(create_read),
    WRITES(create_nofollow),
    WRITES(create_exclusive),
    WRITES(create_directory),
    WRITES(open_truncate),
    WRITES(truncate),
    WRITES(mkdir),
    WRITES(mknod),
    WRITES(mkfifo),
    WRITES(rmdir),
    WRITES(unlink),
    WRITES(symlink),
    WRITES(symlink_to),
    WRITES(link_new),
    WRITES(link_from),
    WRITES(link_from_followed),
    WRITES(rename_file_to),
    WRITES(rename_directory_to),
    WRITES(rename_full_to),
    WRITES(rename_none_to),
    WRITES(rename_from),
    WRITES(rename_from_slash),
    WRITES(rename_self),
    WRITES(rename_no_replace),
    WRITES(rename_exchange),
    WRITES(rename_exchange_full),
    BELOW(chmod),
    BELOW(chown),
    BELOW(lchown),
    BELOW(times),
    BELOW(times_of_link),
};

static struct tree was, is;

static void remake(void) {
    place_renew();
    tree_make();
    tree_read(&was);
}

static void try_all(const char *label, const char *path) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (!calls[i].roots && path && *path == '/')
            continue;
        errno = 0;
        long result = calls[i].call(path);
        printf("%s(%s) ", calls[i].name, label);
        said("", result);
        if (calls[i].reads)
            continue;
        tree_read(&is);
        if (tree_tell(&was, &is))
            remake();
    }
}

int main(void) {
    make_paths();
    place_make();
    remake();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        try_all(paths[i].label, paths[i].path);
    return place_end();
}
