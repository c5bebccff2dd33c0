/* SPDX-License-Identifier: MIT */
/*
 * Packing folders: see pack.h. A header of newc is 110 bytes of text, the name and at least
 * one NUL; it and the data are padded to four bytes. More NULs bring the data to a page.
 */
#include "pack.h"

#include "memory.h"
#include "message.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PAGE = 4096, HEADER = 110, NAME_MOST = 4095, COPY = 1 << 16 };
#define TRAILER "TRAILER!!!"

/* A file with several names, which has its number in the archive. */
struct linked {
    dev_t device;
    ino_t inode;
    uint32_t number;
    bool written; /* its data are in the archive */
};

struct pack {
    FILE *out;
    uint64_t offset; /* in the archive */
    int64_t latest;  /* time of modification */
    uint32_t count;
    void *linked; /* a tree of struct linked */
};

static bool failed(const char *path) {
    message(path, "%s", strerror(errno));
    return false;
}

static void put(struct pack *pack, const void *bytes, size_t size) {
    fwrite(bytes, 1, size, pack->out); /* errors are seen at the end */
    pack->offset += size;
}

static void put_zeros(struct pack *pack, uint64_t size) {
    static const char zeros[PAGE];

    for (; size > PAGE; size -= PAGE)
        put(pack, zeros, PAGE);
    put(pack, zeros, size);
}

static void align(struct pack *pack, unsigned unit) {
    put_zeros(pack, -pack->offset & (unit - 1));
}

static int64_t read_epoch(void) {
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end;
    long long seconds;

    if (!text || !*text)
        return UINT32_MAX;
    errno = 0;
    seconds = strtoll(text, &end, 10);
    return errno || *end || seconds < 0 || seconds > UINT32_MAX ? UINT32_MAX : seconds;
}

/* Header and name; data of size bytes follow, from a page's beginning if they fill one. */
static void put_header(struct pack *pack, const char *name, const struct stat *st,
                       uint32_t number, uint32_t links, uint32_t size) {
    int64_t time = st->st_mtim.tv_sec < 0 ? 0 : st->st_mtim.tv_sec;
    bool special = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
    uint64_t name_size = strlen(name) + 1;
    char header[HEADER + 1];

    if (size >= PAGE && S_ISREG(st->st_mode))
        name_size += -(pack->offset + HEADER + name_size) & (PAGE - 1);
    if (time > pack->latest)
        time = pack->latest;
    snprintf(header, sizeof header,
             "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", number,
             st->st_mode, 0, 0, links, (unsigned)time, size, 0, 0,
             special ? major(st->st_rdev) : 0, special ? minor(st->st_rdev) : 0,
             (unsigned)name_size, 0);
    put(pack, header, HEADER);
    put(pack, name, strlen(name));
    put_zeros(pack, name_size - strlen(name));
    align(pack, 4);
}

static bool put_contents(struct pack *pack, const char *path, int fd, uint64_t size) {
    static char buffer[COPY];

    while (size) {
        ssize_t n = read(fd, buffer, size < COPY ? size : COPY);

        if (n < 0)
            return failed(path);
        if (n == 0) {
            message(path, "has become shorter while it was packed");
            return false;
        }
        put(pack, buffer, (size_t)n);
        size -= (uint64_t)n;
    }
    align(pack, 4);
    return true;
}

static int compare_linked(const void *a, const void *b) {
    const struct linked *x = a, *y = b;

    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* The record of a file with several names. */
static struct linked *find_linked(struct pack *pack, const struct stat *st) {
    struct linked *new = must_resize(NULL, 1, sizeof *new), **found;

    *new = (struct linked){.device = st->st_dev, .inode = st->st_ino};
    found = tsearch(new, &pack->linked, compare_linked);
    if (!found) {
        errno = ENOMEM;
        failed(NULL);
        exit(1);
    }
    if (*found == new)
        new->number = ++pack->count;
    else
        free(new);
    return *found;
}

static bool put_regular(struct pack *pack, const char *path, const char *name) {
    struct linked *linked = NULL;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    uint64_t size;
    bool ok;

    if (fd < 0 || fstat(fd, &st) < 0) {
        failed(path);
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (st.st_nlink > 1)
        linked = find_linked(pack, &st);
    size = linked && linked->written ? 0 : (uint64_t)st.st_size;
    ok = S_ISREG(st.st_mode) && size <= UINT32_MAX;
    if (!ok) {
        message(path, S_ISREG(st.st_mode) ? "4 GiB and more cannot be packed"
                                          : "has changed while it was packed");
    } else {
        put_header(pack, name, &st, linked ? linked->number : ++pack->count,
                   linked ? (uint32_t)st.st_nlink : 1, (uint32_t)size);
        ok = put_contents(pack, path, fd, size);
    }
    if (linked)
        linked->written = true;
    close(fd);
    return ok;
}

static bool put_link(struct pack *pack, const char *path, const char *name,
                     const struct stat *st) {
    char target[NAME_MOST + 1];
    ssize_t size = readlink(path, target, sizeof target);

    if (size < 0)
        return failed(path);
    if (size == 0 || size > NAME_MOST) {
        errno = ENAMETOOLONG;
        return failed(path);
    }
    put_header(pack, name, st, ++pack->count, 1, (uint32_t)size);
    put(pack, target, (size_t)size);
    align(pack, 4);
    return true;
}

static bool put_folder(struct pack *pack, const char *path, const char *name);

/* One file, of whatever type. name: in the archive. */
static bool put_file(struct pack *pack, const char *path, const char *name) {
    struct stat st;

    if (lstat(path, &st) < 0)
        return failed(path);
    if (strlen(name) > NAME_MOST) {
        errno = ENAMETOOLONG;
        return failed(path);
    }
    if (S_ISREG(st.st_mode))
        return put_regular(pack, path, name);
    if (S_ISLNK(st.st_mode))
        return put_link(pack, path, name, &st);
    put_header(pack, name, &st, ++pack->count, S_ISDIR(st.st_mode) ? 2 : 1, 0);
    return !S_ISDIR(st.st_mode) || put_folder(pack, path, name);
}

static int compare_names(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* What is in a folder; name: the folder's in the archive, "" for the root. */
static bool put_folder(struct pack *pack, const char *path, const char *name) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, compare_names);
    bool ok = true;

    if (count < 0)
        return failed(path);
    for (int i = 0; i < count; i++) {
        const char *own = entries[i]->d_name;
        char *inner, *inner_name;

        if (ok && strcmp(own, ".") != 0 && strcmp(own, "..") != 0) {
            /* A file of the trailer's name is not to be taken for it. */
            const char *dot = !*name && strcmp(own, TRAILER) == 0 ? "./" : "";

            inner = must_format("%s/%s", path, own);
            inner_name = must_format("%s%s%s%s", dot, name, *name ? "/" : "", own);
            ok = put_file(pack, inner, inner_name);
            free(inner);
            free(inner_name);
        }
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* The folders that lead to where, and where itself: name without slashes around it. */
static void put_parents(struct pack *pack, const char *name, const struct stat *own) {
    struct stat st = *own;

    st.st_mode = S_IFDIR | 0755;
    for (const char *end = name; (end = strchr(end, '/')); end++) {
        char *parent = must_copy_part(name, (size_t)(end - name));

        put_header(pack, parent, &st, ++pack->count, 2, 0);
        free(parent);
    }
    put_header(pack, name, own, ++pack->count, 2, 0);
}

/* Divides DIR[:/where]; *where is a relative name without superfluous slashes. */
static void divide(const char *spec, char **folder, char **where) {
    const char *colon = NULL, *at = spec;
    char *to;

    while ((at = strstr(at, ":/")))
        colon = at++;
    *folder = colon ? must_copy_part(spec, (size_t)(colon - spec)) : must_copy(spec);
    to = *where = must_copy(colon ? colon + 2 : "");
    for (const char *from = to; *from; from++)
        if (*from != '/' || (to > *where && to[-1] != '/'))
            *to++ = *from;
    while (to > *where && to[-1] == '/')
        to--;
    *to = '\0';
}

/* Is there a part of the name that leads elsewhere? */
static bool has_dots(const char *name) {
    while (*name) {
        size_t n = strcspn(name, "/");

        if ((n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.'))
            return true;
        name += n + (name[n] == '/');
    }
    return false;
}

bool pack_is_spec(const char *option, const char *spec) {
    char *folder, *where;
    const char *wrong = NULL;
    struct stat st;

    divide(spec, &folder, &where);
    if (!*folder)
        wrong = "which folder? DIR, or DIR:/where";
    else if (has_dots(where))
        wrong = "the place in the guest must be a path without . and ..";
    else if (stat(folder, &st) < 0)
        wrong = strerror(errno);
    else if (!S_ISDIR(st.st_mode))
        wrong = "not a folder";
    if (wrong)
        message(option, "%s: %s", *folder ? folder : spec, wrong);
    free(folder);
    free(where);
    return !wrong;
}

static bool put_spec(struct pack *pack, const char *spec) {
    char *folder, *where;
    struct stat st;
    bool ok;

    divide(spec, &folder, &where);
    ok = stat(folder, &st) == 0 || failed(folder);
    if (ok && *where)
        put_parents(pack, where, &st);
    ok = ok && put_folder(pack, folder, where);
    /* The same file packed again is another one. */
    tdestroy(pack->linked, free);
    pack->linked = NULL;
    free(folder);
    free(where);
    return ok;
}

bool pack_folders(FILE *out, const char *what, char *const *specs) {
    struct pack pack = {.out = out, .latest = read_epoch()};
    struct stat none = {.st_mode = 0};
    bool ok = true;

    for (; ok && *specs; specs++)
        ok = put_spec(&pack, *specs);
    put_header(&pack, TRAILER, &none, 0, 1, 0);
    if (ok && (fflush(out) != 0 || ferror(out)))
        ok = failed(what);
    return ok;
}

bool pack_open(FILE **out, int *fd) {
    const char *folder = getenv("TMPDIR");
    char *path = must_format("%s/atman-files-XXXXXX", folder && *folder ? folder : "/tmp");
    int copy = -1;

    *out = NULL;
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd >= 0) {
        unlink(path);
        copy = fcntl(*fd, F_DUPFD_CLOEXEC, 0);
        *out = copy >= 0 ? fdopen(copy, "w") : NULL;
    }
    if (!*out) {
        failed(path);
        if (copy >= 0)
            close(copy);
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
    }
    free(path);
    return *out != NULL;
}
