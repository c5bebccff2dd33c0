/* SPDX-License-Identifier: MIT */
/* trace/totals.c: the table, its order and its sums. */
#include "test.h"
#include "trace/call.h"
#include "world.h"

#include <errno.h>

static const struct trace_call a = {.name = "read"}, b = {.name = "futex"};
static struct trace_total total_a, total_b;

TEST(nothing_to_show) {
    trace_total_print();
    CHECK_TEXT(world_written(), "");
}

TEST(table) {
    trace_total_add(&total_a, &a, 5, 250000);
    trace_total_add(&total_b, &b, 0, 400000);
    trace_total_add(&total_b, &b, -ETIMEDOUT, 350000);
    trace_total_add(&total_b, &b, -5000, 0);
    trace_total_print();
    CHECK_TEXT(world_written(),
               "atman: % time     seconds  usecs/call     calls    errors syscall\n"
               "atman: ------ ----------- ----------- --------- --------- --------\n"
               "atman:  75.00    0.000750         250         3         1 futex\n"
               "atman:  25.00    0.000250         250         1           read\n"
               "atman: ------ ----------- ----------- --------- --------- --------\n"
               "atman: 100.00    0.001000         250         4         1 total\n");
}
