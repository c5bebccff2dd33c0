/* SPDX-License-Identifier: MIT */
/* The first thing that a domain does. */
#ifndef ATMAN_PV_MAPTEXT_H
#define ATMAN_PV_MAPTEXT_H

#include "xen/domain.h"

/*
 * Sets xen_start_info and maps text, executable and read-only, to its own address. Called
 * once, by pv/start.S, at the address where text was loaded.
 */
void pv_map_text(struct start_info *start_info);

#endif
