/* SPDX-License-Identifier: MIT */
/* What was written to disks when the program or the domain comes to its end. */
#ifndef ATMAN_BLOCK_END_H
#define ATMAN_BLOCK_END_H

/* From now on it gets there. After backed_init. */
void end_prepare(void);

#endif
