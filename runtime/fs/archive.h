/* SPDX-License-Identifier: MIT */
/*
 * Archives: cpio (newc, crc, odc) and tar (ustar, with GNU's and pax's extensions), read in
 * one pass and handed to a sink, an entry at a time. Several may follow each other, with
 * zeros in between and behind, as Linux's initramfs may be made.
 *
 * The bytes are untrusted. The first thing that is wrong ends the reading, and nothing
 * behind it is delivered; what was delivered before stays with the sink. No name leads out
 * of the root: absolute names and `..` are refused, in hard links, too. Where symbolic
 * links lead is the sink's to see.
 *
 * A source that lies in memory is not copied: an entry's data are where they were. One that
 * is made on the way (fs/unpack.h) comes in pieces, and the sink asks for the data.
 *
 * Nothing here needs a hypervisor or allocates. Formats: cpio(5) and tar(5) of libarchive,
 * POSIX pax, "ustar Interchange Format".
 */
#ifndef ATMAN_FS_ARCHIVE_H
#define ATMAN_FS_ARCHIVE_H

#include "base.h"

enum {
    ARCHIVE_NAME = 4096, /* bytes of the longest name, its NUL counted */
    ARCHIVE_COMPONENT = 255,
};

/* Where the bytes come from. */
struct archive_source {
    const uint8_t *at; /* what is there and was not read yet */
    size_t size;
    /* Sets at and size to what follows; size 0 is the end. 0, or a negative errno with
     * reason set. NULL: what is there is all. */
    int (*refill)(struct archive_source *source);
    const char *reason;
};

/* A file, as the archive describes it. All pointers hold until the sink returns, data as
 * long as the archive's memory. */
struct archive_entry {
    const char
        *name; /* relative, no "." or ".." in it, no slash at its end; "." is the root */
    size_t name_size; /* without the NUL */
    unsigned mode;    /* S_IF... and permissions; of a hard link by name 0 */
    unsigned uid, gid;
    int64_t mtime; /* since 1970 */
    uint32_t mtime_ns;
    uint64_t size;      /* of a regular file's data; 0 for all others */
    const void *data;   /* NULL: archive_read() gets them, in as many calls as one likes */
    const char *target; /* of a symbolic link, its text; of a hard link by name (tar), the
                           name of an earlier entry, in name's form. Else NULL */
    size_t target_size; /* without the NUL */
    bool hard_link;     /* by name: target is the other name */
    unsigned major, minor; /* of a device */
    /* cpio: names with the same inode, device and part are one file, if links is more than
     * 1. The data come with one of them, often the last, or with each. tar: links is 1. */
    unsigned links, part;
    uint64_t inode, inode_device;
};

/* What tar's extended headers say instead of the header. */
struct archive_override {
    bool has_size, has_mtime, has_uid, has_gid;
    uint64_t size;
    int64_t mtime;
    uint32_t mtime_ns;
    unsigned uid, gid;
};

struct archive {
    /* The caller's. */
    struct archive_source *source;
    /* 0, or a negative errno that ends the reading. */
    int (*sink)(struct archive *archive, const struct archive_entry *entry);
    void *context;
    char *name, *target; /* ARCHIVE_NAME bytes each */

    /* Of the entry at hand, for messages: its number from 1 on, its name (in `name`; empty
     * as long as it is not known), what is wrong (NULL if the sink said no). */
    unsigned number;
    const char *reason;

    /* archive.c's, cpio.c's and tar.c's own. */
    unsigned part;
    uint64_t offset; /* from the part's beginning */
    uint64_t left;   /* of the entry's data */
    uint32_t sum, wanted_sum;
    bool sums;
    bool has_name, has_target; /* set before the header that they belong to */
    struct archive_override own, global;
    uint8_t header[512];
};

/* Reads all that is in the source; the caller's members are set, all others 0. 0, or a
 * negative errno: the sink's, or -EINVAL for a bad archive, or the source's, both with a
 * reason. */
int archive_unpack(struct archive *archive);

/* For the sink, if the entry's data is NULL: the next size bytes of them; there must be as
 * many. An error is the sink's to return. */
int archive_read(struct archive *archive, void *buffer, size_t size);

#endif
