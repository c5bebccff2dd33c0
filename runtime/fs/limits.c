/* SPDX-License-Identifier: MIT */
/* What the calls that set limits and those of files have in common. */
#include "fs/hooks.h"

const struct files *files;
unsigned files_limit = 1024;
uint64_t file_size_limit = UINT64_MAX;
unsigned file_mask = 022;
