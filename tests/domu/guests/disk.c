/* SPDX-License-Identifier: MIT */
/*
 * Disks. The first argument says what is done; what is checked is in the program, what the
 * control domain is to compare is printed.
 */
#define _GNU_SOURCE
#include <atman/xenstore.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                 \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            printf("line %d: %s (%s)\n", __LINE__, #condition, strerror(errno));           \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

enum { PAGE = 4096, LONGEST_S = 40 };

static char *buffer(size_t size) {
    void *memory;

    REQUIRE(!posix_memalign(&memory, PAGE, size));
    memset(memory, 0, size);
    return memory;
}

static uint64_t size_of(int fd) {
    uint64_t size = 0;

    REQUIRE(!ioctl(fd, BLKGETSIZE64, &size));
    return size;
}

/* For what comes from outside and has no limit of its own. */
static void wait_a_little(void) {
    static unsigned times;
    struct timespec pause = {.tv_nsec = 20000000};

    REQUIRE(times++ < LONGEST_S * 50);
    nanosleep(&pause, NULL);
}

static void check_numbers(int fd, uint64_t size) {
    struct stat st;
    unsigned long sectors;
    int n;

    REQUIRE(!fstat(fd, &st));
    REQUIRE(S_ISBLK(st.st_mode) && st.st_size == 0);
    REQUIRE(major(st.st_rdev) == 202 && minor(st.st_rdev) == 0);
    REQUIRE(!ioctl(fd, BLKGETSIZE, &sectors) && sectors == size / 512);
    REQUIRE(!ioctl(fd, BLKSSZGET, &n) && n == 512);
    REQUIRE(!ioctl(fd, BLKPBSZGET, &n) && n >= 512);
    REQUIRE(!ioctl(fd, BLKBSZGET, &n) && n == PAGE);
    REQUIRE(!ioctl(fd, BLKROGET, &n) && n == 0);
    static const unsigned none[] = {BLKROSET, BLKRASET, _IO(0x12, 105)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        REQUIRE(ioctl(fd, none[i], &n) == -1 && errno == ENOTTY);
    REQUIRE(lseek(fd, 0, SEEK_END) == (off_t)size);
    REQUIRE(lseek(fd, 1, SEEK_END) == -1 && errno == EINVAL);
    REQUIRE(lseek(fd, -1, SEEK_SET) == -1 && errno == EINVAL);
    REQUIRE(lseek(fd, 0, SEEK_DATA) == 0 && lseek(fd, 0, SEEK_HOLE) == (off_t)size);
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    REQUIRE(ftruncate(fd, 0) == -1 && errno == EINVAL);
}

static void check_end(int fd, uint64_t size) {
    char *some = buffer(PAGE);

    REQUIRE(pread(fd, some, 100, (off_t)size) == 0);
    REQUIRE(pread(fd, some, 100, (off_t)size - 40) == 40);
    REQUIRE(pwrite(fd, some, 100, (off_t)size) == -1 && errno == ENOSPC);
    REQUIRE(pwrite(fd, some, 0, (off_t)size) == 0);
    REQUIRE(pwrite(fd, some, 100, (off_t)size - 40) == 40);
}

/* Unaligned pieces by the cache, read again from the disk. */
static void check_cached(int fd) {
    char *text = buffer(5 * PAGE), *back = buffer(5 * PAGE);

    for (size_t i = 0; i < 5 * PAGE; i++)
        text[i] = (char)('a' + i % 23);
    REQUIRE(pwrite(fd, text, 5 * PAGE - 77, 1033) == 5 * PAGE - 77);
    REQUIRE(pread(fd, back, 5 * PAGE - 77, 1033) == 5 * PAGE - 77);
    REQUIRE(!memcmp(text, back, 5 * PAGE - 77));
    REQUIRE(!ioctl(fd, BLKFLSBUF, 0));
    memset(back, 0, 5 * PAGE);
    REQUIRE(pread(fd, back, 5 * PAGE - 77, 1033) == 5 * PAGE - 77);
    REQUIRE(!memcmp(text, back, 5 * PAGE - 77));
}

static void check_direct(const char *path, int cached) {
    int fd = open(path, O_RDWR | O_DIRECT);
    char *text = buffer(64 * PAGE), *back = buffer(64 * PAGE);
    enum { AT = 1 << 20 };

    REQUIRE(fd >= 0);
    memset(text, 'D', 64 * PAGE);
    REQUIRE(pwrite(cached, "dirty", 5, AT) == 5);
    REQUIRE(pread(fd, back, PAGE, AT) == PAGE && !memcmp(back, "dirty", 5));
    REQUIRE(pwrite(fd, text, 64 * PAGE, AT) == 64 * PAGE);
    REQUIRE(pread(cached, back, 64 * PAGE, AT) == 64 * PAGE);
    REQUIRE(!memcmp(text, back, 64 * PAGE));
    REQUIRE(pread(fd, back, 512, AT + 512) == 512);
    REQUIRE(pread(fd, back, 100, AT) == -1 && errno == EINVAL);
    REQUIRE(pread(fd, back, 512, AT + 1) == -1 && errno == EINVAL);
    REQUIRE(pread(fd, back + 1, 512, AT) == -1 && errno == EINVAL);
    REQUIRE(pwrite(fd, back + 1, 512, AT) == -1 && errno == EINVAL);
    REQUIRE(!close(fd));
}

static void check_mapped(int fd) {
    enum { AT = 2 << 20, SIZE = 8 * PAGE };
    char *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, AT), back[8] = "";

    REQUIRE(map != MAP_FAILED);
    REQUIRE(map[SIZE - 1] == 0);
    memcpy(map + PAGE, "mapped", 7);
    REQUIRE(pread(fd, back, 7, AT + PAGE) == 7 && !strcmp(back, "mapped"));
    REQUIRE(!msync(map, SIZE, MS_SYNC) && !munmap(map, SIZE));
}

static void check_clear(int fd) {
    uint64_t range[2] = {3 << 20, 16 * PAGE};
    char *some = buffer(16 * PAGE);

    memset(some, 'z', 16 * PAGE);
    REQUIRE(pwrite(fd, some, 16 * PAGE, 3 << 20) == 16 * PAGE);
    REQUIRE(!ioctl(fd, BLKZEROOUT, range));
    REQUIRE(pread(fd, some, 16 * PAGE, 3 << 20) == 16 * PAGE);
    for (int i = 0; i < 16 * PAGE; i++)
        REQUIRE(!some[i]);
    REQUIRE(!ioctl(fd, BLKDISCARD, range) || errno == EOPNOTSUPP);
    range[0]++;
    REQUIRE(ioctl(fd, BLKZEROOUT, range) == -1 && errno == EINVAL);
}

static void check_basics(const char *path) {
    int fd = open(path, O_RDWR);

    REQUIRE(fd >= 0);
    uint64_t size = size_of(fd);
    check_numbers(fd, size);
    check_end(fd, size);
    check_cached(fd);
    check_direct(path, fd);
    check_mapped(fd);
    check_clear(fd);
    REQUIRE(pwrite(fd, "kept by fsync", 13, 0) == 13);
    REQUIRE(!fsync(fd) && !fdatasync(fd) && !close(fd));
    fd = open(path, O_WRONLY | O_SYNC);
    REQUIRE(fd >= 0 && pwrite(fd, "kept by O_SYNC", 14, 512) == 14);
    sync();
    REQUIRE(pwrite(fd, "kept by the end", 15, 1024) == 15);
    REQUIRE(!mknod("/tmp/node", S_IFBLK | 0600, makedev(202, 0)));
    REQUIRE(open("/tmp/node", O_RDONLY) >= 0);
    REQUIRE(!mknod("/tmp/none", S_IFBLK | 0600, makedev(202, 240)));
    REQUIRE(open("/tmp/none", O_RDONLY) == -1 && errno == ENXIO);
    REQUIRE(access("/dev/xvdzz", F_OK) == -1 && errno == ENOENT);
    REQUIRE(open(path, O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
    printf("size %llu\n", (unsigned long long)size);
}

static int is_disk(const struct dirent *entry) {
    return !strncmp(entry->d_name, "xvd", 3);
}

static void list_names(void) {
    struct dirent **names;
    int count = scandir("/dev", &names, is_disk, alphasort);

    REQUIRE(count >= 0);
    for (int i = 0; i < count; i++)
        printf("%s%c", names[i]->d_name, i + 1 < count ? ' ' : '\n');
}

/* /proc/partitions, less its head. */
static void list_proc(void) {
    char line[100];
    FILE *file = fopen("/proc/partitions", "r");

    REQUIRE(file && fgets(line, sizeof line, file));
    REQUIRE(!strcmp(line, "major minor  #blocks  name\n"));
    while (fgets(line, sizeof line, file))
        fputs(*line == '\n' ? "" : line, stdout);
    fclose(file);
}

/* Names and sizes. */
static void list(char **paths) {
    list_names();
    list_proc();
    for (; *paths; paths++) {
        int fd = open(*paths, O_RDONLY);
        char text[9] = "";
        if (fd < 0) {
            printf("%s %s\n", *paths, strerror(errno));
            continue;
        }
        REQUIRE(read(fd, text, 8) == 8);
        printf("%s %llu %s\n", *paths, (unsigned long long)size_of(fd), text);
        close(fd);
    }
}

static void check_read_only(const char *path) {
    int fd = open(path, O_RDWR), n = 0;
    uint64_t range[2] = {0, PAGE};
    char some[16] = "";

    REQUIRE(fd >= 0 && !ioctl(fd, BLKROGET, &n) && n == 1);
    REQUIRE(read(fd, some, 8) == 8);
    REQUIRE(pwrite(fd, some, 8, 0) == -1 && errno == EPERM);
    REQUIRE(ioctl(fd, BLKZEROOUT, range) == -1 && errno == EPERM);
    REQUIRE(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    REQUIRE(errno == EINVAL);
    REQUIRE(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    printf("%.8s\n", some);
}

static int clear(int fd, unsigned request, uint64_t start, uint64_t size) {
    uint64_t range[2] = {start, size};

    return ioctl(fd, request, range) ? errno : 0;
}

/* What Linux's block/ioctl.c says of ranges; and what was cleared is all zeros, no more. */
static void check_clearing(const char *path) {
    int fd = open(path, O_RDWR), reader = open(path, O_RDONLY);
    char *some = buffer(3 * PAGE), *back = buffer(3 * PAGE);
    static const unsigned requests[] = {BLKDISCARD, BLKZEROOUT};

    REQUIRE(fd >= 0 && reader >= 0);
    uint64_t size = size_of(fd);
    for (int i = 0; i < 2; i++) {
        unsigned request = requests[i];
        memset(some, 'd' + i, 3 * PAGE);
        REQUIRE(pwrite(fd, some, 3 * PAGE, 1 << 20) == 3 * PAGE && !fsync(fd));
        REQUIRE(clear(reader, request, 0, PAGE) == EBADF);
        REQUIRE(ioctl(fd, request, 8) == -1 && errno == EFAULT);
        REQUIRE(clear(fd, request, 256, PAGE) == EINVAL);
        REQUIRE(clear(fd, request, 0, 256) == EINVAL);
        REQUIRE(clear(fd, request, size - PAGE, 2 * PAGE) == EINVAL);
        REQUIRE(clear(fd, request, PAGE, -(uint64_t)PAGE) == EINVAL);
        REQUIRE(clear(fd, request, 0, 0) == EINVAL);
        REQUIRE(clear(fd, request, (1 << 20) + PAGE, PAGE) == 0);
        memset(some + PAGE, 0, PAGE);
        REQUIRE(pread(fd, back, 3 * PAGE, 1 << 20) == 3 * PAGE);
        REQUIRE(!memcmp(some, back, 3 * PAGE));
    }
    REQUIRE(clear(reader, BLKSECDISCARD, 0, PAGE) == EBADF);
    REQUIRE(clear(fd, BLKSECDISCARD, 0, PAGE) == EOPNOTSUPP);
    REQUIRE(clear(fd, BLKDISCARD, 2 << 20, size - (2 << 20)) == 0);
    printf("cleared\n");
}

/* A disk that comes and goes, twice, while another one stays. */
static void follow(const char *path) {
    char some[8];
    int fd, other = open("/dev/xvda", O_RDWR);

    REQUIRE(other >= 0);
    printf("ready\n");
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        while ((fd = open(path, O_RDWR | O_DIRECT)) < 0) {
            REQUIRE(errno == ENOENT);
            wait_a_little();
        }
        char *block = buffer(PAGE);
        REQUIRE(read(fd, block, PAGE) == PAGE);
        printf("came: %.8s\n", block);
        fflush(stdout);
        while (pread(fd, block, PAGE, 0) == PAGE)
            wait_a_little();
        REQUIRE(errno == EIO);
        REQUIRE(access(path, F_OK) == -1 && errno == ENOENT);
        close(fd);
        printf("went\n");
        fflush(stdout);
    }
    REQUIRE(pread(other, some, 8, 0) == 8);
}

/* The disk grows. */
static void watch_size(const char *path) {
    int fd = open(path, O_RDWR | O_DIRECT);
    char *block = buffer(PAGE);

    REQUIRE(fd >= 0);
    uint64_t size = size_of(fd), now;
    printf("size %llu\n", (unsigned long long)size);
    fflush(stdout);
    while ((now = size_of(fd)) == size) {
        REQUIRE(pread(fd, block, PAGE, 0) == PAGE); /* a backend looks when it is asked */
        wait_a_little();
    }
    REQUIRE(pwrite(fd, block, PAGE, (off_t)now - PAGE) == PAGE);
    REQUIRE(lseek(fd, 0, SEEK_END) == (off_t)now);
    printf("size %llu\n", (unsigned long long)now);
}

/* What is written, but not synced, when a signal ends the program. */
static void die(const char *path) {
    int fd = open(path, O_RDWR);
    char *text = buffer(256 * PAGE);

    REQUIRE(fd >= 0);
    memset(text, 's', 256 * PAGE);
    REQUIRE(pwrite(fd, text, 256 * PAGE, 0) == 256 * PAGE);
    abort();
}

/* One record after the other, each synced before it is told of. */
static void write_records(const char *path) {
    int fd = open(path, O_RDWR);
    char *record = buffer(PAGE);

    REQUIRE(fd >= 0);
    for (uint64_t i = 1;; i++) {
        for (size_t at = 0; at < PAGE; at += sizeof i)
            memcpy(record + at, &i, sizeof i);
        off_t place = (off_t)(i * 7919 % (size_of(fd) / PAGE) * PAGE);
        REQUIRE(pwrite(fd, record, PAGE, place) == PAGE && !fsync(fd));
        printf("%llu\n", (unsigned long long)i);
        fflush(stdout);
    }
}

/* Each round writes, syncs, and then reads a sector of its own past the cache. */
static void mark_syncs(const char *path) {
    int fd = open(path, O_RDWR), direct = open(path, O_RDONLY | O_DIRECT);
    char *block = buffer(PAGE);

    REQUIRE(fd >= 0 && direct >= 0);
    for (int i = 0; i < 8; i++) {
        REQUIRE(pwrite(fd, block, 100, i * 100000) == 100 && !fsync(fd));
        REQUIRE(pread(direct, block, 512, (1 << 20) + i * 512) == 512);
    }
}

/* Ends with what is dirty when the disk does not answer any more. */
static void end_late(const char *path, bool by_signal) {
    int fd = open(path, O_RDWR);
    char *text = buffer(256 * PAGE), go[8];

    REQUIRE(fd >= 0 && pwrite(fd, text, 256 * PAGE, 0) == 256 * PAGE);
    printf("written\n");
    fflush(stdout);
    while (atman_xenstore_read(0, "data/go", go, sizeof go) < 0)
        wait_a_little();
    if (by_signal)
        abort();
}

int main(int argc, char **argv) {
    REQUIRE(argc >= 3);
    if (!strcmp(argv[1], "basics"))
        check_basics(argv[2]);
    else if (!strcmp(argv[1], "list"))
        list(argv + 2);
    else if (!strcmp(argv[1], "readonly"))
        check_read_only(argv[2]);
    else if (!strcmp(argv[1], "clear"))
        check_clearing(argv[2]);
    else if (!strcmp(argv[1], "follow"))
        follow(argv[2]);
    else if (!strcmp(argv[1], "size"))
        watch_size(argv[2]);
    else if (!strcmp(argv[1], "die"))
        die(argv[2]);
    else if (!strcmp(argv[1], "records"))
        write_records(argv[2]);
    else if (!strcmp(argv[1], "marks"))
        mark_syncs(argv[2]);
    else if (!strcmp(argv[1], "late"))
        end_late(argv[2], argc > 3);
    else
        return 2;
    return 0;
}
