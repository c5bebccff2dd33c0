/* SPDX-License-Identifier: MIT */
/*
 * Crash reports: which lines are frames, what the symboliser's answer means, and that lines
 * come out whole and in order whether there are names or not.
 */
#include "report.h"
#include "symbols.h"
#include "test.h"
#include "text.h"

#include <elf.h>
#include <stdint.h>
#include <stdlib.h>

static struct text got;

static void print(void *context, const char *line) {
    (void)context;
    text_addf(&got, "%s\n", line);
}

static struct report fresh(const char *image) {
    text_free(&got);
    text_adds(&got, "");
    return (struct report){.image = image, .print = print};
}

static long long frame(const char *line) {
    uint64_t address = 7;

    return report_frame(line, &address) ? (long long)address : -1;
}

TEST(frames) {
    CHECK_EQ(frame("atman:   #0 0x0000000000400227"), 0x400227);
    CHECK_EQ(frame("atman:   #1 0x0000000000400228"), 0x400227);
    CHECK_EQ(frame("atman:   #12 0x10"), 0xf);
    CHECK_EQ(frame("atman:   #1 0x0"), 0);
    CHECK_EQ(frame("atman:   #0 0x"), -1);
    CHECK_EQ(frame("atman:   #x 0x10"), -1);
    CHECK_EQ(frame("atman:   # 0x10"), -1);
    CHECK_EQ(frame("atman:   #0 0x10 "), -1);
    CHECK_EQ(frame("atman:   rip 0x10"), -1);
    CHECK_EQ(frame(" atman:   #0 0x10"), -1);
}

static void check_places(const char *answer, size_t count, const char *const *wanted) {
    char *places[4];

    symbols_parse(answer, count, places);
    for (size_t i = 0; i < count; i++) {
        CHECK_TEXT(places[i], wanted[i]);
        free(places[i]);
    }
}

TEST(answers) {
    check_places(
        "kmain\n/tmp/t3.c:11:42\n\n??\n??:0:0\n\n_start\n/s.S:25:0\n\n", 3,
        (const char *[]){" in kmain at /tmp/t3.c:11", "", " in _start at /s.S:25"});
    /* An inlined function comes first, its callers behind it. */
    check_places("inner\n/a b.c:3:1\nouter\n/a b.c:9:5\n\nlast\n??:0:0\n\n", 2,
                 (const char *[]){" in inner at /a b.c:3", " in last"});
    check_places("f\n/a:b.c:0:0\n\n", 1, (const char *[]){" in f"});
    /* An answer that breaks off. */
    check_places("f\n/a.c:1:2\n\ng", 3, (const char *[]){" in f at /a.c:1", " in g", ""});
    check_places("", 2, (const char *[]){"", ""});
}

TEST(other_lines_pass) {
    struct report report = fresh("/nonexistent");

    report_take(&report, "atman: warning: x");
    report_take(&report, "atman:   #0 0x10");
    CHECK_TEXT(got.data, "atman: warning: x\natman:   #0 0x10\n");
    CHECK_EQ(report.held.count, 0);
}

TEST(a_report_without_names) {
    struct report report = fresh("/nonexistent");

    report_take(&report, "atman: fatal: bad (SIGSEGV)");
    report_take(&report, "atman: backtrace:");
    report_take(&report, "atman:   #0 0x0000000000400227");
    CHECK_TEXT(got.data, "");
    report_take(&report, "atman: end of report");
    CHECK(strncmp(got.data,
                  "atman: fatal: bad (SIGSEGV)\natman: backtrace:\n"
                  "atman:   #0 0x0000000000400227\natman: end of report\n"
                  "atman-run: no function names: ",
                  110) == 0);
    CHECK_EQ(report.held.count, 0);
}

extern char __executable_start[];

/* Where something of this program is in its file's addresses. */
static unsigned long long linked_at(const void *address) {
    const Elf64_Ehdr *header = (const void *)__executable_start;
    uintptr_t base = header->e_type == ET_DYN ? (uintptr_t)__executable_start : 0;

    return (uintptr_t)address - base;
}

/* This program has symbols itself, and is as good an image as any to the symboliser. */
TEST(a_report_with_names) {
    char *image = realpath("/proc/self/exe", NULL);
    struct report report = fresh(image);
    char line[64];

    report_take(&report, "atman: fatal: bad (SIGSEGV)");
    snprintf(line, sizeof line, "atman:   #0 0x%016llx", linked_at((const void *)print));
    report_take(&report, line);
    report_take(&report, "atman: end of report");
    CHECK(strstr(got.data, line) != NULL);
    CHECK(strstr(got.data, " in print at ") != NULL);
    CHECK(strstr(got.data, "report_test.c:") != NULL);
    CHECK(strstr(got.data, "\natman: end of report\n") != NULL);
    free(image);
}

TEST(a_report_that_breaks_off) {
    struct report report = fresh("/nonexistent");

    report_take(&report, "atman: fatal: bad (SIGSEGV)");
    report_take(&report, "atman:   rip 0x1");
    report_end(&report);
    CHECK_TEXT(got.data, "atman: fatal: bad (SIGSEGV)\natman:   rip 0x1\n");
    report_end(&report);
    CHECK_TEXT(got.data, "atman: fatal: bad (SIGSEGV)\natman:   rip 0x1\n");
}

TEST(a_report_without_end_is_bounded) {
    struct report report = fresh("/nonexistent");

    report_take(&report, "atman: fatal: bad (SIGSEGV)");
    for (int i = 0; i < 1000; i++)
        report_take(&report, "x");
    CHECK(report.held.count <= 256);
    report_end(&report);
    CHECK_EQ(got.length, strlen("atman: fatal: bad (SIGSEGV)\n") + 2 * 1000);
}

TEST(xens_lines) {
    struct report report = fresh("/nonexistent");

    report_xen(&report, NULL, NULL);
    CHECK_TEXT(got.data, "");
    report_xen(&report, "CPU: 0\nRIP:    e033:[<10>]\nlast", &(uint64_t){0x10});
    CHECK_TEXT(got.data, "CPU: 0\nRIP:    e033:[<10>]\nlast\n");
    text_free(&got);
}
