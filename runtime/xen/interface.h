/* SPDX-License-Identifier: MIT */
/*
 * Xen's public headers, as one include. They are Debian's (libxen-dev) and ask for the
 * interface version that the caller was written for.
 */
#ifndef ATMAN_XEN_INTERFACE_H
#define ATMAN_XEN_INTERFACE_H

#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ 0x00040e00

#include <xen/xen.h>

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#endif
