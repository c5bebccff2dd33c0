/* SPDX-License-Identifier: MIT */
/*
 * Access to the program's memory by pointers that it gave: 0, or -EFAULT if it may not be
 * accessed so. Everything else in the runtime that faults is a defect. Pages that are only
 * not there yet are mapped on the way. May be called with locks held (but the space's) and
 * in every mode.
 */
#ifndef ATMAN_PV_ACCESS_H
#define ATMAN_PV_ACCESS_H

#include "base.h"

/* A part may have been copied when it fails. */
long user_read(void *to, const void *from, size_t size);
long user_write(void *to, const void *from, size_t size);

/* Two words, such as a struct timespec. */
long user_write_pair(void *to, uint64_t first, uint64_t second);

long user_load32(const void *from, uint32_t *value);

/* If *at is old it becomes new; *found is what it was. Sequentially consistent. */
long user_cas32(void *at, uint32_t old, uint32_t new, uint32_t *found);

/*
 * After a failure, when no lock is held any more: it was only because the memory could not
 * be waited for under the lock. Now it was: try again. NULL as long as there is no such.
 */
extern bool (*access_retry)(void);

static inline bool user_retry(void) {
    return access_retry && access_retry();
}

/* Makes the fault at *rip one of the functions' failures; false if it is in none of them.
 */
bool access_fix(unsigned long *rip);

#endif
