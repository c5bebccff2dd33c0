/* SPDX-License-Identifier: MIT */
/*
 * When a call that takes away rights, pages or memory has returned, no thread on any
 * processor can still use what was taken; when it has given some, every thread can.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <sched.h>
#include <setjmp.h>

#include "check.h"
#include "handlers.h"

enum { WRITERS = 3, ROUNDS = 40 };

static volatile long *page; /* one counter a writer */
static volatile int stop, faults[WRITERS], strange;
static volatile long written[WRITERS];
static _Thread_local sigjmp_buf back;

static void leave(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (info->si_addr < (void *)page || info->si_addr >= (void *)((char *)page + PAGE))
        strange++;
    siglongjmp(back, 1);
}

static void *write_on(void *argument) {
    long me = (long)argument;

    if (sigsetjmp(back, 1)) {
        faults[me]++;
        sched_yield();
    }
    while (!stop) {
        page[me] = page[me] + 1;
        written[me]++;
    }
    return NULL;
}

/* Everybody has written, or has been refused, since. */
static void let_all_run(volatile long *what) {
    long before[WRITERS];

    memcpy(before, (void *)what, sizeof before);
    for (int i = 0; i < WRITERS; i++)
        for (int patience = 20000; what[i] == before[i] && patience; patience--)
            sleep_ns(50000);
}

static void let_all_fault(void) {
    int before[WRITERS];

    memcpy(before, (void *)faults, sizeof before);
    for (int i = 0; i < WRITERS; i++) {
        for (int patience = 20000; faults[i] == before[i] && patience; patience--)
            sleep_ns(50000);
        CHECK(faults[i] != before[i]);
    }
}

static void check_unchanged(void) {
    long before[WRITERS];

    memcpy(before, (void *)page, sizeof before);
    let_all_fault();
    CHECK(!memcmp(before, (void *)page, sizeof before));
}

static void test_rights(void) {
    CHECK_EQUAL(mprotect((void *)page, PAGE, PROT_READ), 0);
    check_unchanged();
    CHECK_EQUAL(mprotect((void *)page, PAGE, RW), 0);
    let_all_run(written);
}

/* The page that was there is another's now; a late write would show in it. */
static void test_unmapped(void) {
    CHECK_EQUAL(munmap((void *)page, PAGE), 0);
    char *others[64];
    for (int i = 0; i < 64; i++) {
        others[i] = map(1, RW);
        if (others[i] == (char *)page) { /* not that address */
            munmap(others[i], PAGE);
            mmap((void *)page, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
            others[i] = map(1, RW);
        }
        memset(others[i], 0x33, PAGE);
    }
    let_all_fault();
    for (int i = 0; i < 64; i++) {
        CHECK(is_filled(others[i], PAGE, 0x33));
        munmap(others[i], PAGE);
    }
    CHECK_EQUAL(mmap((void *)page, PAGE, RW, ANON | MAP_FIXED, -1, 0), page);
    let_all_run(written);
    CHECK(page[0] > 0 || page[1] > 0 || page[2] > 0);
}

static void test_moved(void) {
    char *to = find_free(1);

    CHECK_EQUAL(mremap((void *)page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
    long before[WRITERS];
    memcpy(before, to, sizeof before);
    let_all_fault();
    CHECK(!memcmp(before, to, sizeof before));
    CHECK_EQUAL(mremap(to, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)page), page);
    let_all_run(written);
}

/* Given back under the writers' hands: the counters begin again at nothing. */
static void test_discarded(void) {
    for (int i = 0; i < 3; i++) {
        let_all_run(written);
        page[WRITERS] = 77; /* nobody writes here */
        CHECK_EQUAL(madvise((void *)page, PAGE, MADV_DONTNEED), 0);
        CHECK_EQUAL(page[WRITERS], 0);
        for (int w = 0; w < WRITERS; w++)
            CHECK(page[w] >= 0 && page[w] <= written[w] + 1);
    }
}

int main(void) {
    pthread_t threads[WRITERS];

    handle(SIGSEGV, leave, 0);
    page = (volatile long *)(void *)map(1, RW);
    for (long i = 0; i < WRITERS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, write_on, (void *)i), 0);
    let_all_run(written);
    for (int round = 0; round < ROUNDS; round++) {
        test_rights();
        if (round % 4 == 0)
            test_unmapped();
        if (round % 4 == 1)
            test_moved();
        if (round % 4 == 2)
            test_discarded();
    }
    stop = 1;
    for (int i = 0; i < WRITERS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(strange, 0);
    return checks_end();
}
