/* SPDX-License-Identifier: MIT */
/* What the image's own memory may be used for: text R-X, constants R--, the rest RW-. */
#ifndef ATMAN_PV_PROTECT_H
#define ATMAN_PV_PROTECT_H

/*
 * Xen's builder maps everything writable and executable; puts that right, and maps
 * shared_info. guard is the address of a page to unmap; end is where the builder's
 * mapping ends. Called once, before the page allocator is there.
 */
void protect_image(unsigned long guard, unsigned long end);

#endif
