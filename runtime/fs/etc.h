/* SPDX-License-Identifier: MIT */
/* /etc and other places that programs expect. What is there already stays. */
#ifndef ATMAN_FS_ETC_H
#define ATMAN_FS_ETC_H

long etc_make(void);

/* Before /etc/resolv.conf is opened or looked for; NULL: nobody is to be told. */
extern void (*etc_expect_resolver)(void);

#endif
