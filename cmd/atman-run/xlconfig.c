/* SPDX-License-Identifier: MIT */
/*
 * xl's configuration language: see xlconfig.h. Read from its lexer and xlu__cfgl_dequote()
 * in Xen 4.17 (tools/libs/util/libxlu_cfg*.[cl]): a string may hold any byte but a bare
 * newline, and of its backslash escapes only those with a letter are safe to use; the
 * numeric ones (\x41, \101) do not read back as what they say.
 */
#include "xlconfig.h"

#include "memory.h"
#include "network.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

char *xlconfig_disk(const char *spec, bool *read_only) {
    char *name = must_copy_part(spec, strcspn(spec, ",")), *path = realpath(name, NULL);
    char *folder = NULL;

    *read_only = strchr(spec, ',') != NULL;
    /* It may be made later. */
    if (!path && *name != '/' && (folder = getcwd(NULL, 0)))
        path = must_format("%s/%s", folder, name);
    free(folder);
    if (!path)
        return name;
    free(name);
    return path;
}

static void disks(struct text *text, char *const *specs) {
    char letter = 'a';

    text_adds(text, "disk = [");
    for (; *specs; specs++, letter++) {
        bool read_only;
        char *file = xlconfig_disk(*specs, &read_only);
        char *disk = must_format("format=raw, vdev=xvd%c, access=%s, target=%s", letter,
                                 read_only ? "ro" : "rw", file);

        text_adds(text, letter == 'a' ? " " : ", ");
        xlconfig_string(text, disk);
        free(disk);
        free(file);
    }
    text_adds(text, " ]\n");
}

static void interfaces(struct text *text, char *const *specs) {
    text_adds(text, "vif = [ ");
    for (; *specs; specs++) {
        xlconfig_string(text, *specs);
        text_adds(text, specs[1] ? ", " : " ]\n");
    }
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
    if (config->disks && *config->disks)
        disks(text, config->disks);
    if (config->nets && *config->nets)
        interfaces(text, config->nets);
    /* Without these xl starts a domain that reboots or crashes again and again. */
    setting(text, "on_poweroff", fate);
    setting(text, "on_reboot", fate);
    setting(text, "on_crash", fate);
}

/* XML's Char, 2.2 of its specification; a carriage return is kept only as a reference. */
static bool xml_text(struct text *text, const char *value) {
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;

        if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
            return false;
        if (strchr("&<>'\"\r\n\t", c))
            text_addf(text, "&#%u;", c);
        else
            text_add(text, value, 1);
    }
    return true;
}

static bool element(struct text *text, const char *space, const char *name,
                    const char *value) {
    bool ok;

    text_addf(text, "%s<%s>", space, name);
    ok = xml_text(text, value);
    text_addf(text, "</%s>\n", name);
    return ok;
}

static bool xml_disks(struct text *text, char *const *specs) {
    bool ok = true;

    for (char letter = 'a'; specs && *specs; specs++, letter++) {
        bool read_only;
        char *file = xlconfig_disk(*specs, &read_only);

        text_adds(text, "    <disk type='file' device='disk'>\n"
                        "      <driver name='file' type='raw'/>\n      <source file='");
        ok = xml_text(text, file) && ok;
        text_addf(text, "'/>\n      <target dev='xvd%c' bus='xen'/>\n%s    </disk>\n",
                  letter, read_only ? "      <readonly/>\n" : "");
        free(file);
    }
    return ok;
}

bool xlconfig_write_xml(struct text *text, const struct xlconfig *config) {
    bool ok;

    text_adds(text, "<domain type='xen'>\n");
    ok = element(text, "  ", "name", config->name);
    text_addf(text,
              "  <memory unit='KiB'>%llu</memory>\n  <vcpu>%u</vcpu>\n  <os>\n"
              "    <type arch='x86_64' machine='xenpv'>linux</type>\n",
              (unsigned long long)config->kib, config->vcpus);
    ok = element(text, "    ", "kernel", config->kernel) && ok;
    if (config->ramdisk)
        ok = element(text, "    ", "initrd", config->ramdisk) && ok;
    ok = element(text, "    ", "cmdline", config->extra) && ok;
    text_adds(text, "  </os>\n  <on_poweroff>destroy</on_poweroff>\n"
                    "  <on_reboot>destroy</on_reboot>\n  <on_crash>destroy</on_crash>\n"
                    "  <devices>\n");
    ok = xml_disks(text, config->disks) && ok;
    for (char *const *net = config->nets; net && *net; net++)
        ok = network_write_xml(text, *net) && ok;
    text_adds(text, "    <console type='pty'>\n      <target type='xen' port='0'/>\n"
                    "    </console>\n  </devices>\n</domain>\n");
    return ok;
}
