/* SPDX-License-Identifier: MIT */
/*
 * What the files of signal/ share. LOCK_SIGNAL is one lock for the actions, all queues, and
 * the choice of the thread that a signal goes to.
 */
#ifndef ATMAN_SIGNAL_INTERNAL_H
#define ATMAN_SIGNAL_INTERNAL_H

#include "sched/thread.h"
#include "signal/signal.h"

struct fault;

extern struct lock signal_lock;

/* action.c: under the lock. */
extern struct signal_action signal_actions[SIGNALS + 1];
bool signal_is_ignored(int signal);

/* mask.c: says that a stop is not made. */
void signal_note_stop(int signal);

/* pool.c: under the lock. NULL: the limit is reached, or there is no memory. */
struct signal_record *signal_record_make(void);
/* Of a timer's own record nothing is given back. */
void signal_record_free(struct signal_record *record);

/* send.c */

extern struct signal_queue signal_process; /* sent to the process; under the lock */

/* Called, under the lock, when one has become pending; NULL unless there is a signalfd. */
extern void (*signal_was_sent)(void);

/*
 * Takes one of among that is pending for t or the process, and says what is known of it:
 * the signal, or 0. Under the lock.
 */
int signal_take(struct thread *t, uint64_t among, struct signal_info *info);

/* Sets t's ready by what is pending. Under the lock. */
void signal_update(struct thread *t);

/* No longer pending for anybody. Under the lock. */
void signal_discard(int signal);

/* For struct signals. */
void signal_mask_changed(void);
void signal_raise_here(int signal);
void signal_end(struct thread *t);

/* deliver.c */
void signal_deliver(struct frame *f);
bool signal_deliver_fault(struct frame *f, const struct fault *fault);

/*
 * context.c: makes *f, a frame of t, the call of action's handler with info, and blocks
 * what is to be blocked meanwhile. fault: what caused it, or NULL. -EFAULT: there is no
 * room on the stack; nothing is changed.
 */
long signal_enter(struct frame *f, const struct signal_info *info,
                  const struct signal_action *action, const struct fault *fault);

/* Undoes that, as the handler left it. -EFAULT: no such thing is on the stack. */
long signal_leave(struct frame *f);

/* restore.S: where handlers return to, and what the trap there leaves behind. */
extern const char signal_restorer[], signal_restorer_trap[];

/* stack.c */
bool signal_is_on_stack(const struct signal_stack *stack, unsigned long sp);
/* After a handler, back at sp: what it was, if it may be set. */
void signal_restore_stack(unsigned long start, size_t size, unsigned flags,
                          unsigned long sp);

#endif
