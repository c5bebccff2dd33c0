/* SPDX-License-Identifier: MIT */
/*
 * Packing folders into an archive that a guest fills its root file system from: cpio
 * (newc), in which the data of every file of a page or more begin where a page of memory
 * does, so that the guest can use the pages where they are (runtime/fs/populate.c).
 *
 * The same folders give the same bytes: names are sorted, owners are root, files are
 * numbered in order, and the environment's SOURCE_DATE_EPOCH, if set, is the latest time
 * there is.
 */
#ifndef ATMAN_DRIVER_PACK_H
#define ATMAN_DRIVER_PACK_H

#include <stdbool.h>
#include <stdio.h>

/* What is packed: "DIR" into the root, or "DIR:/where" into that folder. */
bool pack_is_spec(const char *option, const char *spec);

/* Writes one archive of all the folders (specs: NULL-terminated) to out, from where it is;
 * later ones come over what is there of earlier ones. Returns false after a message that
 * names the file which could not be packed, or, if writing failed, after one about what. */
bool pack_folders(FILE *out, const char *what, char *const *specs);

/* An open file without a name in the folder for temporary files ($TMPDIR, or /tmp), and a
 * stream that writes it; false after a message. fclose() leaves the descriptor open. */
bool pack_open(FILE **out, int *fd);

#endif
