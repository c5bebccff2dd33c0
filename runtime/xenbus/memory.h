/* SPDX-License-Identifier: MIT */
/* The size that the toolstack wishes the domain to have (xl mem-set; memory < maxmem). */
#ifndef ATMAN_XENBUS_MEMORY_H
#define ATMAN_XENBUS_MEMORY_H

/* At the start, with the store open. */
void memory_start(void);

#endif
