/* SPDX-License-Identifier: MIT */
/*
 * Folders: reading them while names come and go, many names, positions; folders that are
 * removed while open or the working one; unlinked files; links counted.
 */
// native:
// stdout-from: native
// vcpus: 1 2
// timeout: 120
#define _GNU_SOURCE
#include "files/sandbox.h"

enum { MANY = 10000 };

static unsigned char seen[MANY];

static int names_seen, names_twice, names_odd;

static void see(const char *name) {
    char *end;
    unsigned long n = strtoul(name, &end, 10);

    if (!strcmp(name, ".") || !strcmp(name, ".."))
        return;
    if (*end || n >= MANY) {
        names_odd++;
        return;
    }
    names_twice += seen[n];
    names_seen += !seen[n];
    seen[n] = 1;
}

static void see_none(void) {
    memset(seen, 0, sizeof seen);
    names_seen = names_twice = names_odd = 0;
}

static void say_seen(const char *when) {
    printf("%s: %d seen, %d twice, %d odd\n", when, names_seen, names_twice, names_odd);
}

static void make_many(int from, int to) {
    for (int i = from; i < to; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/%d", i);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (fd < 0) {
            said("many", -1);
            return;
        }
        close(fd);
    }
}

static void remove_one(int i) {
    char name[32];

    snprintf(name, sizeof name, "many/%d", i);
    if (unlink(name))
        said(name, -1);
}

/* With a buffer that holds few, many, or too few records. */
static void try_sizes(size_t size) {
    static char buffer[1 << 16];
    int fd = open("many", O_RDONLY | O_DIRECTORY);
    long n;

    see_none();
    errno = 0;
    while ((n = CALL(getdents64, (long)fd, buffer, (long)size)) > 0)
        for (long at = 0; at < n;) {
            struct {
                uint64_t number;
                int64_t next;
                unsigned short size;
                unsigned char type;
                char name[];
            } *record = (void *)(buffer + at);
            see(record->name);
            at += record->size;
        }
    printf("%zu: ", size);
    said("the end", n);
    say_seen("of all");
    close(fd);
}

static void try_many(void) {
    SAY(mkdir("many", 0700));
    make_many(0, MANY);
    try_sizes(1 << 16);
    try_sizes(300);
    try_sizes(32);
    try_sizes(23);
    try_sizes(0);
    /* what stays is told once while others go and come */
    DIR *d = opendir("many");
    see_none();
    int told = 0, gone = 0;
    for (struct dirent *e; (e = readdir(d)); told++) {
        see(e->d_name);
        if (told % 10 == 5 && gone < MANY / 2) { /* even ones go */
            remove_one(2 * gone);
            gone++;
        }
    }
    int odd = 0;
    for (int i = 1; i < MANY; i += 2)
        odd += seen[i];
    printf("of those that stayed: %d, twice: %d\n", odd, names_twice);
    /* again, from the beginning, after all even ones have gone */
    while (gone < MANY / 2)
        remove_one(2 * gone++);
    rewinddir(d);
    see_none();
    while (told-- > -20000) {
        struct dirent *e = readdir(d);
        if (!e)
            break;
        see(e->d_name);
    }
    say_seen("rewound");
    /* positions */
    rewinddir(d);
    see_none();
    long at = 0;
    char name[256] = "";
    for (int i = 0; i < 1000; i++)
        readdir(d);
    at = telldir(d);
    struct dirent *e = readdir(d);
    strcpy(name, e ? e->d_name : "none");
    for (int i = 0; i < 2000; i++)
        readdir(d);
    seekdir(d, at);
    e = readdir(d);
    SAY(e && !strcmp(e->d_name, name));
    SAY(telldir(d) != at);
    seekdir(d, at);
    SAY(telldir(d) == at);
    SAY(closedir(d));
    SAY(rmdir("many"));
    for (int i = 1; i < MANY; i += 2)
        remove_one(i);
    SAY(rmdir("many"));
}

static void try_types(void) {
    struct dirent **list;
    int n = scandir(".", &list, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        printf("%s %d\n", list[i]->d_name, list[i]->d_type);
        free(list[i]);
    }
    free(list);
    SAY(opendir("file") == NULL ? -1 : 0);
    SAY(opendir("none") == NULL ? -1 : 0);
    SAY(CALL(getdents64, 99l, seen, 100l));
    int fd = open("file", O_RDONLY);
    SAY(CALL(getdents64, (long)fd, seen, 100l));
    close(fd);
    fd = open(".", O_RDONLY);
    SAY(CALL(getdents64, (long)fd, 8l, 100l));
    SAY(lseek(fd, -1, SEEK_SET));
    SAY(CALL(getdents64, (long)fd, seen, 10l));
    close(fd);
}

/* A folder that is gone, but open and the working one. */
static void try_gone(void) {
    char text[300];
    struct stat s;

    SAY(mkdir("gone", 0755));
    SAY(chdir("gone"));
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    SAY(rmdir("../gone"));
    SAY(getcwd(text, sizeof text) != NULL);
    SAY(stat(".", &s));
    SAY(s.st_nlink);
    SAY(CALL(getdents64, (long)fd, text, (long)sizeof text));
    SAY_CLOSE(open("new", O_RDWR | O_CREAT, 0600));
    SAY(mkdir("new", 0755));
    SAY(symlink("x", "new"));
    SAY(mkfifo("new", 0755));
    SAY(link("../file", "new"));
    SAY(rename("../file", "new"));
    SAY(rename("../file", "../gone/new"));
    SAY_CLOSE(open("none", O_RDONLY));
    SAY(access(".", F_OK));
    SAY(access("./", F_OK));
    SAY(unlink("none"));
    SAY(rmdir("."));
    SAY(fchmod(fd, 0700));
    SAY(fstat(fd, &s));
    SAY(s.st_mode);
    SAY(fchdir(fd));
    SAY(access("../file", F_OK));
    SAY(chdir(".."));
    SAY(access("file", F_OK));
    SAY(fchdir(fd));
    SAY(chdir("."));
    SAY(chdir(".."));
    SAY(mkdir("gone", 0755));
    SAY_CLOSE(openat(fd, "new", O_RDWR | O_CREAT, 0600));
    SAY_CLOSE(openat(fd, "..", O_RDONLY));
    SAY(rmdir("gone"));
    close(fd);
}

static void go_up(const char *name) {
    if (chdir("..") || rmdir(name))
        said("up", -1);
}

static void try_deep(void) {
    char path[5000], name[101] = "";
    long n = 0;

    memset(name, 'd', 100);
    for (; n < 60; n++) { /* deeper than a path may be long */
        if (mkdir(name, 0755) || chdir(name)) {
            said("deeper", -1);
            break;
        }
    }
    printf("%ld deep\n", n);
    SAY(CALL(getcwd, path, (long)sizeof path));
    SAY(CALL(getcwd, path, 4096l));
    for (int i = 0; i < 25; i++)
        go_up(name);
    SAY(CALL(getcwd, path, (long)sizeof path) > 0);
    SAY(CALL(getcwd, path, 10l));
    SAY(CALL(getcwd, path, 0l));
    SAY(CALL(getcwd, 8l, (long)sizeof path));
    for (long i = 25; i < n; i++)
        go_up(name);
    SAY(access("file", F_OK));
}

static void try_unlinked(void) {
    char text[20] = "";
    int fd = open("open", O_RDWR | O_CREAT, 0644);

    SAY(write(fd, "hello", 5));
    SAY(link("open", "second"));
    SAY(unlink("open"));
    say_fd_stat("one link", fd);
    SAY(unlink("second"));
    say_fd_stat("none", fd);
    SAY(pread(fd, text, 10, 0));
    SAY(write(fd, " world", 6));
    SAY(ftruncate(fd, 8));
    SAY(fchmod(fd, 0600));
    say_fd_stat("still", fd);
    SAY(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
    SAY_CLOSE(open("open", O_RDONLY));
    int other = open("open", O_RDWR | O_CREAT | O_EXCL, 0644);
    SAY(write(other, "new", 3));
    say_fd_stat("the new one", other);
    say_fd_stat("the old one", fd);
    SAY(close(fd));
    SAY(close(other));
    SAY(unlink("open"));
}

static void try_links(void) {
    struct stat s;

    SAY(mkdir("a", 0755));
    SAY(mkdir("a/b", 0755));
    SAY(mkdir("a/c", 0755));
    stat("a", &s);
    SAY(s.st_nlink);
    SAY(rmdir("a/b"));
    stat("a", &s);
    SAY(s.st_nlink);
    SAY(rmdir("a"));
    SAY(rmdir("a/c"));
    SAY(rmdir("a"));
    for (int i = 0; i < 1000; i++) {
        char name[20];
        snprintf(name, sizeof name, "link%d", i);
        if (link("file", name))
            said(name, -1);
    }
    stat("file", &s);
    SAY(s.st_nlink);
    SAY(unlink("link77"));
    SAY(rename("link1", "link2"));
    SAY(rename("link3", "link3new"));
    stat("link5", &s);
    SAY(s.st_nlink);
}

int main(void) {
    place_make();
    tree_make();
    try_types();
    try_many();
    try_gone();
    try_deep();
    try_unlinked();
    try_links();
    return place_end();
}
