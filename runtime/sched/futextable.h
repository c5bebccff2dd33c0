/* SPDX-License-Identifier: MIT */
/*
 * The threads that wait on words of the program's memory, in a table by the word's address.
 * Those of one word are in order of rank, then of arrival.
 *
 * A bucket is locked (LOCK_FUTEX) while who waits in it is looked at or changed. What
 * touches the word itself does it under that lock, so that no wake is lost.
 */
#ifndef ATMAN_SCHED_FUTEXTABLE_H
#define ATMAN_SCHED_FUTEXTABLE_H

#include "sched/thread.h"

struct bucket;

#define FUTEX_ALL_BITS (~0u)

struct bucket *bucket_lock(const void *word);
void bucket_unlock(struct bucket *b);

/* Those of two words, which may be the same bucket. */
struct buckets {
    struct bucket *first, *second;
};

struct buckets buckets_lock(const void *first, const void *second);
void buckets_unlock(struct buckets b);

/* t, which waits nowhere, waits on word, in whose bucket b it is entered. */
void bucket_enter(struct bucket *b, struct thread *t, const void *word, uint32_t bits);

/* Wakes up to count of those that wait on word with one of bits; how many. */
long bucket_wake(struct bucket *b, const void *word, long count, uint32_t bits);

/* Up to count of those that wait on the first word wait on the second; how many. */
long buckets_move(struct buckets b, const void *first, const void *second, long count);

/*
 * t does not wait any more; false if it was woken already. Takes the lock itself: for t
 * alone, which is running again. Afterwards nobody who woke it touches it any more.
 */
bool bucket_leave(struct thread *t);

#endif
