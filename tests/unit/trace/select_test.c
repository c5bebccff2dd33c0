/* SPDX-License-Identifier: MIT */
/* trace/select.c: sets of calls as a user writes them. */
#include "test.h"
#include "trace/call.h"
#include "trace/trace.h"

#include <sys/syscall.h>

TEST(nothing_at_first) {
    CHECK(!trace_on);
    CHECK(!trace_is_printed(SYS_write));
    CHECK(!trace_set_lines(""));
    CHECK(!trace_set_lines("nothing"));
    CHECK(!trace_set_lines("write,"));
    CHECK(!trace_set_lines("writ"));
    CHECK(!trace_set_lines("all,!nothing"));
    CHECK(!trace_on);
}

TEST(names_and_groups) {
    CHECK(trace_set_lines("write,memory"));
    CHECK(trace_on);
    CHECK(trace_is_printed(SYS_write));
    CHECK(trace_is_printed(SYS_mmap));
    CHECK(!trace_is_printed(SYS_read));
    CHECK(!trace_is_counted(SYS_write));
    CHECK(trace_set_lines("clone"));
    CHECK(trace_is_printed(SYS_clone));
    CHECK(trace_set_lines("futex"));
    CHECK(trace_is_printed(SYS_futex));
    CHECK(!trace_is_printed(SYS_write));
}

TEST(left_out) {
    CHECK(trace_set_lines("all,!futex,!memory,brk"));
    CHECK(trace_is_printed(SYS_write));
    CHECK(trace_is_printed(SYS_brk));
    CHECK(!trace_is_printed(SYS_futex));
    CHECK(!trace_is_printed(SYS_mmap));
    CHECK(trace_set_lines("!write"));
    CHECK(!trace_is_printed(SYS_write));
    CHECK(trace_is_printed(SYS_futex));
    CHECK(trace_is_printed(TRACE_CALLS - 1));
}

TEST(a_bad_set_changes_nothing) {
    CHECK(trace_set_lines("write"));
    CHECK(!trace_set_lines("read,nothing"));
    CHECK(trace_is_printed(SYS_write));
    CHECK(!trace_is_printed(SYS_read));
}

TEST(the_summary_has_a_set_of_its_own) {
    CHECK(trace_set_lines("write"));
    CHECK(trace_set_summary("signal"));
    CHECK(trace_is_counted(SYS_tkill));
    CHECK(!trace_is_counted(SYS_write));
    CHECK(!trace_is_printed(SYS_tkill));
}
