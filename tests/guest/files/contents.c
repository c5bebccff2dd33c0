/* SPDX-License-Identifier: MIT */
/*
 * Contents of files: positions, holes, reading and writing at a place and in parts, sizes,
 * fallocate, copies.
 */
// native:
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "files/say.h"

#ifndef FALLOC_FL_ZERO_RANGE
#    define FALLOC_FL_ZERO_RANGE 0x10
#endif

enum { PAGE = 4096 };

static int fd;
static char data[64 * PAGE], back[64 * PAGE];

static long size_of(void) {
    struct stat s;
    return fstat(fd, &s) ? -1 : (long)s.st_size;
}

static long blocks_of(void) {
    struct stat s;
    return fstat(fd, &s) ? -1 : (long)s.st_blocks;
}

/* The whole file, as runs of the same byte. */
static void say_runs(void) {
    long size = pread(fd, back, sizeof back, 0), start = 0;

    printf("    size %ld:", size_of());
    for (long i = 1; i <= size; i++)
        if (i == size || back[i] != back[start]) {
            printf(" %ldx%02x", i - start, (unsigned char)back[start]);
            start = i;
        }
    printf("\n");
}

static void renew(void) {
    close(fd);
    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
}

static void try_seek(void) {
    renew();
    SAY(write(fd, "0123456789", 10));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(lseek(fd, 3, SEEK_SET));
    SAY(lseek(fd, 3, SEEK_CUR));
    SAY(lseek(fd, -3, SEEK_END));
    SAY(lseek(fd, -11, SEEK_END));
    SAY(lseek(fd, -8, SEEK_CUR));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(lseek(fd, -1, SEEK_SET));
    SAY(lseek(fd, 0, 5));
    SAY(lseek(fd, 0, -1));
    SAY(lseek(fd, 0, 99));
    SAY(lseek(fd, 100, SEEK_END));
    SAY(read(fd, back, 10));
    SAY(lseek(fd, 1l << 40, SEEK_SET));
    SAY(lseek(fd, INT64_MAX, SEEK_CUR));
    SAY(lseek(fd, INT64_MAX, SEEK_END));
    SAY(lseek(99, 0, SEEK_SET));
    SAY(lseek(fd, 2, SEEK_SET));
    SAY(read(fd, back, 100));
    SAY(read(fd, back, 100));
    SAY(lseek(fd, 12, SEEK_SET));
    SAY(write(fd, "x", 1));
    say_runs();
}

static void try_holes(void) {
    renew();
    SAY(lseek(fd, 0, SEEK_DATA));
    SAY(lseek(fd, 0, SEEK_HOLE));
    SAY(pwrite(fd, data, PAGE, 8 * PAGE));
    SAY(pwrite(fd, data, 2 * PAGE, 16 * PAGE));
    SAY(ftruncate(fd, 32 * PAGE));
    SAY(fsync(fd));
    for (long at = 0; at <= 33; at++) {
        printf("%ld: data %ld hole %ld\n", at, (long)lseek(fd, at * PAGE, SEEK_DATA),
               (long)lseek(fd, at * PAGE, SEEK_HOLE));
        printf("    +5: data %ld hole %ld\n", (long)lseek(fd, at * PAGE + 5, SEEK_DATA),
               (long)lseek(fd, at * PAGE + 5, SEEK_HOLE));
    }
    SAY(lseek(fd, -1, SEEK_DATA));
    SAY(lseek(fd, -1, SEEK_HOLE));
    SAY(lseek(fd, 32 * PAGE, SEEK_DATA));
    SAY(lseek(fd, 32 * PAGE - 1, SEEK_HOLE));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(blocks_of());
    say_runs();
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 16 * PAGE, PAGE));
    SAY(blocks_of());
    SAY(lseek(fd, 9 * PAGE, SEEK_DATA));
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8 * PAGE + 7, 100));
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 17 * PAGE + 7, 1l << 40));
    say_runs();
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8 * PAGE - 7, PAGE));
    say_runs();
    /* far away */
    SAY(pwrite(fd, "far", 3, 1l << 41));
    SAY(size_of());
    SAY(lseek(fd, 20 * PAGE, SEEK_DATA));
    SAY(pread(fd, back, 10, (1l << 41) - 2));
    printf("%d%d%c%c%c\n", back[0], back[1], back[2], back[3], back[4]);
    SAY(ftruncate(fd, 3));
    say_runs();
}

static void try_places(void) {
    struct iovec parts[4] = {{"ab", 2}, {"", 0}, {"cdef", 4}, {"g", 1}}, into[3];
    char a[3] = {0}, b[5] = {0}, c[20] = {0};

    renew();
    SAY(writev(fd, parts, 4));
    SAY(pwritev(fd, parts, 4, 5));
    SAY(CALL(pwritev2, (long)fd, parts, 2l, -1l, 0l, 0l));
    SAY(lseek(fd, 0, SEEK_CUR));
    say_text("f");
    into[0] = (struct iovec){a, 2};
    into[1] = (struct iovec){b, 4};
    into[2] = (struct iovec){c, 19};
    SAY(preadv(fd, into, 3, 1));
    printf("%s %s %s\n", a, b, c);
    SAY(lseek(fd, 0, SEEK_SET));
    SAY(readv(fd, into, 2));
    SAY(readv(fd, into + 2, 1));
    printf("%s %s %s\n", a, b, c);
    SAY(preadv(fd, into, 3, 100));
    SAY(CALL(preadv, (long)fd, into, 3l, -1l, -1l));
    SAY(CALL(preadv, (long)fd, into, -1l, 0l, 0l));
    SAY(CALL(preadv, (long)fd, into, 1025l, 0l, 0l));
    SAY(CALL(preadv, (long)fd, into, 0l, 0l, 0l));
    SAY(CALL(readv, (long)fd, 8l, 1l));
    SAY(CALL(preadv2, (long)fd, into, 3l, 0l, 0l, 0x1000l));
    SAY(CALL(preadv2, (long)fd, into, 3l, -1l, -1l, 0l));
    SAY(CALL(preadv2, (long)fd, into, 3l, -2l, -1l, 0l));
    SAY(CALL(pwritev2, (long)fd, parts, 1l, 0l, 0l, 0x10l));
    SAY(CALL(pwritev2, (long)fd, parts, 1l, 0l, 0l, 2l /* RWF_DSYNC */));
    say_runs();
    into[0].iov_len = (size_t)-1;
    SAY(CALL(readv, (long)fd, into, 1l));
    SAY(pread(fd, a, 2, -1));
    SAY(pwrite(fd, a, 2, -1));
    SAY(CALL(pread64, (long)fd, 8l, 2l, 0l));
    SAY(CALL(pwrite64, (long)fd, 8l, 2l, 0l));
    SAY(CALL(read, (long)fd, 8l, 0l));
    SAY(pwrite(fd, "x", 1, INT64_MAX));
    SAY(pread(fd, a, 1, INT64_MAX));
    SAY(pread(fd, a, 2, INT64_MAX));
}

static void try_sizes(void) {
    renew();
    memset(data, 'd', sizeof data);
    SAY(write(fd, data, 3 * PAGE));
    SAY(ftruncate(fd, PAGE + 10));
    SAY(ftruncate(fd, 3 * PAGE));
    say_runs();
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(ftruncate(fd, 5));
    SAY(write(fd, "z", 1)); /* at the old position */
    say_runs();
    SAY(truncate("f", 0));
    SAY(size_of());
    SAY(blocks_of());
    SAY(truncate("f", -1));
    SAY(ftruncate(fd, -1));
    SAY(ftruncate(99, 0));
    SAY(ftruncate(fd, 1l << 42));
    SAY(size_of());
    SAY(blocks_of());
    SAY(ftruncate(fd, 0));
    int reader = open("f", O_RDONLY);
    SAY(ftruncate(reader, 1));
    close(reader);
}

static void try_allocate(void) {
    renew();
    SAY(fallocate(fd, 0, 0, 3 * PAGE));
    SAY(size_of());
    SAY(blocks_of());
    SAY(fallocate(fd, FALLOC_FL_KEEP_SIZE, 3 * PAGE, PAGE));
    SAY(size_of());
    SAY(blocks_of());
    SAY(pwrite(fd, data, 3 * PAGE, 0));
    SAY(fallocate(fd, FALLOC_FL_ZERO_RANGE, 100, PAGE));
    say_runs();
    SAY(fallocate(fd, FALLOC_FL_ZERO_RANGE, 2 * PAGE, 3 * PAGE));
    say_runs();
    SAY(fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, PAGE, 9 * PAGE));
    say_runs();
    SAY(fallocate(fd, 0, 0, 0));
    SAY(fallocate(fd, 0, -1, 1));
    SAY(fallocate(fd, 0, 0, -1));
    SAY(fallocate(fd, 0, INT64_MAX, 1));
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE));
    SAY(fallocate(fd, 0x4000, 0, PAGE));
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0,
                  PAGE));
    SAY(posix_fallocate(fd, 0, 20 * PAGE));
    SAY(size_of());
    SAY(posix_fallocate(fd, 0, -5));
    SAY(posix_fallocate(99, 0, 5));
    renew();
    SAY(pwrite(fd, data, 10, PAGE - 5));
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE - 2, 4));
    say_runs();
    SAY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10 * PAGE, 4));
    say_runs();
}

static void try_copy(void) {
    int to = open("to", O_RDWR | O_CREAT, 0644), reader = open("f", O_RDONLY);
    int append = open("to", O_WRONLY | O_APPEND), folder = open(".", O_RDONLY);
    off_t at = 0, place = 0;

    renew();
    for (int i = 0; i < 10; i++)
        memset(data + i * PAGE / 2, 'a' + i, PAGE / 2);
    SAY(write(fd, data, 5 * PAGE));
    SAY(lseek(fd, 100, SEEK_SET));
    SAY(copy_file_range(fd, NULL, to, NULL, 3 * PAGE, 0));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(lseek(to, 0, SEEK_CUR));
    SAY(copy_file_range(fd, NULL, to, NULL, 100 * PAGE, 0));
    SAY(copy_file_range(fd, NULL, to, NULL, 100 * PAGE, 0));
    at = 10, place = 50000;
    SAY(copy_file_range(fd, &at, to, &place, 20, 0));
    printf("%ld %ld\n", (long)at, (long)place);
    SAY(copy_file_range(fd, &at, to, &place, 20, 1));
    SAY(copy_file_range(fd, &at, append, NULL, 20, 0));
    SAY(copy_file_range(folder, NULL, to, NULL, 20, 0));
    SAY(copy_file_range(to, NULL, folder, NULL, 20, 0));
    SAY(copy_file_range(to, NULL, reader, NULL, 20, 0));
    SAY(copy_file_range(append, NULL, fd, NULL, 20, 0));
    SAY(copy_file_range(99, NULL, fd, NULL, 20, 0));
    SAY(copy_file_range(fd, NULL, 99, NULL, 20, 0));
    at = 0, place = 10;
    SAY(copy_file_range(fd, &at, fd, &place, 100, 0)); /* over itself */
    place = 4 * PAGE;
    SAY(copy_file_range(fd, &at, fd, &place, PAGE, 0));
    at = -1;
    SAY(copy_file_range(fd, &at, to, NULL, 10, 0));
    SAY(CALL(copy_file_range, (long)fd, 8l, (long)to, 0l, 10l, 0l));
    say_runs();
    at = 5;
    SAY(lseek(to, 0, SEEK_SET));
    SAY(ftruncate(to, 0));
    SAY(sendfile(to, fd, &at, 3 * PAGE));
    printf("%ld\n", (long)at);
    SAY(lseek(fd, 0, SEEK_SET));
    SAY(sendfile(to, fd, NULL, 100));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(lseek(to, 0, SEEK_CUR));
    SAY(sendfile(to, fd, &at, 0));
    at = 1 << 20;
    SAY(sendfile(to, fd, &at, 10));
    SAY(sendfile(reader, fd, NULL, 10));
    SAY(sendfile(to, append, NULL, 10));
    SAY(sendfile(append, fd, NULL, 10));
    SAY(sendfile(to, folder, NULL, 10));
    SAY(sendfile(99, fd, NULL, 10));
    at = -1;
    SAY(sendfile(to, fd, &at, 10));
    SAY(CALL(sendfile, (long)to, (long)fd, 8l, 10l));
    close(fd);
    fd = to;
    say_runs();
    close(reader);
    close(append);
    close(folder);
}

/* A copy that ends where the memory does. */
static void try_partial(void) {
    renew();
    SAY(write(fd, data, 3 * PAGE));
    char *p =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SAY(munmap(p + PAGE, PAGE));
    SAY(pread(fd, p + PAGE - 100, 200, 0));
    SAY(pread(fd, p + PAGE - 100, 100, 0));
    SAY(pread(fd, p + PAGE, 100, 0));
    SAY(pwrite(fd, p + PAGE - 100, 200, 3 * PAGE));
    SAY(pwrite(fd, p + PAGE, 200, 3 * PAGE));
    say_runs();
}

int main(void) {
    place_make();
    try_seek();
    try_holes();
    try_places();
    try_sizes();
    try_allocate();
    try_copy();
    try_partial();
    return place_end();
}
