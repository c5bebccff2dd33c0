/* SPDX-License-Identifier: MIT */
/* /etc and other places that programs expect. What is there already stays. */
#ifndef ATMAN_FS_ETC_H
#define ATMAN_FS_ETC_H

long etc_make(void);

#endif
