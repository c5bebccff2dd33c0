/* SPDX-License-Identifier: MIT */
/* Thread-local variables of the one thread: initial values, alignment, size. */
// native:
// stdout-from: checks
#include <stdint.h>

#include "check.h"

static _Thread_local int number = 42;
static _Thread_local char zeros[1000];
static _Thread_local struct {
    _Alignas(64) char a[3];
    double b;
} aligned = {"xy", 2.5};
static _Thread_local _Alignas(4096) char page[5000];
static _Thread_local int *pointer = (int *)0x1234;
static _Thread_local unsigned char large[300000] = {1, 2, 3, [299999] = 9};
static _Thread_local char last = 7;
_Thread_local long shared = -1;
static int plain = 5;

__attribute__((noinline)) static long *address_of_shared(void) {
    return &shared;
}

int main(void) {
    CHECK_EQUAL(number, 42);
    CHECK_EQUAL(shared, -1);
    CHECK_EQUAL(last, 7);
    CHECK(pointer == (int *)0x1234);
    CHECK((uintptr_t)&aligned % 64 == 0 && aligned.b == 2.5 && !strcmp(aligned.a, "xy"));
    CHECK_EQUAL((uintptr_t)page % 4096, 0);
    for (size_t i = 0; i < sizeof zeros; i++)
        CHECK_EQUAL(zeros[i], 0);
    for (size_t i = 0; i < sizeof page; i++)
        CHECK_EQUAL(page[i], 0);
    CHECK(large[0] == 1 && large[1] == 2 && large[3] == 0 && large[299999] == 9);
    memset(large, 5, sizeof large);
    memset(page, 6, sizeof page);
    memset(zeros, 7, sizeof zeros);
    CHECK(number == 42 && last == 7 && shared == -1 && plain == 5);
    CHECK(aligned.b == 2.5 && pointer == (int *)0x1234);
    *address_of_shared() = 77;
    CHECK_EQUAL(shared, 77);
    errno = 5;
    number = 6;
    CHECK_EQUAL(errno, 5);
    CHECK(large[150000] == 5 && page[4999] == 6 && zeros[999] == 7);
    return checks_end();
}
