/* SPDX-License-Identifier: MIT */
/*
 * Futex calls that make no sense: each is the error that Linux gives, whatever the pointer,
 * and the program goes on.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

#include <sys/mman.h>

enum { PAGE = 4096 };

static volatile int word;
static char *unmapped, *unreadable, *read_only;

static void make_pages(void) {
    unmapped = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unreadable = unmapped + PAGE;
    read_only = unreadable + PAGE;
    CHECK(unmapped != MAP_FAILED);
    CHECK_EQUAL(mprotect(unreadable, PAGE, PROT_NONE), 0);
    CHECK_EQUAL(munmap(unmapped, PAGE), 0);
}

/* Linux's user half, the gap between the halves, and the kernel's. */
static char *const nowhere[] = {NULL,
                                (char *)16,
                                (char *)(1ul << 47),
                                (char *)(1ul << 48),
                                (char *)(1ul << 63),
                                (char *)0xffff800000000000,
                                (char *)0xffff830000000000,
                                (char *)0xffffffff80000000,
                                (char *)-4096,
                                (char *)-4};

static void wait_at(char *place) {
    struct timespec soon = {.tv_nsec = 1000};

    CHECK_FAILS(futex(place, FUTEX_WAIT | FUTEX_PRIVATE, 0, &soon, NULL, 0), EFAULT);
    CHECK_FAILS(futex(place, FUTEX_WAIT, 0, &soon, NULL, 0), EFAULT);
    CHECK_FAILS(futex(place, FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 0, NULL, NULL, 1), EFAULT);
    CHECK_FAILS(futex(place, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 1, NULL, &word, 0), EFAULT);
    CHECK_FAILS(futex(place, FUTEX_LOCK_PI | FUTEX_PRIVATE, 0, NULL, NULL, 0), EFAULT);
    CHECK_FAILS(futex(place, FUTEX_TRYLOCK_PI | FUTEX_PRIVATE, 0, NULL, NULL, 0), EFAULT);
    CHECK_FAILS(futex(place, FUTEX_UNLOCK_PI | FUTEX_PRIVATE, 0, NULL, NULL, 0), EFAULT);
}

static void test_bad_places(void) {
    for (size_t i = 0; i < LENGTH(nowhere); i++)
        wait_at(nowhere[i]);
    wait_at(unmapped);
    wait_at(unreadable);
}

/* To wake needs no memory, only an address that could have some; a lock that was freed
 * between its unlocking and the wake-up is harmless. */
static void test_wake(void) {
    CHECK_EQUAL(futex(unmapped, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(unreadable, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(NULL, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(read_only, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, NULL, 0), 0);
    for (size_t i = 3; i < LENGTH(nowhere); i++)
        CHECK_FAILS(futex(nowhere[i], FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, NULL, 0),
                    EFAULT);
}

static void test_read_only(void) {
    struct timespec soon = {.tv_nsec = 1000};

    CHECK_FAILS(futex(read_only, FUTEX_WAIT | FUTEX_PRIVATE, 1, &soon, NULL, 0), EAGAIN);
    CHECK_FAILS(futex(read_only, FUTEX_WAIT | FUTEX_PRIVATE, 0, &soon, NULL, 0), ETIMEDOUT);
    CHECK_FAILS(futex(read_only, FUTEX_LOCK_PI | FUTEX_PRIVATE, 0, NULL, NULL, 0), EFAULT);
    CHECK_FAILS(futex(read_only, FUTEX_TRYLOCK_PI | FUTEX_PRIVATE, 0, NULL, NULL, 0),
                EFAULT);
    CHECK_EQUAL(*read_only, 0);
}

static void test_unaligned(void) {
    static const int operations[] = {FUTEX_WAIT,        FUTEX_WAKE,    FUTEX_WAIT_BITSET,
                                     FUTEX_WAKE_BITSET, FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI};
    struct timespec soon = {.tv_nsec = 1000};

    for (size_t i = 0; i < LENGTH(operations); i++)
        for (int offset = 1; offset < 4; offset++)
            CHECK_FAILS(futex((char *)&word + offset, operations[i] | FUTEX_PRIVATE, 0,
                              operations[i] == FUTEX_WAKE ? NULL : &soon, NULL, -1),
                        EINVAL);
    /* even where nothing is */
    CHECK_FAILS(futex((char *)1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
}

static void test_unknown(void) {
    static const int operations[] = {FUTEX_FD, 14, 64, 127, 0x200, 0x7fffffff, -1};

    for (size_t i = 0; i < LENGTH(operations); i++)
        CHECK_FAILS(futex(&word, operations[i], 0, NULL, NULL, 0), ENOSYS);
    CHECK_FAILS(futex(&word, FUTEX_WAKE | FUTEX_REALTIME, 1, NULL, NULL, 0), ENOSYS);
    CHECK_FAILS(futex(&word, FUTEX_REQUEUE | FUTEX_REALTIME, 1, NULL, NULL, 0), ENOSYS);
}

/* Memory that goes away under a waiter: it stays asleep and can still be woken. */
static void test_unmapped_under_a_waiter(void) {
    int *page =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sleeper sleeper;

    sleepers_start(&sleeper, 1, (struct sleeper){.word = page});
    CHECK_EQUAL(munmap(page, PAGE), 0);
    sleep_ms(3);
    CHECK_EQUAL(sleepers_done(&sleeper, 1), 0);
    CHECK_EQUAL(futex_wake(page, 1), 1);
    finish(sleeper.thread);
    CHECK_EQUAL(sleeper.error, 0);
}

int main(void) {
    RUN(make_pages);
    RUN(test_bad_places);
    RUN(test_wake);
    RUN(test_read_only);
    RUN(test_unaligned);
    RUN(test_unknown);
    RUN(test_unmapped_under_a_waiter);
    return checks_end();
}
