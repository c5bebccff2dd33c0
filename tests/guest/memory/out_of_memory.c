/* SPDX-License-Identifier: MIT */
/*
 * The end of memory, seen from the program: at least 95 % of the domain's can be touched;
 * then the call says ENOMEM or, for what was promised without being there (MAP_NORESERVE),
 * the touch is SIGBUS, which a handler can take; and with no handler, the end says why.
 * What is given back can be used again, all of it, and nobody's memory was changed.
 */
// exit: 0
// vcpus: 1 2 4
// case: the call
// args: call
// memory: 64M
// stdout-from: checks
// case: the call, 16 MiB
// args: call
// memory: 16M
// stdout-from: checks
// case: the touch
// args: touch
// memory: 64M
// stdout-from: checks
// stderr-like: ^atman: .*memory
// case: the touch, in a system call
// args: copy
// memory: 32M
// stdout-from: checks
// stderr-like: ^atman: .*memory
// case: no handler
// args: end
// memory: 32M
// exit: 135
// stderr-like: ^atman: .*memory.*\(SIGBUS\)
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <setjmp.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static sigjmp_buf back;
static siginfo_t info;
static volatile size_t touched;

static void leave(int signal, siginfo_t *given, void *context) {
    (void)context;
    info = *given;
    siglongjmp(back, signal);
}

static size_t total_memory(void) {
    struct sysinfo s;

    CHECK_EQUAL(sysinfo(&s), 0);
    return s.totalram * s.mem_unit;
}

/* Marks pages one after the other; the number of those that could be. */
static size_t touch(char *p, size_t pages) {
    touched = 0;
    if (!sigsetjmp(back, 1))
        for (size_t i = 0; i < pages; i++, touched++)
            *(volatile size_t *)(void *)(p + i * PAGE) = i ^ 0x5555;
    return touched;
}

static size_t count_marked(const char *p, size_t pages) {
    size_t good = 0;

    for (size_t i = 0; i < pages; i++)
        good += *(const size_t *)(const void *)(p + i * PAGE) == (i ^ 0x5555);
    return good;
}

static void check_share(size_t bytes) {
    size_t total = total_memory();

    if (!CHECK(bytes >= total / 100 * 95))
        printf("    %zu of %zu bytes: %zu per mille\n", bytes, total,
               bytes / (total / 1000));
}

/* 256 KiB at a time, each touched at once, until the call refuses. */
static void test_call(void) {
    enum { PIECE = 64, MOST = 1024 };
    static char *pieces[MOST];

    for (int round = 0; round < 3; round++) {
        int count = 0;
        size_t bus = 0;
        for (; count < MOST; count++) {
            pieces[count] = map(PIECE, RW);
            if (pieces[count] == MAP_FAILED)
                break;
            bus += touch(pieces[count], PIECE) != PIECE;
        }
        CHECK(count < MOST);
        CHECK_EQUAL(errno, ENOMEM);
        CHECK_EQUAL(bus, 0); /* what the call promised is there */
        check_share((size_t)count * PIECE * PAGE + PIECE * PAGE / 2);
        for (int i = 0; i < count; i++) {
            CHECK_EQUAL(count_marked(pieces[i], PIECE), PIECE);
            CHECK_EQUAL(munmap(pieces[i], PIECE * PAGE), 0);
        }
    }
    CHECK_FAILS(map(total_memory() / PAGE * 2, RW), ENOMEM);
}

static void test_touch(void) {
    size_t pages = total_memory() / PAGE * 4;
    char *before = map(10, RW);
    size_t first = 0;

    memset(before, 7, 10 * PAGE);
    for (int round = 0; round < 3; round++) {
        char *p = mmap(NULL, pages * PAGE, RW, ANON | MAP_NORESERVE, -1, 0);
        CHECK(p != MAP_FAILED);
        size_t got = touch(p, pages);
        CHECK(info.si_signo == SIGBUS && info.si_code == BUS_ADRERR);
        CHECK_EQUAL(info.si_addr, p + got * PAGE);
        check_share(got * PAGE);
        CHECK_EQUAL(count_marked(p, got), got);
        CHECK(is_filled(before, 10 * PAGE, 7));
        if (round == 0)
            first = got;
        CHECK(got + 16 >= first);
        /* with a little given back, the same touch succeeds */
        CHECK_EQUAL(madvise(p, 64 * PAGE, MADV_DONTNEED), 0);
        CHECK_EQUAL(touch(p + got * PAGE, 8), 8);
        CHECK_EQUAL(munmap(p, pages * PAGE), 0);
    }
    CHECK(is_filled(before, 10 * PAGE, 7));
}

/* A system call that would touch it says EFAULT, and has no signal. */
static void test_copy(void) {
    size_t pages = total_memory() / PAGE * 2;
    char *p = mmap(NULL, pages * PAGE, RW, ANON | MAP_NORESERVE, -1, 0);

    size_t got = touch(p, pages);
    char *behind = (char *)(((uintptr_t)(p + got * PAGE) + (64ul << 10)) & -PAGE);
    info.si_signo = 0;
    int result = clock_gettime(CLOCK_REALTIME, (void *)behind);
    CHECK(result == -1 && errno == EFAULT);
    CHECK_EQUAL(info.si_signo, 0);
    CHECK_EQUAL(munmap(p, pages * PAGE), 0);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";

    if (strcmp(how, "end"))
        handle(SIGBUS, leave, 0);
    if (!strcmp(how, "call"))
        test_call();
    else if (!strcmp(how, "copy"))
        test_copy();
    else
        test_touch();
    return checks_end();
}
