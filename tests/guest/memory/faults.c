/* SPDX-License-Identifier: MIT */
/*
 * After every call that changes memory, each page can be used exactly as it should be: what
 * must fault does, with the right code and address, and its neighbours do not.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <setjmp.h>

#include "check.h"
#include "handlers.h"

static sigjmp_buf back;
static siginfo_t info;

static void leave(int signal, siginfo_t *given, void *context) {
    (void)context;
    info = *given;
    siglongjmp(back, signal);
}

/* 'w': it can be written, 'r': only read, 'x': read and executed, '-': not (ACCERR), ' ':
 * not mapped. */
static char kind_of(volatile char *p) {
    volatile char kind = ' ';

    if (sigsetjmp(back, 1)) {
        if (info.si_signo != SIGSEGV || info.si_addr != (void *)p)
            return '?';
        if (kind == ' ')
            return info.si_code == SEGV_MAPERR   ? ' '
                   : info.si_code == SEGV_ACCERR ? '-'
                                                 : '?';
        return info.si_code == SEGV_ACCERR ? kind : '?';
    }
    char c = *p;
    kind = 'r';
    *p = c;
    return 'w';
}

static void check_map(int line, char *p, const char *wanted) {
    char got[65] = "";
    size_t n = strlen(wanted);

    for (size_t i = 0; i < n; i++) {
        got[i] = kind_of(p + i * PAGE + i * 77 % PAGE);
        if (kind_of(p + i * PAGE + PAGE - 1) != got[i])
            got[i] = '!';
    }
    if (!check_at(!strcmp(got, wanted), line, "what is where"))
        printf("    got \"%s\", expected \"%s\"\n", got, wanted);
}
#define CHECK_MAP(p, wanted) check_map(__LINE__, p, wanted)

static void test_protect(void) {
    char *p = map(12, RW) + PAGE;

    munmap(p - PAGE, PAGE);
    munmap(p + 10 * PAGE, PAGE);
    CHECK_MAP(p, "wwwwwwwwww ");
    CHECK_EQUAL(mprotect(p + 2 * PAGE, 3 * PAGE, PROT_READ), 0);
    CHECK_MAP(p, "wwrrrwwwww ");
    CHECK_EQUAL(mprotect(p + 3 * PAGE, 4 * PAGE, PROT_NONE), 0);
    CHECK_MAP(p, "wwr----www ");
    CHECK_EQUAL(mprotect(p + 3 * PAGE, PAGE, PROT_READ), 0);
    CHECK_EQUAL(mprotect(p + 5 * PAGE, PAGE, RW), 0);
    CHECK_MAP(p, "wwrr-w-www ");
    CHECK_EQUAL(mprotect(p, 10 * PAGE, PROT_READ), 0);
    CHECK_MAP(p, "rrrrrrrrrr ");
    CHECK_EQUAL(mprotect(p, 10 * PAGE, RW), 0);
    CHECK_MAP(p, "wwwwwwwwww ");
    CHECK_EQUAL(mprotect(p + 4 * PAGE, PAGE, PROT_WRITE), 0); /* on x86, readable as well */
    CHECK_MAP(p, "wwwwwwwwww ");
    /* a hole ends it, after what comes before the hole (Linux) */
    munmap(p + 5 * PAGE, PAGE);
    CHECK_FAILS(mprotect(p + 3 * PAGE, 4 * PAGE, PROT_READ), ENOMEM);
    CHECK_MAP(p, "wwwrr wwww ");
    munmap(p, 10 * PAGE);
    CHECK_MAP(p, "           ");
}

static void test_unmap_and_replace(void) {
    char *p = map(12, RW);

    munmap(p + 10 * PAGE, 2 * PAGE);
    memset(p, 1, 10 * PAGE);
    CHECK_EQUAL(munmap(p + 3 * PAGE, PAGE), 0);
    CHECK_EQUAL(munmap(p + 5 * PAGE, 2 * PAGE), 0);
    CHECK_MAP(p, "www w  www  ");
    CHECK_EQUAL(mmap(p + 2 * PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0),
                p + 2 * PAGE);
    CHECK_EQUAL(mmap(p + 8 * PAGE, 3 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0),
                p + 8 * PAGE);
    CHECK_MAP(p, "wwrrw  w--- ");
    CHECK_EQUAL(munmap(p + PAGE, 9 * PAGE), 0);
    CHECK_MAP(p, "w         - ");
    CHECK(p[0] == 1 && p[PAGE - 1] == 1);
    munmap(p, 12 * PAGE);
}

static void test_remap(void) {
    char *p = map(14, RW);

    memset(p, 5, 14 * PAGE);
    munmap(p + 4 * PAGE, 10 * PAGE);
    CHECK_EQUAL(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ), 0);
    /* one mapping of two: the second can grow, the first cannot */
    CHECK_EQUAL(mremap(p + 2 * PAGE, 2 * PAGE, 4 * PAGE, 0), p + 2 * PAGE);
    CHECK_MAP(p, "wwrrrr        ");
    CHECK(is_filled(p + 2 * PAGE, 2 * PAGE, 5) && is_filled(p + 4 * PAGE, 2 * PAGE, 0));
    CHECK_FAILS(mremap(p, 2 * PAGE, 3 * PAGE, 0), ENOMEM);
    CHECK_EQUAL(mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 8 * PAGE),
                p + 8 * PAGE);
    CHECK_MAP(p, "  rrrr  www   ");
    CHECK(is_filled(p + 8 * PAGE, 2 * PAGE, 5) && is_filled(p + 10 * PAGE, PAGE, 0));
    CHECK_EQUAL(mremap(p + 8 * PAGE, 3 * PAGE, PAGE, 0), p + 8 * PAGE);
    CHECK_MAP(p, "  rrrr  w     ");
    char *q = mremap(p + 8 * PAGE, PAGE, 300 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q[0] == 5 && q[299 * PAGE] == 0);
    CHECK_EQUAL(kind_of(q + 300 * PAGE - 1), 'w');
    munmap(q, 300 * PAGE);
    CHECK_MAP(p, "  rrrr        ");
    munmap(p, 14 * PAGE);
}

static void test_discard(void) {
    char *p = map(6, RW);

    memset(p, 7, 6 * PAGE);
    mprotect(p + PAGE, PAGE, PROT_READ);
    mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
    CHECK_EQUAL(madvise(p, 4 * PAGE, MADV_DONTNEED), 0);
    CHECK_MAP(p, "wr-www");
    CHECK(is_filled(p, 2 * PAGE, 0) && is_filled(p + 3 * PAGE, PAGE, 0) &&
          is_filled(p + 4 * PAGE, 2 * PAGE, 7));
    munmap(p, 6 * PAGE);
}

/* Over the edges of what page tables hold: 2 MiB and 1 GiB. */
static void test_large(void) {
    const size_t size = 3ul << 30, step = (1 << 21) / PAGE;
    char *p = mmap(NULL, size, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

    CHECK(p != MAP_FAILED);
    char *edge = (char *)(((uintptr_t)p + (2ul << 30)) & -(1ul << 30));
    CHECK_EQUAL(mprotect(edge - 3 * PAGE, 6 * PAGE, RW), 0);
    CHECK_MAP(edge - 5 * PAGE, "--wwwwww--");
    CHECK_EQUAL(mprotect(edge - PAGE, 2 * PAGE, PROT_READ), 0);
    CHECK_MAP(edge - 5 * PAGE, "--wwrrww--");
    char *middle = edge + step * PAGE;
    CHECK_EQUAL(mprotect(middle - 2 * PAGE, (2 * step + 4) * PAGE, RW), 0);
    CHECK_MAP(middle - 4 * PAGE, "--wwwwww");
    CHECK_MAP(middle + 2 * step * PAGE - PAGE, "www--");
    CHECK_EQUAL(munmap(middle - PAGE, 2 * step * PAGE), 0);
    CHECK_MAP(middle - 4 * PAGE, "--w     ");
    CHECK_MAP(middle + 2 * step * PAGE - 3 * PAGE, "  www--");
    CHECK_EQUAL(munmap(p, size), 0);
    CHECK_MAP(edge - 5 * PAGE, "          ");
}

static void test_execution(void) {
    char *p = map(1, RW);
    int got;

    *(unsigned char *)p = 0xc3;
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(mprotect(p, PAGE, RW), 0);
        if (!(got = sigsetjmp(back, 1)))
            ((void (*)(void))(void *)p)();
        CHECK(got == SIGSEGV && info.si_code == SEGV_ACCERR && info.si_addr == p);
        CHECK_EQUAL(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
        if (!(got = sigsetjmp(back, 1)))
            ((void (*)(void))(void *)p)();
        CHECK_EQUAL(got, 0);
        CHECK_EQUAL(kind_of(p), 'r');
    }
    munmap(p, PAGE);
}

int main(void) {
    handle(SIGSEGV, leave, 0);
    test_protect();
    test_unmap_and_replace();
    test_remap();
    test_discard();
    test_large();
    test_execution();
    return checks_end();
}
