/* SPDX-License-Identifier: MIT */
/*
 * Threads that race: O_APPEND loses nothing, a shared position gives each record once,
 * names are made and moved by exactly one, a rename never leaves a name without a file,
 * listing goes on while names come and go, descriptors are given once.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
// timeout: 120
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "files/say.h"

enum { THREADS = 4, RECORDS = 2000, RECORD = 24, NAMES = 300 };

static int shared;
static unsigned char got[THREADS * RECORDS];
static int winners[NAMES];

static void run(void *(*work)(void *)) {
    pthread_t threads[THREADS];

    for (long i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
}

static void make_record(char *record, long thread, int i) {
    snprintf(record, RECORD + 1, "%08ld-record-%06d\n\n", thread * RECORDS + i, i);
}

static void *append(void *argument) {
    int fd = open("log", O_WRONLY | O_APPEND);
    char record[RECORD + 1];

    for (int i = 0; i < RECORDS; i++) {
        make_record(record, (long)argument, i);
        CHECK_EQUAL(write(fd, record, RECORD), RECORD);
    }
    close(fd);
    return NULL;
}

static void *write_shared(void *argument) {
    char record[RECORD + 1];

    for (int i = 0; i < RECORDS; i++) {
        make_record(record, (long)argument, i);
        CHECK_EQUAL(write(shared, record, RECORD), RECORD);
    }
    return NULL;
}

static void *read_shared(void *argument) {
    char record[RECORD + 1] = "", wanted[RECORD + 1];

    while (read(shared, record, RECORD) == RECORD) {
        long n = atol(record);
        make_record(wanted, n / RECORDS, (int)(n % RECORDS));
        if (CHECK(n >= 0 && n < THREADS * RECORDS && !memcmp(record, wanted, RECORD)))
            __atomic_fetch_add(&got[n], 1, __ATOMIC_RELAXED);
    }
    return argument;
}

static void check_log(const char *what, void *(*writer)(void *)) {
    struct stat s;

    shared = open("log", O_RDWR | O_CREAT | O_TRUNC, 0600);
    run(writer);
    fstat(shared, &s);
    if (!CHECK_EQUAL(s.st_size, THREADS * RECORDS * RECORD))
        printf("    %s\n", what);
    lseek(shared, 0, SEEK_SET);
    memset(got, 0, sizeof got);
    run(read_shared);
    int wrong = 0;
    for (int i = 0; i < THREADS * RECORDS; i++)
        wrong += got[i] != 1;
    if (!CHECK_EQUAL(wrong, 0))
        printf("    %s\n", what);
    close(shared);
}

/* Each name is made by one, moved by one, removed by one. */
static void *take_names(void *argument) {
    char name[32], other[32];

    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "name%d", i);
        snprintf(other, sizeof other, "other%d", i);
        int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0) {
            __atomic_fetch_add(&winners[i], 1, __ATOMIC_RELAXED);
            close(fd);
        } else {
            CHECK_EQUAL(errno, EEXIST);
        }
        if (i % 16 == 0)
            sched_yield();
    }
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "name%d", i);
        snprintf(other, sizeof other, "other%d", i);
        if (!rename(name, other))
            __atomic_fetch_add(&winners[i], 100, __ATOMIC_RELAXED);
        else
            CHECK_EQUAL(errno, ENOENT);
    }
    for (int i = 0; i < NAMES; i++) {
        snprintf(other, sizeof other, "other%d", i);
        if (!unlink(other))
            __atomic_fetch_add(&winners[i], 10000, __ATOMIC_RELAXED);
        else
            CHECK_EQUAL(errno, ENOENT);
    }
    return argument;
}

/* The last one to open "name" may have come after it had been moved by another, so a name
 * is made at least once; but as often moved and removed as it was made. */
static void check_names(void) {
    for (int i = 0; i < NAMES; i++) {
        int made = winners[i] % 100, moved = winners[i] / 100 % 100;
        int removed = winners[i] / 10000;
        CHECK(made >= 1);
        CHECK_EQUAL(made, moved);
        CHECK(removed >= 1 && removed <= moved);
    }
}

/* Two replace a file again and again; two always find one of the contents. */
static void *replace(void *argument) {
    long self = (long)argument;
    char name[32], text[8];

    snprintf(name, sizeof name, "new%ld", self);
    for (int i = 0; i < 1000; i++) {
        if (self < 2) {
            write_text(name, self ? "one" : "two");
            CHECK_EQUAL(rename(name, "target"), 0);
        } else {
            int fd = open("target", O_RDONLY);
            if (CHECK(fd >= 0)) {
                CHECK_EQUAL(read(fd, text, sizeof text), 3);
                CHECK(!memcmp(text, "one", 3) || !memcmp(text, "two", 3));
            }
            close(fd);
        }
    }
    return NULL;
}

/* Folders that are moved into one another: never a loop, never lost. */
static void *tangle(void *argument) {
    static const char *const paths[] = {"t/a",   "t/b",     "t/a/b",   "t/b/a",
                                        "t/a/c", "t/b/a/c", "t/a/b/c", "t/c"};
    unsigned random = 77 + (unsigned)(long)argument;

    for (int i = 0; i < 2000; i++) {
        random = random * 1103515245 + 12345;
        const char *from = paths[random >> 16 & 7], *to = paths[random >> 20 & 7];
        long flags = random >> 24 & 1 ? 2 : 1; /* exchange, or do not replace */
        if (CALL(renameat2, -100l, from, -100l, to, flags))
            CHECK(errno == ENOENT || errno == EEXIST || errno == EINVAL ||
                  errno == ENOTEMPTY || errno == ENOTDIR);
    }
    return NULL;
}

static int counted;

static int count_one(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)path;
    (void)s;
    (void)kind;
    (void)where;
    counted++;
    return 0;
}

static void check_tangle(void) {
    CHECK_EQUAL(
        mkdir("t", 0755) | mkdir("t/a", 0755) | mkdir("t/b", 0755) | mkdir("t/c", 0755), 0);
    run(tangle);
    CHECK_EQUAL(nftw("t", count_one, 16, FTW_PHYS), 0);
    CHECK_EQUAL(counted, 4);
}

/* Names that stay are listed once by each listing. */
static void *list(void *argument) {
    long self = (long)argument;
    char name[32];

    for (int i = 0; i < 200; i++) {
        if (self < 2) {
            for (int j = 0; j < 20; j++) {
                snprintf(name, sizeof name, "l/go%ld-%d", self, j);
                int fd = open(name, O_CREAT | O_RDWR, 0600);
                CHECK(fd >= 0);
                close(fd);
            }
            for (int j = 0; j < 20; j++) {
                snprintf(name, sizeof name, "l/go%ld-%d", self, j);
                CHECK_EQUAL(unlink(name), 0);
            }
            continue;
        }
        int stay = 0;
        DIR *d = opendir("l");
        for (struct dirent *e; (e = readdir(d));)
            stay += !strncmp(e->d_name, "stay", 4);
        closedir(d);
        CHECK_EQUAL(stay, 50);
    }
    return NULL;
}

static void check_list(void) {
    char name[32];

    CHECK_EQUAL(mkdir("l", 0755), 0);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "l/stay%d", i);
        write_text(name, "");
    }
    run(list);
}

/* A descriptor is of the one who opened it until it closes it. */
static int owners[1024];

static void *open_close(void *argument) {
    for (int i = 0; i < 3000; i++) {
        int fd = i % 3 ? open("target", O_RDONLY) : dup(0);
        if (!CHECK(fd >= 0 && fd < 1024))
            continue;
        CHECK_EQUAL(__atomic_exchange_n(&owners[fd], 1, __ATOMIC_SEQ_CST), 0);
        __atomic_store_n(&owners[fd], 0, __ATOMIC_SEQ_CST);
        CHECK_EQUAL(close(fd), 0);
    }
    return argument;
}

/* Readers of a file that is cut and grown see its bytes or zeros, never others. */
static void *cut(void *argument) {
    long self = (long)argument;
    char data[5000];

    for (int i = 0; i < 500; i++) {
        if (self == 0) {
            CHECK_EQUAL(ftruncate(shared, i % 2 ? 100 : 20000), 0);
        } else if (self == 1) {
            memset(data, 'd', sizeof data);
            CHECK_EQUAL(pwrite(shared, data, sizeof data, i % 4 * 4000), sizeof data);
        } else {
            long n = pread(shared, data, sizeof data, i % 4 * 3000);
            int bad = n < 0;
            for (long j = 0; j < n; j++)
                bad += data[j] && data[j] != 'd';
            CHECK_EQUAL(bad, 0);
        }
    }
    return NULL;
}

int main(void) {
    place_make();
    write_text("log", "");
    check_log("append", append);
    check_log("one position", write_shared);
    run(take_names);
    check_names();
    write_text("target", "one");
    run(replace);
    check_tangle();
    check_list();
    run(open_close);
    shared = open("cut", O_RDWR | O_CREAT, 0600);
    run(cut);
    close(shared);
    CHECK_EQUAL(place_end(), 0);
    return checks_end();
}
