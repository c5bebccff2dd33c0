/* SPDX-License-Identifier: MIT */
#include <bsd/sys/queue.h>
