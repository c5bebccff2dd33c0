/* SPDX-License-Identifier: MIT */
/*
 * A domain's description in xl's configuration language (xl.cfg(5)), for `xl create` here
 * and for people who run their images with their own tools.
 */
#ifndef ATMAN_RUN_XLCONFIG_H
#define ATMAN_RUN_XLCONFIG_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct xlconfig {
    const char *name;    /* the domain's; see xlconfig_name() */
    const char *kernel;  /* the image's absolute path */
    const char *ramdisk; /* a path, or NULL */
    const char *extra;   /* the guest's command line (guestline.h) */
    uint64_t kib;        /* memory in kibibytes; xl counts mebibytes: rounded up */
    unsigned vcpus;
    char *const *disks; /* FILE or FILE,ro; NULL-terminated, or NULL */
    char *const *nets;  /* interfaces (network.h), likewise */
    char *const *ports; /* likewise; only the bed knows them */
    bool preserve;      /* keep the dead domain, so that its status can be read */
};

/* Of a disk, FILE or FILE,ro: the file's absolute path as a new string, and whether it is
 * only to be read. */
char *xlconfig_disk(const char *spec, bool *read_only);

/* Appends the same for libvirt: a domain in XML. False if a string has a character that XML
 * cannot hold; what was appended is of no use then. */
bool xlconfig_write_xml(struct text *text, const struct xlconfig *config);

/* Appends the whole configuration. */
void xlconfig_write(struct text *text, const struct xlconfig *config);

/* Appends value as a string of xl's language, quotes included, such that xl reads back the
 * same bytes. */
void xlconfig_string(struct text *text, const char *value);

/* Appends a name for a domain made from a path's last part: letters, digits, `_`, `.`, `+`
 * and `-` stay, every other byte becomes `_`. */
void xlconfig_name(struct text *text, const char *path);

#endif
