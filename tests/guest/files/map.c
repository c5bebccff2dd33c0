/* SPDX-License-Identifier: MIT */
/* Files mapped: what is shared with the file and what is not, ends, holes, rights. */
// native:
// stdout-from: checks
// vcpus: 1 4
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "memory/mapping.h"

static int make_file(size_t pages) {
    char name[] = "/tmp/map-XXXXXX";
    int fd = mkstemp(name);

    CHECK(fd >= 0);
    unlink(name);
    for (size_t i = 0; i < pages; i++) {
        char page[PAGE];
        memset(page, (int)i + 1, PAGE);
        CHECK_EQUAL(write(fd, page, PAGE), PAGE);
    }
    return fd;
}

static char *map_file(int fd, size_t first, size_t pages, int prot, int flags) {
    char *p = mmap(NULL, pages * PAGE, prot, flags, fd, (off_t)(first * PAGE));

    CHECK(p != MAP_FAILED);
    return p;
}

static int byte_at(int fd, off_t at) {
    unsigned char c;

    return pread(fd, &c, 1, at) == 1 ? c : -1;
}

static sigjmp_buf back;
static volatile int last_code;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    last_code = info->si_code;
    siglongjmp(back, signal);
}

/* The signal of reading or writing there, 0 if there is none. */
static int try(char *p, int write) {
    int signal = sigsetjmp(back, 1);

    if (signal)
        return signal;
    if (write)
        *(volatile char *)p = 1;
    else
        (void)*(volatile char *)p;
    return 0;
}

static void test_shared(void) {
    int fd = make_file(4);
    char *p = map_file(fd, 0, 4, RW, MAP_SHARED);
    char *q = map_file(fd, 1, 2, RW, MAP_SHARED);
    char *r = map_file(fd, 0, 4, PROT_READ, MAP_SHARED_VALIDATE);

    CHECK(is_filled(p + PAGE, PAGE, 2) && is_filled(q, PAGE, 2));
    p[PAGE + 5] = 77; /* seen everywhere, and the other way round */
    CHECK(q[5] == 77 && r[PAGE + 5] == 77 && byte_at(fd, PAGE + 5) == 77);
    CHECK_EQUAL(pwrite(fd, "x", 1, 2 * PAGE + 9), 1);
    CHECK(q[PAGE + 9] == 'x' && p[2 * PAGE + 9] == 'x' && r[2 * PAGE + 9] == 'x');
    CHECK_EQUAL(close(fd), 0); /* the mappings hold the file */
    q[0] = 50;
    CHECK(p[PAGE] == 50);
    CHECK_EQUAL(munmap(p, 4 * PAGE), 0);
    CHECK(r[PAGE] == 50 && q[PAGE + 9] == 'x');
    CHECK_EQUAL(munmap(q, 2 * PAGE), 0);
    CHECK(is_filled(r + 3 * PAGE, PAGE, 4));
    CHECK_EQUAL(munmap(r, 4 * PAGE), 0);
}

static void test_private(void) {
    int fd = make_file(4);
    char *p = map_file(fd, 0, 4, RW, MAP_PRIVATE);
    char *s = map_file(fd, 0, 4, RW, MAP_SHARED);

    CHECK(p[2 * PAGE] == 3);
    p[0] = 'a'; /* a write that comes first */
    p[2 * PAGE] = 'c';
    CHECK(s[0] == 1 && s[2 * PAGE] == 3 && byte_at(fd, 0) == 1);
    s[0] = 'S'; /* of a page that has its copy nothing is seen any more */
    CHECK(p[0] == 'a' && p[1] == 1);
    s[PAGE] = 'T'; /* of another all */
    CHECK(p[PAGE] == 'T');
    CHECK_EQUAL(madvise(p, 4 * PAGE, MADV_DONTNEED), 0); /* copies are lost */
    CHECK(p[0] == 'S' && p[2 * PAGE] == 3);
    CHECK_FAILS(madvise(p, PAGE, MADV_FREE), EINVAL);
    CHECK_FAILS(madvise(p, PAGE, MADV_REMOVE), EACCES);
    munmap(p, 4 * PAGE);
    munmap(s, 4 * PAGE);
    close(fd);
}

static void test_end(void) {
    int fd = make_file(2);
    char *p = map_file(fd, 0, 4, RW, MAP_SHARED), *q = map_file(fd, 0, 4, RW, MAP_PRIVATE);

    CHECK_EQUAL(ftruncate(fd, PAGE + 10), 0);
    CHECK(p[PAGE + 9] == 2 && p[PAGE + 10] == 0 && q[PAGE + 10] == 0);
    CHECK_EQUAL(try(p + 2 * PAGE, 0), SIGBUS);
    CHECK_EQUAL(last_code, BUS_ADRERR);
    CHECK_EQUAL(try(p + 3 * PAGE, 1), SIGBUS);
    CHECK_EQUAL(try(q + 2 * PAGE, 1), SIGBUS);
    CHECK_EQUAL(last_code, BUS_ADRERR);
    CHECK_FAILS(write(1, p + 2 * PAGE, 1), EFAULT);
    p[PAGE + 20] = 9; /* beyond the end: never part of the file */
    CHECK_EQUAL(ftruncate(fd, 3 * PAGE), 0);
    CHECK_EQUAL(byte_at(fd, PAGE + 20), 0);
    CHECK_EQUAL(try(p + 2 * PAGE, 1), 0); /* a hole until then */
    CHECK_EQUAL(byte_at(fd, 2 * PAGE), 1);
    q[0] = 'q';
    q[2 * PAGE] = 'q';
    CHECK_EQUAL(ftruncate(fd, PAGE), 0); /* private copies go as well */
    CHECK_EQUAL(try(q + 2 * PAGE, 0), SIGBUS);
    CHECK_EQUAL(try(q + PAGE, 0), SIGBUS);
    CHECK_EQUAL(q[0], 'q');
    CHECK_EQUAL(ftruncate(fd, 4 * PAGE), 0);
    CHECK(q[2 * PAGE] == 0 && p[2 * PAGE] == 0 && p[0] == 1);
    munmap(p, 4 * PAGE);
    munmap(q, 4 * PAGE);
    close(fd);
}

static void test_rights(void) {
    char name[] = "/tmp/map-XXXXXX";
    int fd = mkstemp(name), r = open(name, O_RDONLY), w = open(name, O_WRONLY);

    CHECK_EQUAL(ftruncate(fd, 2 * PAGE), 0);
    CHECK_FAILS((long)mmap(NULL, PAGE, RW, MAP_SHARED, r, 0), EACCES);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, w, 0), EACCES);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, w, 0), EACCES);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 100), EINVAL);
    CHECK_FAILS((long)mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, 0, fd, 0), EINVAL);
    char *p = map_file(r, 0, 2, PROT_READ, MAP_SHARED);
    CHECK_FAILS(mprotect(p, PAGE, RW), EACCES);
    CHECK_EQUAL(mprotect(p, PAGE, PROT_NONE), 0);
    CHECK_EQUAL(try(p, 0), SIGSEGV);
    CHECK_EQUAL(mprotect(p, PAGE, PROT_READ), 0);
    CHECK_EQUAL(try(p, 1), SIGSEGV);
    CHECK_EQUAL(last_code, SEGV_ACCERR);
    CHECK_FAILS(madvise(p, PAGE, MADV_REMOVE), EACCES);
    char *q = map_file(r, 0, 2, RW, MAP_PRIVATE); /* that needs no right to write */
    q[0] = 1;
    CHECK_EQUAL(p[0], 0);
    munmap(p, 2 * PAGE);
    p = map_file(fd, 0, 2, PROT_READ, MAP_SHARED);
    CHECK_EQUAL(mprotect(p, PAGE, RW), 0);
    p[0] = 5;
    CHECK(byte_at(fd, 0) == 5 && q[0] == 1);
    munmap(p, 2 * PAGE);
    munmap(q, 2 * PAGE);
    close(fd);
    close(r);
    close(w);
    unlink(name);
}

/* What is not read from the file keeps its rights and copies through all of these. */
static void test_changes(void) {
    int fd = make_file(8);
    char *p = map_file(fd, 1, 6, RW, MAP_PRIVATE);

    p[PAGE] = 'x';
    CHECK_EQUAL(mprotect(p + PAGE, 2 * PAGE, PROT_NONE), 0);
    CHECK_EQUAL(mprotect(p + PAGE, 2 * PAGE, PROT_READ), 0);
    CHECK(p[PAGE] == 'x' && p[2 * PAGE] == 4);
    CHECK_EQUAL(try(p + 2 * PAGE, 1), SIGSEGV);
    CHECK_EQUAL(mprotect(p + PAGE, 2 * PAGE, RW), 0);
    CHECK_EQUAL(try(p + 2 * PAGE, 1), 0);
    CHECK_EQUAL(byte_at(fd, 3 * PAGE), 4);
    CHECK_EQUAL(munmap(p + 3 * PAGE, PAGE), 0); /* two mappings now */
    CHECK(p[4 * PAGE] == 6 && p[5 * PAGE + 1] == 7);
    munmap(p, 6 * PAGE);

    p = map_file(fd, 0, 8, RW, MAP_SHARED);
    CHECK_EQUAL(munmap(p + 4 * PAGE, 4 * PAGE), 0);
    char *q = mremap(p + PAGE, 2 * PAGE, 6 * PAGE, MREMAP_MAYMOVE); /* grows in the file */
    CHECK(q != MAP_FAILED && q != p + PAGE);
    for (int i = 0; i < 6; i++)
        CHECK(is_filled(q + (size_t)i * PAGE, PAGE, (char)(i + 2)));
    q[5 * PAGE] = 99;
    CHECK_EQUAL(byte_at(fd, 6 * PAGE), 99);
    char *d = mremap(q + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE); /* once more */
    CHECK(d != MAP_FAILED && d != q + PAGE && is_filled(d, PAGE, 3));
    d[PAGE] = 42;
    CHECK(q[2 * PAGE] == 42);
    munmap(d, 2 * PAGE);
    munmap(q, 6 * PAGE);
    munmap(p, 4 * PAGE);
    close(fd);
}

static void test_holes(void) {
    int fd = make_file(0);
    struct stat stat;

    CHECK_EQUAL(ftruncate(fd, 64 * PAGE), 0);
    char *p = map_file(fd, 0, 64, RW, MAP_SHARED);
    p[40 * PAGE] = 7;
    CHECK_EQUAL(byte_at(fd, 40 * PAGE), 7);
    CHECK_EQUAL(lseek(fd, 0, SEEK_DATA), 40 * PAGE);
    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK(stat.st_blocks >= 8 && stat.st_blocks <= 64);
    CHECK_EQUAL(msync(p, 64 * PAGE, MS_SYNC), 0);
    CHECK_EQUAL(msync(p, 64 * PAGE, MS_ASYNC), 0);
    CHECK_EQUAL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 40 * PAGE, PAGE),
                0);
    CHECK_EQUAL(p[40 * PAGE], 0);
    CHECK_EQUAL(p[41 * PAGE] = 5, 5);
    CHECK_EQUAL(madvise(p + 41 * PAGE, PAGE, MADV_DONTNEED), 0);
    CHECK_EQUAL(p[41 * PAGE], 5); /* from the file */
    CHECK_EQUAL(madvise(p + 41 * PAGE, PAGE, MADV_REMOVE), 0);
    CHECK(p[41 * PAGE] == 0 && byte_at(fd, 41 * PAGE) == 0);
    munmap(p, 64 * PAGE);
    close(fd);
}

static void test_residency(void) {
    int fd = make_file(3);
    unsigned char resident[4];

    CHECK_EQUAL(ftruncate(fd, 4 * PAGE), 0);
    char *p = map_file(fd, 0, 4, RW, MAP_SHARED); /* untouched, but in memory */
    CHECK_EQUAL(mincore(p, 4 * PAGE, resident), 0);
    CHECK((resident[0] & 1) && (resident[2] & 1) && !(resident[3] & 1));
    CHECK_EQUAL(mlock(p, 4 * PAGE), 0);
    CHECK_EQUAL(mincore(p, 4 * PAGE, resident), 0);
    CHECK(resident[3] & 1);
    CHECK_FAILS(madvise(p, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_FAILS(msync(p, PAGE, MS_INVALIDATE), EBUSY);
    CHECK_EQUAL(munlock(p, 4 * PAGE), 0);
    munmap(p, 4 * PAGE);
    p = map_file(fd, 2, 4, PROT_READ, MAP_SHARED | MAP_POPULATE); /* as far as it goes */
    CHECK(p[0] == 3 && p[PAGE] == 0);
    CHECK_EQUAL(try(p + 2 * PAGE, 0), SIGBUS);
    CHECK_FAILS(madvise(p, 4 * PAGE, 22), EFAULT); /* MADV_POPULATE_READ */
    CHECK_FAILS(mlock(p, 4 * PAGE), ENOMEM);
    munmap(p, 4 * PAGE);
    close(fd);
}

/* A call whose memory is a mapping of the file that it reads or writes. */
static void test_itself(void) {
    int fd = make_file(2);
    char *p = map_file(fd, 0, 4, RW, MAP_SHARED);

    CHECK_EQUAL(pwrite(fd, p, 2 * PAGE, 2 * PAGE), 2 * PAGE);
    CHECK(is_filled(p + 2 * PAGE, PAGE, 1) && is_filled(p + 3 * PAGE, PAGE, 2));
    CHECK_EQUAL(pread(fd, p + PAGE, PAGE, 0), PAGE);
    CHECK(is_filled(p + PAGE, PAGE, 1) && byte_at(fd, PAGE) == 1);
    munmap(p, 4 * PAGE);
    close(fd);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    test_shared();
    test_private();
    test_end();
    test_rights();
    test_changes();
    test_holes();
    test_residency();
    test_itself();
    return checks_end();
}
