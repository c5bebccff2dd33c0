/* SPDX-License-Identifier: MIT */
/*
 * Sending. Invariant, under the lock: of what is pending for a thread and not blocked, its
 * `ready` says so; of what is pending for the process, the `ready` of one thread that lets
 * it in, if there is any. A mask changes without the lock, and is looked at anew then if
 * anything is pending.
 */
#include <errno.h>
#include <signal.h>

#include "sched/schedule.h"
#include "signal/internal.h"

struct signal_queue signal_process;
void (*signal_was_sent)(void);

static void put(struct signal_queue *q, int signal, struct signal_record *record) {
    signal_queue_put(q, signal, record);
    if (signal_was_sent)
        signal_was_sent();
}

static bool lets_in(const struct thread *t, int signal) {
    uint64_t blocked = __atomic_load_n(&t->signals.blocked, __ATOMIC_SEQ_CST);

    return !t->signals.ended && signal_bit(signal) & (~blocked | t->signals.awaited);
}

/* t shall look at its signals soon, wherever it is. */
static void call_up(struct thread *t) {
    __atomic_store_n(&t->signals.ready, true, __ATOMIC_SEQ_CST);
    if (thread_wake(t, WAKE_SIGNAL))
        return;
    struct vcpu *v = schedule_lock(t);
    bool is_here = v == vcpu_this(), runs = v->current == t;
    lock_drop(&v->lock);
    if (runs && is_here)
        line_want_upcall();
    else if (runs)
        vcpu_poke(v);
}

/* The thread that gets a signal of the process: main first, as under Linux. Or NULL. */
static struct thread *choose_thread(int signal) {
    struct thread *found = NULL, *current = thread_current();

    if (lets_in(&thread_main, signal))
        return &thread_main;
    lock_take(&threads_lock);
    if (current->tid && lets_in(current, signal))
        found = current;
    for (struct tree_node *at = tree_first(&threads); at && !found; at = tree_next(at)) {
        struct thread *t = TREE_RECORD(at, struct thread, by_tid);
        if (lets_in(t, signal))
            found = t;
    }
    lock_drop(&threads_lock);
    return found;
}

/* Is nobody to see it? t: to whom it goes; NULL: to nobody yet. */
static bool is_lost(const struct thread *t, int signal) {
    return t && signal_is_ignored(signal) && lets_in(t, signal) &&
           !(t->signals.awaited & signal_bit(signal));
}

/* SIGCONT and the signals that stop take each other back (POSIX). */
static void discard_opposite(int signal) {
    if (signal_is_stop(signal))
        signal_discard(SIGCONT);
    for (int stop = SIGSTOP; signal == SIGCONT && stop <= SIGTTOU; stop++)
        signal_discard(stop);
}

/* To t, or to the process if it is NULL. Under the lock. */
static long send_to(struct thread *t, const struct signal_info *info) {
    struct signal_queue *q = t ? &t->signals.pending : &signal_process;
    struct thread *to = t ? t : choose_thread(info->signal);
    int signal = info->signal;

    discard_opposite(signal);
    if (is_lost(to, signal) || signal_queue_merges(q, signal))
        return 0;
    struct signal_record *record = signal_record_make();
    if (!record && signal >= FIRST_REAL_TIME && info->code != SI_USER)
        return -EAGAIN;
    if (record) {
        record->info = *info;
        record->info.owned = 0;
    }
    put(q, signal, record);
    memory_barrier(); /* before masks are looked at: see signal_mask_changed */
    if (to && lets_in(to, signal))
        call_up(to);
    return 0;
}

/* Under the lock: what it finds stays there until that is dropped. */
static struct thread *find_sendable(int tid) {
    lock_take(&threads_lock);
    struct thread *t = thread_find(tid);
    lock_drop(&threads_lock);
    return t && !t->signals.ended ? t : NULL;
}

static bool is_signal(int signal) {
    return signal >= 0 && signal <= SIGNALS;
}

long signal_send_process(const struct signal_info *info) {
    if (!is_signal(info->signal))
        return -EINVAL;
    if (!info->signal)
        return 0;
    lock_take(&signal_lock);
    long error = send_to(NULL, info);
    lock_drop(&signal_lock);
    return error;
}

long signal_send_thread(int tid, const struct signal_info *info) {
    if (!is_signal(info->signal))
        return -EINVAL;
    lock_take(&signal_lock);
    struct thread *t = find_sendable(tid);
    long error = !t ? -ESRCH : info->signal ? send_to(t, info) : 0;
    lock_drop(&signal_lock);
    return error;
}

/* As many as a program can be told. */
static void add_overruns(struct signal_record *record, uint64_t more) {
    enum { MOST = 0x7fffffff };
    uint64_t room = (uint64_t)(MOST - record->info.timer.overrun);

    record->info.timer.overrun += (int)MIN(more, room);
}

bool signal_send_record(int tid, struct signal_record *record, uint64_t times) {
    int signal = record->info.signal;

    lock_take(&signal_lock);
    bool again = record->queue;
    if (again) {
        add_overruns(record, times);
    } else {
        struct thread *t = tid ? find_sendable(tid) : choose_thread(signal);
        struct signal_queue *q = tid && t ? &t->signals.pending : &signal_process;
        record->info.owned = 1;
        record->info.timer.overrun = 0;
        add_overruns(record, times - 1);
        if ((t || !tid) && !is_lost(t, signal)) {
            put(q, signal, record);
            memory_barrier();
            if (t && lets_in(t, signal))
                call_up(t);
        }
    }
    lock_drop(&signal_lock);
    return !again;
}

void signal_cancel_record(struct signal_record *record) {
    lock_take(&signal_lock);
    if (record->queue)
        signal_queue_remove(record);
    lock_drop(&signal_lock);
}

void signal_raise_here(int signal) {
    struct signal_info info = {.signal = signal, .code = SI_TKILL, .sent.pid = 1};

    lock_take(&signal_lock);
    send_to(thread_current(), &info);
    lock_drop(&signal_lock);
}

int signal_take(struct thread *t, uint64_t among, struct signal_info *info) {
    struct signal_queue *q = &t->signals.pending;

    if (!(q->set & among))
        q = &signal_process;
    if (!(q->set & among))
        return 0;
    int signal = signal_first_of(q->set & among);
    struct signal_record *record = signal_queue_take(q, signal);
    *info = record ? record->info
                   : (struct signal_info){.signal = signal, .code = SI_USER, .sent.pid = 1};
    info->owned = 0;
    signal_record_free(record);
    return signal;
}

void signal_update(struct thread *t) {
    uint64_t pending = t->signals.pending.set | signal_process.set;
    bool ready = pending & ~t->signals.blocked || t->signals.deferred;

    __atomic_store_n(&t->signals.ready, ready, __ATOMIC_SEQ_CST);
    if (ready)
        line_want_upcall();
}

/* t, the current thread, may have kept some of the process's signals from others. */
static void pass_on(void) {
    for (uint64_t rest = signal_process.set; rest; rest &= rest - 1) {
        struct thread *t = choose_thread(__builtin_ctzl(rest) + 1);
        if (t && !t->signals.ready)
            call_up(t);
    }
}

/*
 * Without the lock, if nothing is pending: whoever sends looks at the mask after the signal
 * is in its queue, and here it is the other way round.
 */
void signal_mask_changed(void) {
    struct thread *t = thread_current();

    memory_barrier();
    if (!__atomic_load_n(&signal_process.set, __ATOMIC_SEQ_CST) &&
        !__atomic_load_n(&t->signals.pending.set, __ATOMIC_SEQ_CST))
        return;
    lock_take(&signal_lock);
    signal_update(t);
    pass_on();
    lock_drop(&signal_lock);
}

static void drop_all(struct signal_queue *q, int signal) {
    while (q->set & signal_bit(signal))
        signal_record_free(signal_queue_take(q, signal));
}

void signal_discard(int signal) {
    drop_all(&signal_process, signal);
    lock_take(&threads_lock);
    for (struct tree_node *at = tree_first(&threads); at; at = tree_next(at))
        drop_all(&TREE_RECORD(at, struct thread, by_tid)->signals.pending, signal);
    lock_drop(&threads_lock);
}

void signal_end(struct thread *t) {
    struct signal_queue *q = &t->signals.pending;

    lock_take(&signal_lock);
    while (q->set)
        signal_record_free(signal_queue_take(q, signal_first_of(q->set)));
    pass_on();
    lock_drop(&signal_lock);
}

uint64_t signal_pending(void) {
    const struct thread_signals *s = &thread_current()->signals;

    lock_take(&signal_lock);
    uint64_t pending = (s->pending.set | signal_process.set) & s->blocked;
    lock_drop(&signal_lock);
    return pending;
}
