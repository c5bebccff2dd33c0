/* SPDX-License-Identifier: MIT */
/* The shared pages' addresses. */
#include "xen/domain.h"

struct start_info *xen_start_info;
