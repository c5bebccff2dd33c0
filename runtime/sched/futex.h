/* SPDX-License-Identifier: MIT */
/*
 * Futexes (futex(2)): threads wait on a word of the program's memory until another says so.
 * A word is known by its address.
 */
#ifndef ATMAN_SCHED_FUTEX_H
#define ATMAN_SCHED_FUTEX_H

#include "sched/thread.h"

struct timespec;

/* The system call, with Linux's operations and results. */
long futex(uint32_t *word, int operation, uint32_t value, const struct timespec *limit,
           uint32_t *word2, uint32_t value3);

/* Wakes up to count threads that wait on word with one of bits; how many. */
long futex_wake(const uint32_t *word, long count, uint32_t bits);

#endif
