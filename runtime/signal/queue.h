/* SPDX-License-Identifier: MIT */
/*
 * Pending signals: which are, and what was said of each. A standard signal is pending once,
 * with what came first; a real-time one as often as it was sent, in that order. Pure: the
 * user sees to locking.
 */
#ifndef ATMAN_SIGNAL_QUEUE_H
#define ATMAN_SIGNAL_QUEUE_H

#include "base.h"

enum { SIGNALS = 64, FIRST_REAL_TIME = 32 };

/* The beginning of Linux's siginfo_t; the rest of that is zero. */
struct signal_info {
    int signal, error, code; /* si_signo, si_errno, si_code */
    int owned; /* by a timer: its record is not from the pool. 0 for the program */
    union {
        struct {
            int pid;
            unsigned uid;
            unsigned long value;
        } sent;
        struct {
            int id, overrun;
            unsigned long value;
        } timer;
        unsigned long address;
        uint64_t words[4];
    };
};

/* One of a pending signal's. */
struct signal_record {
    struct signal_record *next; /* must be the first member */
    struct signal_queue *queue; /* that it is in, or NULL */
    struct signal_info info;
};

/* {0} is an empty one. */
struct signal_queue {
    uint64_t set; /* a signal of it may have no record: nothing is known */
    struct signal_record *first, *last; /* in the order of arrival */
};

static inline uint64_t signal_bit(int signal) {
    return 1ul << (signal - 1);
}

/* The one of set that is delivered first: what a trap causes, then the lowest. */
int signal_first_of(uint64_t set);

/* Is another one of that signal merged with what is pending? */
bool signal_queue_merges(const struct signal_queue *q, int signal);

/* One more of that signal, which is the record's; record may be NULL. */
void signal_queue_put(struct signal_queue *q, int signal, struct signal_record *record);

/*
 * The first one of that signal, which is pending, is not pending any more. Its record, or
 * NULL if it has none.
 */
struct signal_record *signal_queue_take(struct signal_queue *q, int signal);

/* record, which is in a queue, is pending no more. */
void signal_queue_remove(struct signal_record *record);

#endif
