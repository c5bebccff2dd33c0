/* SPDX-License-Identifier: MIT */
/*
 * What of a PV domain is tied to the machine that it runs on, and how it leaves it: the
 * toolstack saves its memory, page tables translated by the list of frames, and makes a
 * domain of it elsewhere (tools/libs/guest/xg_sr_save_x86_pv.c of Xen).
 */
#ifndef ATMAN_PV_AWAY_H
#define ATMAN_PV_AWAY_H

#include "base.h"

/*
 * On the first vCPU, events masked, all others doing nothing: ends with the domain running
 * again. No page but shared_info's that is mapped may be Xen's or another domain's. True:
 * elsewhere, or as another domain: event channels, grants, Xen's timers are gone. False:
 * nothing has changed.
 */
bool away(void);

#endif
