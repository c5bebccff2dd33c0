/* SPDX-License-Identifier: MIT */
/* Pending signals as sets and lists. */
#include "signal/queue.h"

#include <signal.h>

int signal_first_of(uint64_t set) {
    uint64_t traps = signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) |
                     signal_bit(SIGTRAP) | signal_bit(SIGFPE) | signal_bit(SIGSYS);

    return __builtin_ctzl(set & traps ? set & traps : set) + 1;
}

bool signal_queue_merges(const struct signal_queue *q, int signal) {
    return signal < FIRST_REAL_TIME && q->set & signal_bit(signal);
}

void signal_queue_put(struct signal_queue *q, int signal, struct signal_record *record) {
    q->set |= signal_bit(signal);
    if (!record)
        return;
    record->next = NULL;
    record->queue = q;
    *(q->last ? &q->last->next : &q->first) = record;
    q->last = record;
}

static struct signal_record **find_record(struct signal_record **at, int signal) {
    while (*at && (*at)->info.signal != signal)
        at = &(*at)->next;
    return at;
}

/* at is where the list points to the record: its head, or the record before. */
static void unlink_at(struct signal_queue *q, struct signal_record **at) {
    struct signal_record *record = *at;
    int signal = record->info.signal;

    *at = record->next;
    if (q->last == record)
        q->last = at == &q->first ? NULL : (struct signal_record *)(void *)at;
    record->queue = NULL;
    if (!*find_record(&q->first, signal))
        q->set &= ~signal_bit(signal);
}

struct signal_record *signal_queue_take(struct signal_queue *q, int signal) {
    struct signal_record **at = find_record(&q->first, signal), *record = *at;

    if (record)
        unlink_at(q, at);
    else
        q->set &= ~signal_bit(signal);
    return record;
}

void signal_queue_remove(struct signal_record *record) {
    struct signal_queue *q = record->queue;
    struct signal_record **at = &q->first;

    while (*at != record)
        at = &(*at)->next;
    unlink_at(q, at);
}
