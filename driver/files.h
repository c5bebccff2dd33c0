/* SPDX-License-Identifier: MIT */
/*
 * Files in an image: an object file for the linker whose one section, .atman.files, is the
 * archive that pack.h makes. Its symbols atman_files_start and atman_files_end are what the
 * runtime's file system refers to; in an image without that the section is not kept.
 */
#ifndef ATMAN_DRIVER_FILES_H
#define ATMAN_DRIVER_FILES_H

/* Makes the object of the folders (specs: NULL-terminated, as pack.h has them), as a file
 * without a name. Returns its descriptor, which programs that are started inherit, or -1
 * after a message. */
int files_object(char *const *specs);

#endif
