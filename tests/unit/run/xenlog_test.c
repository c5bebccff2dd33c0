/* SPDX-License-Identifier: MIT */
/*
 * Reading Xen's log: the ends of a domain and of Xen as Xen 4.17 prints them.
 */
#include "test.h"
#include "xenlog.h"

#include <stdbool.h>

static struct xenlog xen;

static void read_as(unsigned domain, const char *text) {
    xenlog_init(&xen, domain, NULL, NULL);
    xenlog_feed(&xen, text, strlen(text));
    xenlog_end(&xen);
}

static const char fault[] =
    "(XEN) Freed 656kB init memory\r\n"
    "(XEN) d0v0 Unhandled: vec 14, #PF[0002]\r\n"
    "(XEN) Pagetable walk from 0000007000000000:\r\n"
    "(XEN)  L4[0x000] = 000000000ec1f067 000000000000041f\r\n"
    "(XEN) domain_crash_sync called from entry.S: fault at ffff82d040204b78 "
    "x86_64/entry.S#create_bounce_frame+0x14f/0x177\r\n"
    "(XEN) Domain 0 (vcpu#0) crashed on cpu#0:\r\n"
    "(XEN) ----[ Xen-4.17.7  x86_64  debug=n  Not tainted ]----\r\n"
    "(XEN) CPU:    0\r\n"
    "(XEN) RIP:    e033:[<0000000000400227>]\r\n"
    "(XEN) rax: 0000007000000000   rbx: 0000000000000000   rcx: 0000000000000000\r\n"
    "(XEN) Guest stack trace from rsp=0000000000411fa0:\r\n"
    "(XEN)    0000000000000000 0000000000000246 0000000000000002 0000000000400227\r\n"
    "(XEN)    000000010000e030 0000000000000087 0000000000411fe0 000000000000e02b\r\n";

static const char crashed[] =
    "(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.\n";

TEST(nothing_yet) {
    read_as(0, "");
    CHECK_EQ(xen.end, XEN_RUNS);
    CHECK(!xen.started);
    read_as(0, "SeaBIOS\n(XEN) Freed 656kB init memory\n");
    CHECK_EQ(xen.end, XEN_RUNS);
    CHECK(xen.started);
    xenlog_free(&xen);
}

TEST(a_fault_nobody_handles) {
    xenlog_init(&xen, 0, NULL, NULL);
    xenlog_feed(&xen, fault, strlen(fault));
    CHECK_EQ(xen.end, XEN_RUNS); /* the dump is not over */
    xenlog_feed(&xen, crashed, strlen(crashed));
    CHECK_EQ(xen.end, XEN_CRASHED);
    CHECK(xen.has_rip);
    CHECK_EQ(xen.rip, 0x400227);
    CHECK_EQ(xenlog_status(&xen), 139);
    CHECK(strstr(xen.report.data, "Unhandled: vec 14") != NULL);
    CHECK(strstr(xen.report.data, "\nRIP:    e033:[<0000000000400227>]\n") != NULL);
    CHECK(strstr(xen.report.data, "rax: 0000007000000000") != NULL);
    CHECK(strstr(xen.report.data, "Guest stack") == NULL);
    CHECK(strstr(xen.report.data, "000000010000e030") == NULL);
    CHECK(strstr(xen.report.data, "Freed") == NULL);
    xenlog_end(&xen);
    xenlog_free(&xen);
}

/* Only byte for byte is every way to cut the stream tried. */
TEST(byte_for_byte) {
    xenlog_init(&xen, 0, NULL, NULL);
    for (const char *p = fault; *p; p++)
        xenlog_feed(&xen, p, 1);
    for (const char *p = crashed; *p; p++) {
        CHECK_EQ(xen.end, XEN_RUNS);
        xenlog_feed(&xen, p, 1);
    }
    CHECK_EQ(xen.end, XEN_CRASHED);
    CHECK_EQ(xen.rip, 0x400227);
    xenlog_free(&xen);
}

TEST(stack_overflow) {
    read_as(0, "(XEN) Pagetable walk from 0000000000716ff8:\n"
               "(XEN) domain_crash_sync called from entry.S: fault at ffff82d0403602d0 "
               "x86_64/entry.S#domain_crash_page_fault_6x8+0/0x4\n"
               "(XEN) Domain 0 (vcpu#0) crashed on cpu#0:\n"
               "(XEN) RIP:    e033:[<0000000000404138>]\n"
               "(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.\n");
    CHECK_EQ(xen.end, XEN_CRASHED);
    CHECK_EQ(xenlog_status(&xen), 139);
    CHECK(strstr(xenlog_verdict(&xen), "stack overflow") != NULL);
    CHECK(strstr(xen.report.data, "Pagetable walk from 0000000000716ff8") != NULL);
    xenlog_free(&xen);
}

TEST(signals_of_vectors) {
    static const struct {
        const char *line;
        int status;
    } cases[] = {
        {"(XEN) d0v0 Unhandled: vec 0, #DE[ffffffff]\n", 136},
        {"(XEN) d0v0 Unhandled: vec 3, #BP[ffffffff]\n", 133},
        {"(XEN) d0v0 Unhandled: vec 6, #UD[ffffffff]\n", 132},
        {"(XEN) d0v0 Unhandled: vec 13, #GP[0000]\n", 139},
        {"(XEN) d0v0 Unhandled: vec 17, #AC[0000]\n", 135},
        {"(XEN) d1v0 Unhandled: vec 6, #UD[ffffffff]\n", 134}, /* another domain's */
        {"", 134},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_as(0, cases[i].line);
        CHECK_EQ(xenlog_status(&xen), cases[i].status);
        xenlog_free(&xen);
    }
}

TEST(shutdowns) {
    read_as(0, "(XEN) Hardware Dom0 halted: halting machine\n");
    CHECK_EQ(xen.end, XEN_HALTED);
    read_as(0, "(XEN) Hardware Dom0 shutdown: rebooting machine\n");
    CHECK_EQ(xen.end, XEN_HALTED);
    read_as(0, crashed);
    CHECK_EQ(xen.end, XEN_CRASHED);
    CHECK(!xen.has_rip);
    CHECK_EQ(xenlog_status(&xen), 134);
    CHECK_EQ(xen.report.length, 0);
    /* The first end counts. */
    read_as(0, "(XEN) Hardware Dom0 halted: halting machine\n"
               "(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.\n");
    CHECK_EQ(xen.end, XEN_HALTED);
    xenlog_free(&xen);
}

TEST(panic) {
    read_as(0, "(XEN) ****************************************\n"
               "(XEN) Panic on CPU 0:\n"
               "(XEN) Domain 0 allocation is too small for kernel image\n"
               "(XEN) ****************************************\n"
               "(XEN) \n(XEN) Reboot in five seconds...\n");
    CHECK_EQ(xen.end, XEN_PANIC);
    CHECK_TEXT(xen.reason.data, "Domain 0 allocation is too small for kernel image");
    xenlog_free(&xen);
}

TEST(what_the_guest_prints_is_not_xens) {
    read_as(0, "Hardware Dom0 crashed: rebooting machine in 5 seconds.\n"
               "Panic on CPU 0:\nReboot in five seconds...\n");
    CHECK_EQ(xen.end, XEN_RUNS);
    CHECK(!xen.started);
    /* A line of the guest's without an end, and then Xen's. */
    read_as(0, "half a line(XEN) Hardware Dom0 halted: halting machine\n");
    CHECK_EQ(xen.end, XEN_HALTED);
    xenlog_free(&xen);
}

TEST(an_ordinary_domain_among_others) {
    read_as(3, "(XEN) d2v0 Unhandled: vec 14, #PF[0002]\n"
               "(XEN) Domain 2 (vcpu#0) crashed on cpu#0:\n"
               "(XEN) RIP:    e033:[<0000000000400111>]\n"
               "(XEN) d3v0 Unhandled: vec 6, #UD[ffffffff]\n"
               "(XEN) Domain 3 (vcpu#0) crashed on cpu#1:\n"
               "(XEN) RIP:    e033:[<0000000000400333>]\n"
               "(XEN) Guest stack trace from rsp=0000000000411fa0:\n"
               "(XEN)    0000000000000000 0000000000000246\n"
               "(XEN) something else\n"
               "(XEN) Domain 30 (vcpu#0) crashed on cpu#0:\n"
               "(XEN) RIP:    e033:[<0000000000400999>]\n");
    CHECK(xen.has_rip);
    CHECK_EQ(xen.rip, 0x400333);
    CHECK_EQ(xenlog_status(&xen), 132);
    CHECK(strstr(xen.report.data, "400111") == NULL);
    CHECK(strstr(xen.report.data, "something else") == NULL);
    xenlog_free(&xen);
}

static void echo(void *context, const char *line) {
    text_addf(context, "%s|", line);
}

TEST(echo_is_complete) {
    struct text all = TEXT_EMPTY;

    xenlog_init(&xen, 0, echo, &all);
    xenlog_feed(&xen, "(XEN) a\r\nb\n(XEN) Hardware Dom0 halted: x\n(XEN) c", 48);
    xenlog_end(&xen);
    CHECK_TEXT(all.data, "(XEN) a|b|(XEN) Hardware Dom0 halted: x|(XEN) c|");
    text_free(&all);
    xenlog_free(&xen);
}

TEST(a_flood_is_bounded) {
    xenlog_init(&xen, 0, NULL, NULL);
    for (int i = 0; i < 10000; i++)
        xenlog_feed(&xen, "(XEN) domain_crash called from x\n", 33);
    CHECK(xen.report.length < 64 * 64);
    xenlog_end(&xen);
    xenlog_free(&xen);
}
