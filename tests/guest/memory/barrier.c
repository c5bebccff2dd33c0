/* SPDX-License-Identifier: MIT */
/*
 * What collectors do with mprotect and a handler: a heap is write-protected, the handler
 * notes the page that was written and lets the write happen; guard pages; pages that come
 * into being when they are touched. In several threads too, thousands of times.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum { PAGES = 256, ROUNDS = 8, THREADS = 4 };

static char *heap;
static volatile int dirty[PAGES];
static volatile int faults, strange;

static void note_write(int signal, siginfo_t *info, void *context) {
    size_t page = (size_t)((char *)info->si_addr - heap) / PAGE;

    (void)signal, (void)context;
    if (page >= PAGES || info->si_code != SEGV_ACCERR) {
        strange++;
        _exit(3);
    }
    __atomic_fetch_add(&faults, 1, __ATOMIC_SEQ_CST);
    dirty[page] = 1;
    if (mprotect(heap + page * PAGE, PAGE, RW))
        strange++;
}

static void test_barrier(void) {
    heap = map(PAGES, RW);
    memset(heap, 1, PAGES * PAGE);
    handle(SIGSEGV, note_write, 0);
    for (int round = 0; round < ROUNDS; round++) {
        memset((void *)dirty, 0, sizeof dirty);
        faults = 0;
        CHECK_EQUAL(mprotect(heap, PAGES * PAGE, PROT_READ), 0);
        CHECK_EQUAL(heap[5 * PAGE + 7], 1); /* reading is free */
        CHECK_EQUAL(faults, 0);
        int wanted = 0;
        for (int i = round % 3; i < PAGES; i += 1 + round % 5, wanted++)
            for (int where = 0; where < 4096; where += 1500)
                heap[i * PAGE + (size_t)where] = (char)round;
        CHECK_EQUAL(faults, wanted);
        for (int i = 0, next = round % 3; i < PAGES; i++) {
            CHECK_EQUAL(dirty[i], i == next);
            if (i == next) {
                CHECK_EQUAL(heap[i * (long)PAGE + 3000], round);
                next += 1 + round % 5;
            }
        }
    }
    CHECK_EQUAL(strange, 0);
    munmap(heap, PAGES * PAGE);
}

static void *write_all(void *argument) {
    for (size_t i = 0; i < PAGES; i++)
        __atomic_fetch_add((int *)(void *)(heap + i * PAGE), 1 << (long)argument * 8,
                           __ATOMIC_SEQ_CST);
    return NULL;
}

/* Several threads write the same pages; the write that faulted is done once. */
static void test_threads(void) {
    pthread_t threads[THREADS];

    heap = map(PAGES, RW);
    for (int round = 1; round <= 3; round++) {
        faults = 0;
        CHECK_EQUAL(mprotect(heap, PAGES * PAGE, PROT_READ), 0);
        for (long i = 0; i < THREADS; i++)
            CHECK_EQUAL(pthread_create(&threads[i], NULL, write_all, (void *)i), 0);
        for (int i = 0; i < THREADS; i++)
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        CHECK(faults >= PAGES);
        for (size_t i = 0; i < PAGES; i++)
            CHECK_EQUAL(*(int *)(void *)(heap + i * PAGE), 0x01010101 * round);
    }
    CHECK_EQUAL(strange, 0);
    munmap(heap, PAGES * PAGE);
}

/* A system call is told EFAULT where the program would have had a signal. */
static void test_system_calls(void) {
    heap = map(PAGES, RW);
    CHECK_EQUAL(mprotect(heap, PAGES * PAGE, PROT_READ), 0);
    faults = 0;
    CHECK_FAILS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, heap), EFAULT);
    CHECK_EQUAL(faults, 0);
    CHECK_EQUAL(mprotect(heap, PAGE, RW), 0);
    CHECK_EQUAL(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, heap), 0);
    munmap(heap, PAGES * PAGE);
}

static void make_page(int signal, siginfo_t *info, void *context) {
    char *page = (char *)((uintptr_t)info->si_addr & -PAGE);

    (void)signal, (void)context;
    if (info->si_code != SEGV_MAPERR)
        strange++;
    faults++;
    if (mmap(page, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) != page)
        _exit(4);
    memset(page, faults, PAGE);
}

/* Memory that a handler maps: the access goes on as if it had been there. */
static void test_made_by_handler(void) {
    char *p = find_free(40);

    handle(SIGSEGV, make_page, 0);
    faults = 0;
    for (size_t i = 0; i < 40; i++)
        CHECK_EQUAL(p[i * PAGE + i * 100], i + 1);
    CHECK_EQUAL(faults, 40);
    memcpy(p + 40 * PAGE - 2, "abcd", 4); /* over its end: one more */
    CHECK_EQUAL(faults, 41);
    CHECK_EQUAL(p[40 * PAGE + 1], 'd');
    CHECK_EQUAL(strange, 0);
    munmap(p, 41 * PAGE);
}

int main(void) {
    test_barrier();
    test_threads();
    test_system_calls();
    test_made_by_handler();
    return checks_end();
}
