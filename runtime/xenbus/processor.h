/* SPDX-License-Identifier: MIT */
/* The vCPUs that the toolstack wishes the domain to use (xl vcpu-set; vcpus < maxvcpus). */
#ifndef ATMAN_XENBUS_PROCESSOR_H
#define ATMAN_XENBUS_PROCESSOR_H

/*
 * Follows it from the first call on, which waits until it is known, for a second at most.
 * For whoever starts vCPUs, or tells how many there are; in a thread, without locks.
 */
void processors_follow(void);

#endif
