/* SPDX-License-Identifier: MIT */
/* What archive.c gives the readers of single formats, cpio.c and tar.c. All return 0 or a
 * negative errno. */
#ifndef ATMAN_FS_ARCHIVE_FORMAT_H
#define ATMAN_FS_ARCHIVE_FORMAT_H

#include "fs/archive.h"

enum { ARCHIVE_MAGIC = 6 }; /* bytes by which a cpio is known */

/* Ends the reading: -EINVAL. */
int archive_fail(struct archive *archive, const char *reason);

/* The next size bytes; NULL: they are passed over. It is an error if they are not there. */
int archive_take(struct archive *archive, void *buffer, uint64_t size);

/* Passes over what is missing to a multiple of unit, a power of two. */
int archive_align(struct archive *archive, unsigned unit);

/* The next size bytes are a text, to which zeros may be added; zeros behind it are passed
 * over. */
int archive_take_text(struct archive *archive, char *text, uint64_t size);

/* Gives the entry to the sink; its name and target are those in archive->name and target,
 * which are checked. Then passes over its data. */
int archive_deliver(struct archive *archive, struct archive_entry *entry, uint64_t size);

/* Up to the source's end, or a byte that is not zero. */
int archive_skip_zeros(struct archive *archive);

/* Reads the archive that begins here. */
int archive_unpack_one(struct archive *archive);

/* The first ARCHIVE_MAGIC bytes of a header are in archive->header. Each reads an archive
 * up to its end. */
bool archive_is_cpio(const struct archive *archive);
int archive_read_cpio(struct archive *archive);
int archive_read_tar(struct archive *archive);

#endif
