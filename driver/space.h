/* SPDX-License-Identifier: MIT */
/*
 * Full disks. LLVM's tools fail there without saying which file it was about; these
 * functions let the commands say it.
 */
#ifndef ATMAN_DRIVER_SPACE_H
#define ATMAN_DRIVER_SPACE_H

#include <stdbool.h>

/* For a file that a tool has failed to write: if its disk (or device) has no room, or next
 * to none, says so in a message that names the file, and returns true. path need not exist;
 * its folder should. */
bool space_explain(const char *path);

#endif
