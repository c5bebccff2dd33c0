/* SPDX-License-Identifier: MIT */
/* setjmp and longjmp: values, registers and stack as they were, from any depth. */
// native:
// stdout-from: checks
#include <setjmp.h>
#include <stdlib.h>

#include "check.h"

static jmp_buf there, outer;

__attribute__((noinline)) static void dive(int levels, int value) {
    volatile char frame[200];

    frame[0] = (char)levels;
    if (levels)
        dive(levels - 1, value);
    else
        longjmp(there, value);
    CHECK(frame[0] == 99); /* not reached */
}

static void test_values(void) {
    static const int values[] = {1, 2, -1, 0x7fffffff, 0};

    for (volatile int i = 0; i < 5; i++) {
        int got = setjmp(there);
        if (!got)
            dive(i * 20, values[i]);
        CHECK_EQUAL(got, values[i] ? values[i] : 1);
    }
}

/* What a function keeps in registers survives; volatile variables have their last value. */
static void test_registers(int a, int b, int c, int d) {
    volatile int changed = 1;
    int e = a + b, f = b + c, g = c + d;

    if (!setjmp(there)) {
        changed = 2;
        dive(50, 1);
    }
    CHECK(a == 1 && b == 2 && c == 3 && d == 4);
    CHECK(e == 3 && f == 5 && g == 7 && changed == 2);
}

static int compare(const void *a, const void *b) {
    (void)a, (void)b;
    longjmp(outer, 3);
}

static void test_through_library(void) {
    int things[] = {2, 1};
    volatile int got = setjmp(outer);

    if (!got)
        qsort(things, 2, sizeof *things, compare);
    CHECK_EQUAL(got, 3);
}

static void test_many(void) {
    volatile int count = 0;

    while (setjmp(there) < 100000)
        longjmp(there, ++count);
    CHECK_EQUAL(count, 100000);
}

int main(void) {
    test_values();
    test_registers(1, 2, 3, 4);
    test_through_library();
    test_many();
    return checks_end();
}
