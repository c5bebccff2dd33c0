/* SPDX-License-Identifier: MIT */
/* What the system and its host are called: uname's answers, and /proc's. */
#ifndef ATMAN_FS_HOST_H
#define ATMAN_FS_HOST_H

#include "base.h"

#define HOST_SYSTEM "Atman"
#define HOST_VERSION "Xen PV"

enum { HOST_NAME_MOST = 64 };

/* What sethostname and setdomainname have set; empty: nothing. */
extern char host_name_set[HOST_NAME_MOST + 1], host_domain_set[HOST_NAME_MOST + 1];

/* That, or what the command line says (atman.hostname), or "localhost"; "(none)". */
const char *host_name(void);
const char *host_domain(void);

#endif
