/* SPDX-License-Identifier: MIT */
/*
 * Filling the root: with the files that atman-cc put into the image (--atman-files), then
 * with those of the domain's ramdisk. What comes later replaces what has the same name.
 *
 * The data of a plain archive that begin where a page does become the file's pages where
 * they are; all others are copied. The ramdisk's pages are free when what they hold was
 * copied, so that ramdisk and files are not both in memory as a whole.
 */
#ifndef ATMAN_FS_POPULATE_H
#define ATMAN_FS_POPULATE_H

/* The root is there. 0 or -ENOMEM; a bad archive ends the domain with status 125, after a
 * line in the log that names the entry. */
long populate_root(void);

#endif
