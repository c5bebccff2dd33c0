/* SPDX-License-Identifier: MIT */
/*
 * What the toolstack asks of the domain as a whole: `xl shutdown`, `xl reboot`, `xl sysrq`,
 * by nodes below control/ (Xen's xenstore-paths). Every image listens, and costs nothing as
 * long as nobody asks.
 */
#ifndef ATMAN_XENBUS_LIFE_H
#define ATMAN_XENBUS_LIFE_H

/* Listens from now on, if there is a store; events are on then. Before the scheduler. */
void life_start(void);

#endif
