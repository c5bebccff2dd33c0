/* SPDX-License-Identifier: MIT */
/*
 * What Xen's tools print, as Xen 4.17 prints it.
 */
#include "test.h"
#include "xltool.h"

#include <stdlib.h>

TEST(a_domain_is_made) {
    struct xltool_news news = {0};

    xltool_line(&news, "Parsing config from /proc/self/fd/5");
    CHECK(!news.made);
    xltool_line(&news, "Waiting for domain hello.77 (domid 12) to die [pid 345]");
    CHECK(news.made && !news.shut_down);
    CHECK_EQ(news.domain, 12);
}

TEST(a_domain_ends) {
    struct xltool_news news = {.made = true, .domain = 12};

    xltool_line(&news, "Domain 12 has shut down, reason code 3 0x3");
    CHECK(news.shut_down);
    CHECK_EQ(news.reason, 3);
    xltool_line(&news, "Action for shutdown reason code 3 is preserve");
    CHECK_EQ(news.reason, 3);
    CHECK_EQ(news.domain, 12);
}

TEST(other_lines) {
    struct xltool_news news = {0};

    xltool_line(&news, "libxl: error: libxl_create.c: (domid 3) cannot");
    xltool_line(&news, "Waiting for domain x");
    xltool_line(&news, "Waiting for domain x (domid ?)");
    CHECK(!news.made && !news.shut_down);
}

static void check_value(const char *listing, const char *key, const char *wanted) {
    char *value = xltool_value(listing, key);

    CHECK_TEXT(value, wanted);
    free(value);
}

TEST(listings) {
    static const char listing[] = "ring-ref = \"2\"\ntty = \"/dev/pts/3\"\natman = \"\"\n"
                                  " exit-status = \"7\"\n xtty = \"no\"";

    check_value(listing, "tty", "/dev/pts/3");
    check_value(listing, "exit-status", "7");
    check_value(listing, "atman", "");
    check_value(listing, "xtty", "no");
    check_value(listing, "ring", NULL);
    check_value(listing, "7", NULL);
    check_value("", "tty", NULL);
    check_value("tty = \"half", "tty", "half");
}
