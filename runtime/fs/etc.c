/* SPDX-License-Identifier: MIT */
#include "fs/etc.h"

#include "base/format.h"
#include "fs/build.h"
#include "fs/host.h"

void (*etc_expect_resolver)(void);

static const struct {
    const char *path;
    uint16_t mode;
} directories[] = {
    {"/root", 0700},
    {"/run", 0755},
    {"/var/tmp", 01777},
    {"/etc", 0755},
};

static const char *const texts[][2] = {
    {"/etc/passwd",
     "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"},
    {"/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"},
    {"/etc/nsswitch.conf", "hosts: files dns\n"},
    {"/etc/resolv.conf", ""},
};

static long make_names(void) {
    char text[3 * HOST_NAME_MOST];

    format(text, sizeof text, "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t%s\n",
           host_name());
    long error = build_text("/etc/hosts", text);
    format(text, sizeof text, "%s\n", host_name());
    return error ? error : build_text("/etc/hostname", text);
}

long etc_make(void) {
    long error = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(directories) && !error; i++)
        error = build_directory(directories[i].path, directories[i].mode);
    for (unsigned i = 0; i < ARRAY_SIZE(texts) && !error; i++)
        error = build_text(texts[i][0], texts[i][1]);
    return error ? error : make_names();
}
