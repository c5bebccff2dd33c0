/* SPDX-License-Identifier: MIT */
/* From one open file to another, without the program's memory. */
#ifndef ATMAN_FS_COPY_H
#define ATMAN_FS_COPY_H

#include "fs/file.h"

/* sendfile: from *position on (NULL: the file's own), which goes along. Bytes, or error. */
long copy_send(struct file *to, struct file *from, int64_t *position, size_t size);

/* copy_file_range: both regular files. */
long copy_range(struct file *to, int64_t *to_position, struct file *from,
                int64_t *from_position, size_t size);

#endif
