/* SPDX-License-Identifier: MIT */
/*
 * The domain's ramdisk (xen/include/public/xen.h, start_info's mod_start): what the
 * toolstack has put into the domain's memory behind the image, or Xen, for its first
 * domain, from the second module of the boot loader. The builder maps it with the rest, so
 * it is in the direct map, its pages are writable, and page_take gives none of them.
 */
#ifndef ATMAN_MM_RAMDISK_H
#define ATMAN_MM_RAMDISK_H

#include "base.h"

/* Where it is, from a page's beginning, and its bytes. False: there is none. */
bool ramdisk_find(void **data, size_t *size);

/* From now on its pages are such as page_take gives, every one of them the caller's: to be
 * freed by page_free_kernel, or by whom they are handed to. */
void ramdisk_take_over(void);

#endif
