/* SPDX-License-Identifier: MIT */
/*
 * xl's configuration language: every string that is written reads back as it was, by the
 * rules of xl's own lexer, written down here a second time.
 */
#include "test.h"
#include "xlconfig.h"

#include <stdlib.h>

/* Reads one string as xl does, from its quote on, into to. Returns what follows it, or NULL
 * if xl would refuse it. Escapes that xl reads wrongly are refused, too. */
static const char *read_string(const char *from, char *to) {
    char quote = *from++;

    if (quote != '"' && quote != '\'')
        return NULL;
    for (; *from != quote; from++) {
        if (*from == '\0' || *from == '\n')
            return NULL;
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        switch (*++from) {
        case '"':
        case '\'':
        case '\\':
            *to++ = *from;
            break;
        case 'n':
            *to++ = '\n';
            break;
        default:
            return NULL;
        }
    }
    *to = '\0';
    return from + 1;
}

static void check_round_trip(const char *value) {
    struct text text = TEXT_EMPTY;
    char back[1024];
    const char *rest;

    xlconfig_string(&text, value);
    rest = read_string(text.data, back);
    CHECK(rest && *rest == '\0');
    CHECK_TEXT(back, value);
    text_free(&text);
}

TEST(plain) {
    struct text text = TEXT_EMPTY;

    xlconfig_string(&text, "a \"b\" \\c\n'd'");
    CHECK_TEXT(text.data, "\"a \\\"b\\\" \\\\c\\n'd'\"");
    text_free(&text);
}

TEST(round_trips) {
    char all[256], word[] = "\"\\";

    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = '\0';
    check_round_trip("");
    check_round_trip(all);
    check_round_trip("\\n \\x41 \\101 \\\\ ends in \\");
    check_round_trip(word);
    /* Random words over the bytes that matter. */
    srand(1);
    for (int round = 0; round < 2000; round++) {
        static const char letters[] = "\"'\\\nxn041 ;#";
        size_t length = (size_t)rand() % 40;

        for (size_t i = 0; i < length; i++)
            all[i] = letters[(size_t)rand() % (sizeof letters - 1)];
        all[length] = '\0';
        check_round_trip(all);
    }
}

TEST(names) {
    struct text text = TEXT_EMPTY;

    xlconfig_name(&text, "/tmp/a b/my kernel,v2.0+x-y_z");
    CHECK_TEXT(text.data, "my_kernel_v2.0+x-y_z");
    text_free(&text);
}

TEST(whole) {
    struct text text = TEXT_EMPTY;

    xlconfig_write(&text, &(struct xlconfig){.name = "k",
                                             .kernel = "/a\"b",
                                             .extra = "-- 'x'",
                                             .kib = 8 * 1024 + 1,
                                             .vcpus = 2});
    CHECK_TEXT(text.data, "name = \"k\"\ntype = \"pv\"\nkernel = \"/a\\\"b\"\n"
                          "extra = \"-- 'x'\"\nmemory = 9\nvcpus = 2\n"
                          "on_poweroff = \"destroy\"\non_reboot = \"destroy\"\n"
                          "on_crash = \"destroy\"\n");
    text_free(&text);
}

TEST(kept_domain) {
    struct text text = TEXT_EMPTY;

    xlconfig_write(&text, &(struct xlconfig){.name = "k",
                                             .kernel = "/k",
                                             .extra = "--",
                                             .kib = 1024,
                                             .vcpus = 1,
                                             .preserve = true});
    CHECK(strstr(text.data, "on_poweroff = \"preserve\"\n") != NULL);
    CHECK(strstr(text.data, "on_crash = \"preserve\"\n") != NULL);
    CHECK(strstr(text.data, "memory = 1\n") != NULL);
    text_free(&text);
}

TEST(disks) {
    struct text text = TEXT_EMPTY;

    xlconfig_write(
        &text, &(struct xlconfig){.name = "k",
                                  .kernel = "/k",
                                  .extra = "",
                                  .disks = (char *[]){"/no/a \"b\"", "/no/c,ro", NULL}});
    CHECK(strstr(text.data,
                 "\ndisk = [ \"format=raw, vdev=xvda, access=rw, target=/no/a \\\"b\\\"\", "
                 "\"format=raw, vdev=xvdb, access=ro, target=/no/c\" ]\n") != NULL);
    text_free(&text);
}

TEST(libvirt) {
    struct text text = TEXT_EMPTY;
    struct xlconfig config = {.name = "k",
                              .kernel = "/a&b",
                              .ramdisk = "/r",
                              .extra = "-- '<x>'\n\t\"",
                              .kib = 8193,
                              .vcpus = 2,
                              .disks = (char *[]){"/no/it's,ro", NULL}};

    CHECK(xlconfig_write_xml(&text, &config));
    CHECK_TEXT(text.data, "<domain type='xen'>\n  <name>k</name>\n"
                          "  <memory unit='KiB'>8193</memory>\n  <vcpu>2</vcpu>\n  <os>\n"
                          "    <type arch='x86_64' machine='xenpv'>linux</type>\n"
                          "    <kernel>/a&#38;b</kernel>\n    <initrd>/r</initrd>\n"
                          "    <cmdline>-- &#39;&#60;x&#62;&#39;&#10;&#9;&#34;</cmdline>\n"
                          "  </os>\n  <on_poweroff>destroy</on_poweroff>\n"
                          "  <on_reboot>destroy</on_reboot>\n"
                          "  <on_crash>destroy</on_crash>\n  <devices>\n"
                          "    <disk type='file' device='disk'>\n"
                          "      <driver name='file' type='raw'/>\n"
                          "      <source file='/no/it&#39;s'/>\n"
                          "      <target dev='xvda' bus='xen'/>\n      <readonly/>\n"
                          "    </disk>\n    <console type='pty'>\n"
                          "      <target type='xen' port='0'/>\n    </console>\n"
                          "  </devices>\n</domain>\n");
    text_free(&text);
    config.extra = "a\001b";
    CHECK(!xlconfig_write_xml(&text, &config));
    text_free(&text);
}
