/* SPDX-License-Identifier: MIT */
/*
 * Archives that may be compressed: gzip (RFC 1952, by zlib's inflate) and zstd (RFC 8878,
 * by its own decoder). A compressed archive is never in memory as a whole: it is decoded as
 * it is read (fs/archive.h), 64 KiB at a time. Compressed parts may follow each other and
 * plain ones, in any order, as in Linux's initramfs.
 */
#ifndef ATMAN_FS_UNPACK_H
#define ATMAN_FS_UNPACK_H

#include "fs/archive.h"

enum {
    UNPACK_OUTPUT = 64 << 10, /* bytes decoded at a time */
    UNPACK_WINDOW = 8 << 20,  /* the largest of zstd that is taken; Linux's, too */
};

/* Memory for decoders: size bytes at the address, which are zero; NULL: there is none. */
struct unpack_memory {
    void *(*get)(size_t size);
    void (*put)(void *memory, size_t size);
};

/*
 * Reads all archives in the size bytes at data and gives their entries to archive->sink. Of
 * the archive all is set as for archive_unpack() but the source. 0, or a negative errno as
 * there.
 */
int unpack(struct archive *archive, const void *data, size_t size,
           const struct unpack_memory *memory);

#endif
