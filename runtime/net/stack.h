/* SPDX-License-Identifier: MIT */
/*
 * The TCP/IP stack, which is lwIP. All of it, and what sockets know of it, is under
 * net_lock, in thread context; what lwIP calls of ours runs with the lock held, and only
 * notes and wakes. What is sent to our own addresses is received when the lock is dropped.
 */
#ifndef ATMAN_NET_STACK_H
#define ATMAN_NET_STACK_H

#include "base.h"

/* -ENOMEM. May be called again; the scheduler is there. */
long stack_start(void);

void net_enter(void);
void net_leave(void);

/* timers.c. Runs lwIP's timers that are due; when the next one is (sched/clock.h), 0: there
 * is none. With the lock. */
uint64_t timers_run(void);

/* stack.c: a timer is due sooner than timers_run said. */
void stack_wake(void);

/* The scheme of keys (secret.c). */
void secret_init(void);

/* A hash of those bytes that nobody outside can work out. */
uint64_t secret_hash(const void *data, size_t size);

uint32_t net_random(void);

/* memory.c: pages for data on the way, which are not zeroed. NULL: there are none. */
void *net_page(void);
void net_page_free(void *page);

struct pbuf;

/* A packet of its own with the same contents, or NULL. With the lock or without. */
struct pbuf *net_copy(const struct pbuf *packet);

/* One of that many bytes, in pages if it is large; to be filled, and with room for headers
 * if it is small. */
struct pbuf *net_packet(size_t size);

#endif
