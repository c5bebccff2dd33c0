/* SPDX-License-Identifier: MIT */
/*
 * Random operations on files against a model in memory, on four threads: each in a folder
 * of its own, whose model says what every call answers, and all of them in a shared one,
 * where an outcome is one of those that are allowed. Afterwards as much memory is free as
 * before. The argument is the number of operations of all threads together.
 */
// process: no: it asks a guest for what only a guest is
// native: -pthread
// stdout-from: checks
// args: 30000
// memory: 96M
// vcpus: 1 2 4
// timeout: 240
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"
#include "random.h"

enum {
    THREADS = 4,
    NAMES = 24,   /* n0 … n15 at the top, n16 … in the folders that are there */
    TOP = 16,     /* names that may be folders */
    FILES = 12,   /* at once, of a thread */
    SIZE = 40000, /* of a file at most */
    OPEN = 4,
    PATH = 96,
    SPARE_PAGES = 48, /* that may be kept: tables, heap pages that are used in part */
};

enum kind { NOTHING, FILE_, FOLDER, LINK };

struct content {
    int links, opens;
    long size;
    unsigned char data[SIZE];
};

struct name {
    enum kind kind;
    struct content *content;
    char target[PATH];
};

struct handle {
    int fd;
    struct content *content;
    long position;
    int append;
};

struct world {
    uint64_t random;
    int number;
    long operations, done[16];
    struct name names[TOP][NAMES + 1]; /* [i][0] is name i; [i][j] name j - 1 within it */
    struct content contents[FILES];
    struct handle open[OPEN];
    unsigned char buffer[SIZE];
};

static struct world worlds[THREADS];
static char place[64];

static uint64_t next(struct world *w) {
    uint64_t z = w->random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static long below(struct world *w, long limit) {
    return (long)(next(w) % (uint64_t)limit);
}

/* A place for a name: at the top, or in a folder of the top. */
struct spot {
    int i, j;
};

static struct spot choose(struct world *w) {
    return (struct spot){(int)below(w, TOP), below(w, 3) ? 0 : 1 + (int)below(w, NAMES)};
}

static struct name *at(struct world *w, struct spot s) {
    return &w->names[s.i][s.j];
}

static const char *path_of(const struct world *w, struct spot s, char *path) {
    if (s.j)
        snprintf(path, PATH, "%s/t%d/n%d/m%d", place, w->number, s.i, s.j);
    else
        snprintf(path, PATH, "%s/t%d/n%d", place, w->number, s.i);
    return path;
}

/* 0, or why the folder that the spot is in is none. Links lead nowhere (see try_symlink).
 */
static int no_folder(struct world *w, struct spot s) {
    enum kind kind = w->names[s.i][0].kind;

    return !s.j || kind == FOLDER ? 0 : kind == FILE_ ? ENOTDIR : ENOENT;
}

static int is_empty(struct world *w, int i) {
    for (int j = 1; j <= NAMES; j++)
        if (w->names[i][j].kind)
            return 0;
    return 1;
}

/* The call's result is as the model says: error, or 0. */
static int agree(struct world *w, const char *what, struct spot s, long result, int error) {
    int got = result < 0 ? errno : 0;
    char path[PATH];

    if (CHECK(got == error))
        return !error;
    printf("    %s %s: errno %d, expected %d, after %ld operations\n", what,
           path_of(w, s, path), got, error, w->operations);
    return 0;
}

static struct content *find_content(struct world *w) {
    for (int i = 0; i < FILES; i++) {
        struct content *c = &w->contents[i];
        if (!c->links && !c->opens) {
            memset(c->data, 0, sizeof c->data);
            c->size = 0;
            return c;
        }
    }
    return NULL;
}

static void forget(struct name *name) {
    if (name->kind == FILE_)
        name->content->links--;
    *name = (struct name){0};
}

static void try_open(struct world *w, struct spot s) {
    struct handle *h = &w->open[below(w, OPEN)];
    struct name *name = at(w, s);
    int create = below(w, 2), exclusive = below(w, 4) == 0, cut = below(w, 8) == 0;
    struct content *fresh = create ? find_content(w) : NULL;
    int error = no_folder(w, s), append = below(w, 3) == 0;
    char path[PATH];

    if (h->content) {
        CHECK_EQUAL(close(h->fd), 0);
        h->content->opens--;
        h->content = NULL;
    }
    if (create && !fresh)
        return;
    if (!error && name->kind == NOTHING)
        error = create ? 0 : ENOENT;
    else if (!error && create && exclusive)
        error = EEXIST;
    else if (!error && name->kind == FOLDER)
        error = EISDIR;
    else if (!error && name->kind == LINK)
        error = ELOOP; /* by O_NOFOLLOW */
    int fd = open(path_of(w, s, path),
                  O_RDWR | O_NOFOLLOW | (create ? O_CREAT : 0) |
                      (exclusive && create ? O_EXCL : 0) | (cut ? O_TRUNC : 0) |
                      (append ? O_APPEND : 0),
                  0600);
    if (!agree(w, "open", s, fd, error)) {
        if (fd >= 0)
            close(fd);
        return;
    }
    if (name->kind == NOTHING) {
        *name = (struct name){.kind = FILE_, .content = fresh};
        fresh->links = 1;
    }
    if (cut) {
        memset(name->content->data, 0, SIZE);
        name->content->size = 0;
    }
    *h = (struct handle){.fd = fd, .content = name->content, .append = append};
    h->content->opens++;
}

static struct handle *choose_open(struct world *w) {
    struct handle *h = &w->open[below(w, OPEN)];

    return h->content ? h : NULL;
}

static void try_write(struct world *w) {
    struct handle *h = choose_open(w);
    long size = below(w, below(w, 2) ? 9000 : 100), place_at = below(w, SIZE);
    int own = below(w, 2);

    if (!h)
        return;
    long from = h->append ? h->content->size : own ? h->position : place_at;
    if (from + size > SIZE)
        return;
    memset(w->buffer, (int)(1 + below(w, 255)), (size_t)size);
    long n = own ? write(h->fd, w->buffer, (size_t)size)
                 : pwrite(h->fd, w->buffer, (size_t)size, place_at);
    if (!CHECK_EQUAL(n, size))
        return;
    memcpy(h->content->data + from, w->buffer, (size_t)size);
    if (size && from + size > h->content->size)
        h->content->size = from + size;
    if (own)
        h->position = size || h->append ? from + size : h->position;
    if (own && !size)
        h->position = lseek(h->fd, 0, SEEK_CUR);
}

static void try_read(struct world *w) {
    struct handle *h = choose_open(w);
    long size = below(w, 9000), from = below(w, SIZE);
    int own = below(w, 2);

    if (!h)
        return;
    if (own)
        from = h->position;
    long rest = h->content->size > from ? h->content->size - from : 0;
    long wanted = size < rest ? size : rest;
    long n = own ? read(h->fd, w->buffer, (size_t)size)
                 : pread(h->fd, w->buffer, (size_t)size, from);
    if (!CHECK_EQUAL(n, wanted))
        return;
    if (!CHECK(!memcmp(w->buffer, h->content->data + from, (size_t)n)))
        printf("    read %ld at %ld\n", n, from);
    if (own)
        h->position += n;
}

static void try_seek(struct world *w) {
    struct handle *h = choose_open(w);
    long to = below(w, SIZE);

    if (!h)
        return;
    switch (below(w, 3)) {
    case 0:
        CHECK_EQUAL(lseek(h->fd, to, SEEK_SET), to);
        break;
    case 1:
        CHECK_EQUAL(lseek(h->fd, to - h->position, SEEK_CUR), to);
        break;
    default:
        CHECK_EQUAL(lseek(h->fd, to - h->content->size, SEEK_END), to);
    }
    h->position = to;
}

static void resize(struct content *c, long size) {
    if (size < c->size)
        memset(c->data + size, 0, (size_t)(c->size - size));
    c->size = size;
}

static void try_truncate(struct world *w, struct spot s) {
    struct handle *h = choose_open(w);
    struct name *name = at(w, s);
    long size = below(w, SIZE);
    char path[PATH];

    if (h && below(w, 2)) {
        if (CHECK_EQUAL(ftruncate(h->fd, size), 0))
            resize(h->content, size);
        return;
    }
    int error = no_folder(w, s);
    if (!error && name->kind != FILE_)
        error = name->kind == FOLDER ? EISDIR : ENOENT;
    if (agree(w, "truncate", s, truncate(path_of(w, s, path), size), error))
        resize(name->content, size);
}

static void try_allocate(struct world *w) {
    struct handle *h = choose_open(w);
    long from = below(w, SIZE - 1), size = 1 + below(w, SIZE - from);
    int punch = below(w, 2);

    if (!h)
        return;
    int mode = punch ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE : 0;
    if (!CHECK_EQUAL(fallocate(h->fd, mode, from, size), 0))
        return;
    if (punch)
        memset(h->content->data + from, 0, (size_t)size);
    else if (from + size > h->content->size)
        h->content->size = from + size;
}

static void try_mkdir(struct world *w, struct spot s) {
    int error = no_folder(w, s);
    char path[PATH];

    if (s.j)
        return; /* one level is enough */
    if (!error && at(w, s)->kind)
        error = EEXIST;
    if (agree(w, "mkdir", s, mkdir(path_of(w, s, path), 0700), error))
        at(w, s)->kind = FOLDER;
}

static void try_rmdir(struct world *w, struct spot s) {
    struct name *name = at(w, s);
    int error = no_folder(w, s);
    char path[PATH];

    if (!error && name->kind != FOLDER)
        error = name->kind ? ENOTDIR : ENOENT;
    else if (!error && !is_empty(w, s.i))
        error = ENOTEMPTY;
    if (agree(w, "rmdir", s, rmdir(path_of(w, s, path)), error))
        forget(name);
}

static void try_unlink(struct world *w, struct spot s) {
    struct name *name = at(w, s);
    int error = no_folder(w, s);
    char path[PATH];

    if (!error && (name->kind == NOTHING || name->kind == FOLDER))
        error = name->kind ? EISDIR : ENOENT;
    if (agree(w, "unlink", s, unlink(path_of(w, s, path)), error))
        forget(name);
}

/* The target is never there. */
static void try_symlink(struct world *w, struct spot s) {
    struct name *name = at(w, s);
    int error = no_folder(w, s);
    char path[PATH], target[PATH];

    if (!error && name->kind)
        error = EEXIST;
    snprintf(target, sizeof target, "nowhere%.*s", (int)below(w, 60),
             "/////////////////////////////////////////////////////////////////");
    if (agree(w, "symlink", s, symlink(target, path_of(w, s, path)), error)) {
        name->kind = LINK;
        strcpy(name->target, target);
    }
}

static void try_link(struct world *w, struct spot s, struct spot t) {
    struct name *old = at(w, s), *new = at(w, t);
    char path[PATH], other[PATH];
    int error = no_folder(w, s);

    if (old->kind == LINK)
        return;
    if (!error && !old->kind)
        error = ENOENT;
    if (!error)
        error = no_folder(w, t);
    if (!error && new->kind)
        error = EEXIST;
    if (!error && old->kind == FOLDER)
        error = EPERM;
    if (!agree(w, "link", s, link(path_of(w, s, path), path_of(w, t, other)), error))
        return;
    *new = *old;
    new->content->links++;
}

static int rename_error(struct world *w, struct spot s, struct spot t) {
    struct name *old = at(w, s), *new = at(w, t);
    int error = no_folder(w, s);

    if (!error)
        error = no_folder(w, t);
    if (error)
        return error;
    if (!old->kind)
        return ENOENT;
    if (old->kind == FOLDER && t.j)
        return t.i == s.i ? EINVAL : -1;
    if (new->kind == FOLDER && s.j &&s.i == t.i)
        return ENOTEMPTY;
    if (old == new || !new->kind)
        return 0;
    if (old->kind == FOLDER)
        return new->kind != FOLDER ? ENOTDIR : is_empty(w, t.i) ? 0 : ENOTEMPTY;
    return new->kind == FOLDER ? EISDIR : 0;
}

static void try_rename(struct world *w, struct spot s, struct spot t) {
    struct name *old = at(w, s), *new = at(w, t);
    int error = rename_error(w, s, t);
    char path[PATH], other[PATH];

    if (error == -1)
        return; /* a folder into a folder: one level is enough */
    /* both paths are walked before anything is looked up */
    if (!agree(w, "rename", s, rename(path_of(w, s, path), path_of(w, t, other)), error) ||
        old == new)
        return;
    if (old->kind == FILE_ && new->kind == FILE_ && old->content == new->content)
        return;
    forget(new);
    if (old->kind == FOLDER)
        for (int j = 1; j <= NAMES; j++) {
            w->names[t.i][j] = w->names[s.i][j];
            w->names[s.i][j] = (struct name){0};
        }
    *new = *old;
    *old = (struct name){0};
}

static void try_stat(struct world *w, struct spot s) {
    static const unsigned modes[] = {0, S_IFREG | 0600, S_IFDIR | 0700, S_IFLNK | 0777};
    struct name *name = at(w, s);
    int error = no_folder(w, s);
    char path[PATH], target[PATH];
    struct stat stat;

    if (!error && !name->kind)
        error = ENOENT;
    if (!agree(w, "lstat", s, lstat(path_of(w, s, path), &stat), error))
        return;
    CHECK_EQUAL(stat.st_mode, modes[name->kind]);
    if (name->kind == FILE_) {
        CHECK_EQUAL(stat.st_size, name->content->size);
        CHECK_EQUAL(stat.st_nlink, name->content->links);
    } else if (name->kind == LINK) {
        long n = readlink(path, target, sizeof target);
        CHECK_EQUAL(n, strlen(name->target));
        CHECK(n > 0 && !memcmp(target, name->target, (size_t)n));
    } else {
        CHECK_EQUAL(stat.st_nlink, 2);
    }
}

static void try_list(struct world *w, int i) {
    unsigned char seen[TOP + NAMES + 1] = {0};
    char path[PATH];
    int inner = i >= 0, many = inner ? NAMES + 1 : TOP;

    if (inner && w->names[i][0].kind != FOLDER)
        return;
    if (inner)
        path_of(w, (struct spot){i, 0}, path);
    else
        snprintf(path, sizeof path, "%s/t%d", place, w->number);
    DIR *d = opendir(path);
    if (!CHECK(d))
        return;
    for (struct dirent *e; (e = readdir(d));) {
        if (*e->d_name == '.')
            continue;
        int n = atoi(e->d_name + 1);
        if (CHECK(*e->d_name == (inner ? 'm' : 'n') && n >= 0 && n < many))
            seen[n]++;
    }
    closedir(d);
    for (int n = inner; n < many; n++)
        CHECK_EQUAL(seen[n], !!(inner ? &w->names[i][n] : &w->names[n][0])->kind);
}

/* In the folder of all threads: anything may be there or not. */
static void try_shared(struct world *w) {
    char path[PATH], other[PATH];
    long result = 0;
    uint64_t may = 0; /* errors, all below 64 */

#define MAY(error) (1ull << (error))
    snprintf(path, sizeof path, "%s/all/s%ld", place, below(w, 6));
    snprintf(other, sizeof other, "%s/all/s%ld", place, below(w, 6));
    errno = 0;
    switch (below(w, 8)) {
    case 0:
        result = mkdir(path, 0700);
        may = MAY(EEXIST);
        break;
    case 1:
        result = rmdir(path);
        may = MAY(ENOENT) | MAY(ENOTDIR);
        break;
    case 2:
        result = unlink(path);
        may = MAY(ENOENT) | MAY(EISDIR);
        break;
    case 3:
        result = rename(path, other);
        may = MAY(ENOENT) | MAY(ENOTDIR) | MAY(EISDIR);
        break;
    case 4:
        result = link(path, other);
        may = MAY(ENOENT) | MAY(EEXIST) | MAY(EPERM);
        break;
    case 5:
        result = symlink("all", path);
        may = MAY(EEXIST);
        break;
    case 6: {
        DIR *d;
        snprintf(path, sizeof path, "%s/all", place);
        if (CHECK(d = opendir(path))) {
            int n = 0;
            while (readdir(d))
                n++;
            CHECK(n >= 2 && n <= 200);
            closedir(d);
        }
        return;
    }
    default:
        result = open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
        may = MAY(EISDIR) | MAY(ELOOP);
        if (result >= 0) {
            char text[8] = "shared!";
            CHECK_EQUAL(write((int)result, text, 7), 7);
            CHECK_EQUAL(pread((int)result, text, 7, 0), 7);
            CHECK(!memcmp(text, "shared!", 7));
            close((int)result);
        }
    }
    if (result < 0 && !CHECK(errno < 64 && may >> errno & 1))
        printf("    %s: errno %d\n", path, errno);
}

static void try_one(struct world *w) {
    struct spot s = choose(w), t = choose(w);

    switch (below(w, 20)) {
    case 0:
    case 1:
    case 2:
        try_open(w, s);
        break;
    case 3:
    case 4:
    case 5:
        try_write(w);
        break;
    case 6:
    case 7:
        try_read(w);
        break;
    case 8:
        try_seek(w);
        break;
    case 9:
        try_truncate(w, s);
        break;
    case 10:
        try_allocate(w);
        break;
    case 11:
        try_mkdir(w, s);
        break;
    case 12:
        try_rmdir(w, s);
        break;
    case 13:
        try_unlink(w, s);
        break;
    case 14:
        try_symlink(w, s);
        break;
    case 15:
        try_link(w, s, t);
        break;
    case 16:
        try_rename(w, s, t);
        break;
    case 17:
        try_stat(w, s);
        break;
    case 18:
        try_list(w, (int)below(w, TOP + 1) - 1);
        break;
    default:
        try_shared(w);
    }
}

static void *work(void *argument) {
    struct world *w = argument;
    long count = w->operations;

    for (w->operations = 0; w->operations < count && !checks_failed; w->operations++)
        try_one(w);
    for (int i = 0; i < OPEN; i++)
        if (w->open[i].content)
            CHECK_EQUAL(close(w->open[i].fd), 0);
    return NULL;
}

static int remove_one(const char *path, const struct stat *stat, int kind,
                      struct FTW *where) {
    (void)stat;
    (void)kind;
    (void)where;
    return remove(path);
}

static void run(long operations) {
    pthread_t threads[THREADS];
    char path[PATH];

    strcpy(place, "/tmp/atman-exerciser-XXXXXX");
    CHECK(mkdtemp(place));
    snprintf(path, sizeof path, "%s/all", place);
    CHECK_EQUAL(mkdir(path, 0700), 0);
    for (int i = 0; i < THREADS; i++) {
        struct world *w = &worlds[i];
        memset(w, 0, sizeof *w);
        w->number = i;
        w->random = random_next();
        w->operations = operations / THREADS;
        snprintf(path, sizeof path, "%s/t%d", place, i);
        CHECK_EQUAL(mkdir(path, 0700), 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, work, &worlds[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static long free_pages(void) {
    struct sysinfo info;

    sysinfo(&info);
    return (long)(info.freeram * info.mem_unit / 4096);
}

int main(int argc, char **argv) {
    long operations = argc > 1 ? atol(argv[1]) : 30000;

    random_start();
    printf("seed %llu, %ld operations\n", (unsigned long long)random_state, operations);
    run(operations / 10); /* what is made once is there: stacks, tables, vCPUs */
    long before = free_pages();
    run(operations);
    long after = free_pages();
#ifdef __atman__
    if (!CHECK(after >= before - SPARE_PAGES))
        printf("    %ld pages are missing\n", before - after);
#else
    (void)before, (void)after; /* the host has other programs */
#endif
    return checks_end();
}
