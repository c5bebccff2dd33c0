/* SPDX-License-Identifier: MIT */
/*
 * What the debug build (ATMAN_DEBUG) checks each time a lock is taken or dropped: that
 * events are masked, that it is dropped by the vCPU that took it, and the order. A lock
 * that is taken knows the one that its vCPU took before.
 */
#ifndef ATMAN_XEN_LOCKCHECK_H
#define ATMAN_XEN_LOCKCHECK_H

#include "xen/lock.h"

#ifdef ATMAN_DEBUG
void lock_check_take(const struct lock *lock);
void lock_note_take(struct lock *lock);
void lock_note_drop(struct lock *lock);
#else
static inline void lock_check_take(const struct lock *lock) {
    (void)lock;
}
static inline void lock_note_take(struct lock *lock) {
    (void)lock;
}
static inline void lock_note_drop(struct lock *lock) {
    (void)lock;
}
#endif

#endif
