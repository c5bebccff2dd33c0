/* SPDX-License-Identifier: MIT */
/*
 * POSIX signals. Numbers are Linux's, 1 to 64; sets have bit n - 1 for signal n; errors are
 * negative errnos.
 *
 * A program without handlers that sends no signals but by raise() and abort() has only
 * signal/mask.c. Everything else is there from signal_start on, which every system call
 * that is about more calls.
 *
 * A signal is sent to a thread or to the process, that is, to some thread that lets it in.
 * Whoever sends sets that thread's signals.ready and sees to it that it comes by the end of
 * an upcall; there, in a kernel entry, handlers are called by changing the frame of the
 * interrupted code. This is also how a thread sends to itself: the end of the event mask
 * makes an upcall. So a handler may interrupt the runtime itself wherever events are on,
 * but for a thread that waits (thread_prepare to thread_finish).
 *
 * In a raw system call (sys/raw.c) it may not: there a wait is ended by a signal that is to
 * be handled, and the handler called when the call has ended, as under Linux.
 */
#ifndef ATMAN_SIGNAL_SIGNAL_H
#define ATMAN_SIGNAL_SIGNAL_H

#include "pv/frame.h"
#include "sched/hooks.h"
#include "signal/queue.h"
#include "signal/thread.h"

struct thread;

/* What the kernel knows of a signal's handling; the layout is Linux's. */
struct signal_action {
    void (*handler)(int); /* or SIG_DFL, SIG_IGN */
    unsigned long flags;  /* SA_* */
    void (*restorer)(void);
    uint64_t mask;
};

struct deferred_signal {
    struct signal_info info;
    struct signal_action action;
};

/* A raw system call, on the stack on which it is made; its thread's `raw`. */
struct raw_call {
    unsigned long caller;            /* the program's rip, as if it had called */
    struct frame frame;              /* where the program goes on */
    bool repeats;                    /* if the call ends with -EINTR it is made again */
    struct deferred_signal deferred; /* if signals.deferred says so */
};

/* From now on there are signals, and events. May be called again. */
void signal_start(void);

/* mask.c: what is there from the beginning. */

/* how as in sigprocmask; either pointer may be NULL. Delivers what is let through. */
long signal_change_mask(int how, const uint64_t *set, uint64_t *old);

/* The current thread's mask; SIGKILL and SIGSTOP are never in it. */
void signal_set_mask(uint64_t mask);

/* Sends signal to the current thread. Returns once it is handled or held back. */
long signal_raise(int signal);

bool signal_is_ignored_by_default(int signal);
bool signal_is_stop(int signal);

/* The report's words for a signal that nothing handles. */
const char *signal_describe_end(int signal);

/* action.c: either pointer may be NULL. -EINVAL for a bad number. */
long signal_set_action(int signal, const struct signal_action *new,
                       struct signal_action *old);

/*
 * send.c. The signal is info->signal; 0 only checks. -EAGAIN: too many are queued. May be
 * called in kernel entries, with no lock of a rank from LOCK_SIGNAL on.
 */
long signal_send_process(const struct signal_info *info);
long signal_send_thread(int tid, const struct signal_info *info);

/*
 * For timers, which have a record of their own with info filled in: sends its signal, to
 * the process if tid is 0; true. times are those that the timer has rung since the last
 * call: all but the first, or all if the signal is still pending, are overruns; false then.
 */
bool signal_send_record(int tid, struct signal_record *record, uint64_t times);

/* The record is not pending any more. */
void signal_cancel_record(struct signal_record *record);

/* What was sent to the current thread or the process and is held back by the mask. */
uint64_t signal_pending(void);

/* How many are queued, may be (RLIMIT_SIGPENDING), and how many at most. */
enum { SIGNAL_QUEUE_MOST = 4096 };
extern unsigned signal_queue_count, signal_queue_limit;

/*
 * wait.c. Waits for one of set, until system time until (0: no limit; 1: not at all): the
 * signal. -EAGAIN when the time is over; -EINTR if a handler was called.
 */
long signal_wait(uint64_t set, struct signal_info *info, uint64_t until);

/* Waits for a handler's call, with *mask as the mask if it is not NULL: -EINTR. */
long signal_suspend(const uint64_t *mask);

/* stack.c: sigaltstack of a thread that is at stack pointer sp; struct stack_t of libc. */
struct sigaltstack;
long signal_set_stack(const struct sigaltstack *new, struct sigaltstack *old,
                      unsigned long sp);

/*
 * deliver.c: rt_sigreturn, in a kernel entry: *f becomes what the handler's frame at its
 * stack pointer says.
 */
void signal_return(struct frame *f);

#endif
