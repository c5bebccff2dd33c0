/* SPDX-License-Identifier: MIT */
/*
 * xl's configuration language: see xlconfig.h. Read from its lexer and xlu__cfgl_dequote()
 * in Xen 4.17 (tools/libs/util/libxlu_cfg*.[cl]): a string may hold any byte but a bare
 * newline, and of its backslash escapes only those with a letter are safe to use; the
 * numeric ones (\x41, \101) do not read back as what they say.
 */
#include "xlconfig.h"

#include <string.h>

void xlconfig_string(struct text *text, const char *value) {
    text_adds(text, "\"");
    for (; *value; value++) {
        if (*value == '\n') {
            text_adds(text, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\')
            text_adds(text, "\\");
        text_add(text, value, 1);
    }
    text_adds(text, "\"");
}

void xlconfig_name(struct text *text, const char *path) {
    static const char kept[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";
    const char *slash = strrchr(path, '/');

    for (const char *p = slash ? slash + 1 : path; *p; p++)
        text_add(text, strchr(kept, *p) ? p : "_", 1);
}

static void setting(struct text *text, const char *key, const char *value) {
    text_addf(text, "%s = ", key);
    xlconfig_string(text, value);
    text_adds(text, "\n");
}

void xlconfig_write(struct text *text, const struct xlconfig *config) {
    const char *fate = config->preserve ? "preserve" : "destroy";

    setting(text, "name", config->name);
    setting(text, "type", "pv");
    setting(text, "kernel", config->kernel);
    if (config->ramdisk)
        setting(text, "ramdisk", config->ramdisk);
    setting(text, "extra", config->extra);
    text_addf(text, "memory = %llu\n", (unsigned long long)(config->kib + 1023) / 1024);
    text_addf(text, "vcpus = %u\n", config->vcpus);
    /* Without these xl starts a domain that reboots or crashes again and again. */
    setting(text, "on_poweroff", fate);
    setting(text, "on_reboot", fate);
    setting(text, "on_crash", fate);
}
