/* SPDX-License-Identifier: MIT */
/* The runtime's header, with Xen's table of frame numbers in the test's own memory. */
#ifndef ATMAN_TEST_XEN_INTERFACE_H
#define ATMAN_TEST_XEN_INTERFACE_H

#include_next "xen/interface.h"

extern unsigned long machine_m2p[];

#undef MACH2PHYS_VIRT_START
#define MACH2PHYS_VIRT_START machine_m2p

#endif
