/* SPDX-License-Identifier: MIT */
/*
 * A file on a slow device (runtime/fs/slow.c): pages that are waited for, by calls and by
 * touching a mapping, from several threads; what is dirty, and when it is written; errors.
 */
// stdout-from: checks
// vcpus: 1 4
// memory: 48M
// flags: -fatman-debug
// debug: no
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

long atman_slow_make(const char *path, size_t pages, unsigned delay);
void atman_slow_fail(unsigned fills, unsigned writes);
int atman_slow_byte(size_t at);
unsigned atman_slow_count(int write);

enum { PAGE = 4096, PAGES = 2000, SIZE = PAGE * PAGES, THREADS = 4 };

static int file;
static unsigned char *map;

static unsigned char pattern(size_t at) {
    return (unsigned char)(at * 7 + at / PAGE * 13);
}

static void forget(void) {
    CHECK_EQUAL(fsync(file), 0);
    CHECK_EQUAL(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED), 0);
}

static void write_all(void) {
    static unsigned char part[10000];

    for (size_t at = 0; at < SIZE; at += sizeof part) {
        size_t n = SIZE - at < sizeof part ? SIZE - at : sizeof part;
        for (size_t i = 0; i < n; i++)
            part[i] = pattern(at + i);
        CHECK_EQUAL(pwrite(file, part, n, (off_t)at), n);
    }
    CHECK_EQUAL(fsync(file), 0);
    for (size_t at = 0; at < SIZE; at += 1001)
        if (atman_slow_byte(at) != pattern(at))
            CHECK_EQUAL(at, -1);
}

static void read_in_order(void) {
    unsigned before = atman_slow_count(0);
    unsigned char part[5000];
    ssize_t n;

    forget();
    struct iovec one = {part, 1};
    CHECK_FAILS(preadv2(file, &one, 1, 20 * PAGE, RWF_NOWAIT), EAGAIN);
    CHECK_EQUAL(pread(file, part, 1, 20 * PAGE), 1);
    CHECK_EQUAL(preadv2(file, &one, 1, 20 * PAGE, RWF_NOWAIT), 1);
    CHECK_EQUAL(lseek(file, 0, SEEK_SET), 0);
    for (size_t at = 0; (n = read(file, part, sizeof part)) > 0; at += (size_t)n)
        for (ssize_t i = 0; i < n; i += 499)
            if (part[i] != pattern(at + (size_t)i))
                CHECK_EQUAL(at, -2);
    CHECK_EQUAL(n, 0);
    CHECK(atman_slow_count(0) - before >= PAGES - 1);
}

static unsigned long next_random(unsigned long *state) {
    *state = *state * 6364136223846793005ul + 1442695040888963407ul;
    return *state >> 33;
}

/* Whatever the threads do, each sees what is in the file. */
static void *touch_at_random(void *number) {
    unsigned long state = (unsigned long)number;
    volatile double kept = 1.5 * (double)state; /* floating point outlives a fault */
    double wanted = kept;

    for (int i = 0; i < 300; i++) {
        size_t at = next_random(&state) % SIZE;
        unsigned char byte = map[at];
        wanted = wanted * 1.25 + map[at] - byte;
        kept = kept * 1.25;
        if (byte != pattern(at))
            CHECK_EQUAL(at, -3);
        if (pread(file, &byte, 1, (off_t)(at = next_random(&state) % SIZE)) != 1 ||
            byte != pattern(at))
            CHECK_EQUAL(at, -4);
    }
    CHECK(wanted == kept);
    return NULL;
}

static void fault_in_threads(void) {
    pthread_t threads[THREADS];

    forget();
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, touch_at_random, (void *)(i + 1));
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void *map_anew(void) {
    if (map)
        munmap(map, SIZE);
    forget();
    map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(map != MAP_FAILED);
    return map;
}

/* The buffer is a mapping of what is read or written, and not in memory. */
static void copy_within(void) {
    static unsigned char page[PAGE];

    map_anew();
    CHECK_EQUAL(pread(file, map + 10 * PAGE, PAGE, 10 * PAGE), PAGE);
    CHECK_EQUAL(pwrite(file, map + 11 * PAGE, PAGE, 11 * PAGE), PAGE);
    CHECK_EQUAL(pwrite(file, map + 40 * PAGE + 7, 100, 40 * PAGE + 7), 100);
    CHECK_EQUAL(pwrite(file, map + 80 * PAGE, 3 * PAGE, 120 * PAGE), 3 * PAGE);
    CHECK_EQUAL(pread(file, page, PAGE, 122 * PAGE), PAGE);
    for (size_t i = 0; i < PAGE; i++)
        if (map[10 * PAGE + i] != pattern(10 * PAGE + i) ||
            map[11 * PAGE + i] != pattern(11 * PAGE + i) ||
            map[40 * PAGE + i] != pattern(40 * PAGE + i) ||
            page[i] != pattern(82 * PAGE + i))
            CHECK_EQUAL(i, -5);
    for (size_t i = 0; i < 3 * PAGE; i++)
        map[120 * PAGE + i] = pattern(120 * PAGE + i);
}

/* A pipe's ends, and a futex: words that the runtime looks at under locks. */
static void let_others_look(void) {
    int ends[2];
    unsigned char byte[PAGE];
    unsigned word;

    map_anew();
    CHECK_EQUAL(pipe(ends), 0);
    CHECK_EQUAL(write(ends[1], map + 200 * PAGE, PAGE), PAGE);
    CHECK_EQUAL(read(ends[0], byte, PAGE), PAGE);
    CHECK_EQUAL(byte[99], pattern(200 * PAGE + 99));
    CHECK_EQUAL(write(ends[1], byte, PAGE), PAGE);
    CHECK_EQUAL(read(ends[0], map + 300 * PAGE, PAGE), PAGE);
    CHECK_EQUAL(map[300 * PAGE + 99], byte[99]);
    for (size_t i = 0; i < PAGE; i++)
        map[300 * PAGE + i] = pattern(300 * PAGE + i);
    CHECK_EQUAL(pread(file, &word, 4, 400 * PAGE), 4);
    map_anew();
    CHECK_FAILS(
        syscall(SYS_futex, map + 400 * PAGE, 128 /* FUTEX_WAIT_PRIVATE */, word + 1, NULL),
        EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

static volatile sig_atomic_t rings;

static void on_alarm(int signal) {
    (void)signal;
    rings++;
}

/* Signals that come while a fault waits are handled, and lose nothing. */
static void be_interrupted(void) {
    struct itimerval often = {{0, 700}, {0, 700}}, never = {{0, 0}, {0, 0}};
    unsigned long state = 5;

    signal(SIGALRM, on_alarm);
    map_anew();
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 200; i++) {
        size_t at = next_random(&state) % SIZE;
        unsigned char byte = map[at];
        if (byte != pattern(at))
            CHECK_EQUAL(at, -6);
        if (pread(file, &byte, 1, (off_t)(at = next_random(&state) % SIZE)) != 1 ||
            byte != pattern(at))
            CHECK_EQUAL(at, -7);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(rings > 0);
}

static void populate(void) {
    unsigned char resident[64];
    int missing = 0;

    map_anew();
    CHECK_EQUAL(madvise(map, 64 * PAGE, 22 /* MADV_POPULATE_READ */), 0);
    CHECK_EQUAL(mincore(map, 64 * PAGE, resident), 0);
    for (int i = 0; i < 64; i++)
        missing += !resident[i];
    CHECK_EQUAL(missing, 0);
    unsigned before = atman_slow_count(0);
    CHECK_EQUAL(madvise(map + 500 * PAGE, 100 * PAGE, MADV_WILLNEED), 0);
    CHECK_EQUAL(atman_slow_count(0) - before, 100);
    CHECK_EQUAL(readahead(file, 700 * PAGE, 50 * PAGE), 0);
    CHECK_EQUAL(atman_slow_count(0) - before, 150);
    CHECK_EQUAL(mlock(map + 900 * PAGE, 16 * PAGE), 0);
    CHECK_EQUAL(mincore(map + 900 * PAGE, 16 * PAGE, resident), 0);
    for (int i = 0; i < 16; i++)
        missing += !resident[i];
    CHECK_EQUAL(missing, 0);
    CHECK_EQUAL(munlock(map + 900 * PAGE, 16 * PAGE), 0);
}

/* What is written to a mapping comes to the device by msync, or after some seconds. */
static void write_back(void) {
    size_t at = 50 * PAGE + 3;

    map_anew();
    for (int i = 1; i < 4; i++) {
        map[at] = (unsigned char)i;
        CHECK_EQUAL(msync(map + 50 * PAGE, PAGE, MS_SYNC), 0);
        CHECK_EQUAL(atman_slow_byte(at), i);
    }
    unsigned before = atman_slow_count(1);
    CHECK_EQUAL(msync(map, SIZE, MS_SYNC), 0);
    CHECK_EQUAL(atman_slow_count(1), before);
    map[at] = 77;
    while (atman_slow_byte(at) != 77)
        usleep(100000);
    map[at] = pattern(at);
    int other = open("/slow", O_WRONLY | O_SYNC);
    CHECK(other >= 0);
    CHECK_EQUAL(pwrite(other, "z", 1, 60 * PAGE), 1);
    CHECK_EQUAL(atman_slow_byte(60 * PAGE), 'z');
    map[60 * PAGE] = pattern(60 * PAGE);
    sync();
    close(other);
}

static sigjmp_buf back;

static void on_bus(int signal, siginfo_t *info, void *context) {
    (void)context;
    CHECK_EQUAL(info->si_code, BUS_ADRERR);
    siglongjmp(back, signal);
}

static int touch(size_t at) {
    volatile unsigned char *p = map + at;
    int signal = sigsetjmp(back, 1);

    if (!signal)
        (void)*p;
    return signal;
}

static void fail(void) {
    struct sigaction action = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
    unsigned char byte;

    sigaction(SIGBUS, &action, NULL);
    map_anew();
    CHECK_EQUAL(posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM), 0);
    atman_slow_fail(1, 0);
    CHECK_FAILS(pread(file, &byte, 1, 1000 * PAGE), EIO);
    CHECK_EQUAL(pread(file, &byte, 1, 1000 * PAGE), 1);
    CHECK_EQUAL(byte, pattern(1000 * PAGE));
    atman_slow_fail(1000, 0);
    CHECK_EQUAL(touch(1200 * PAGE), SIGBUS);
    CHECK_FAILS(write(1, map + 1300 * PAGE, 1), EFAULT);
    atman_slow_fail(0, 0);
    CHECK_EQUAL(touch(1200 * PAGE), 0);
    CHECK_EQUAL(map[1200 * PAGE], pattern(1200 * PAGE));
    int other = open("/slow", O_RDWR);
    map[0] = pattern(0);
    atman_slow_fail(0, 1);
    CHECK_FAILS(fsync(file), EIO);
    CHECK_EQUAL(fsync(file), 0);
    CHECK_FAILS(fsync(other), EIO);
    CHECK_EQUAL(fsync(other), 0);
    close(other);
    CHECK_EQUAL(posix_fadvise(file, 0, 0, POSIX_FADV_NORMAL), 0);
}

/* More memory than there would be if the file kept what it has. */
static void press(void) {
    size_t size = 24 << 20;

    for (size_t at = 0; at < SIZE; at += PAGE)
        if (map[at] != pattern(at))
            CHECK_EQUAL(at, -8);
    unsigned char *p =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!CHECK(p != MAP_FAILED))
        return;
    for (size_t at = 0; at < size; at += PAGE)
        p[at] = 1;
    for (size_t at = 0; at < SIZE; at += PAGE) /* dirty, more than there may be */
        map[at] = (unsigned char)~pattern(at);
    for (size_t at = 0; at < SIZE; at += PAGE)
        if (map[at] != (unsigned char)~pattern(at))
            CHECK_EQUAL(at, -9);
    munmap(p, size);
    CHECK_EQUAL(fsync(file), 0);
    for (size_t at = 0; at < SIZE; at += PAGE)
        if (atman_slow_byte(at) != (unsigned char)~pattern(at))
            CHECK_EQUAL(at, -10);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!CHECK_EQUAL(atman_slow_make("/slow", PAGES, 200), 0))
        return checks_end();
    file = open("/slow", O_RDWR);
    CHECK(file >= 0);
    write_all();
    read_in_order();
    map_anew();
    fault_in_threads();
    copy_within();
    let_others_look();
    be_interrupted();
    populate();
    write_back();
    fail();
    press();
    return checks_end();
}
