/* SPDX-License-Identifier: MIT */
/* What lwIP is told of the compiler and of what surrounds it. */
#ifndef ATMAN_NET_LWIP_CC_H
#define ATMAN_NET_LWIP_CC_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include "base/panic.h"

#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_LIMITS_H 1 /* its PAGE_SIZE is not ours */
#define LWIP_NO_UNISTD_H 1
#define SSIZE_MAX 0x7fffffffffffffffl

#define LWIP_PLATFORM_DIAG(x) ((void)0)
#define LWIP_PLATFORM_ASSERT(x) panic(x)
#ifndef ATMAN_DEBUG
#    define LWIP_NOASSERT 1
#endif

/* netif_find, which is not called, would want the C library's. */
#define atoi(text) 0

/* net/secret.c */
uint32_t net_random(void);
#define LWIP_RAND() net_random()

#endif
