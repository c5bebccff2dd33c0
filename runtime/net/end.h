/* SPDX-License-Identifier: MIT */
#ifndef ATMAN_NET_END_H
#define ATMAN_NET_END_H

/* Connections are closed when the program ends. */
void end_expect(void);

#endif
