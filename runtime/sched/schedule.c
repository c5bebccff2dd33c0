/* SPDX-License-Identifier: MIT */
/*
 * Run queues. Invariant: under a vCPU's lock, every ready thread that belongs to it is its
 * current one, or in its list, or on its way there in the hands of whoever woke it; a
 * sleeping one is in no list, and is current until it has changed over.
 */
#include "sched/schedule.h"

#include <sched.h>

#include "pv/mode.h"
#include "sched/clock.h"
#include "sched/cputime.h"
#include "sched/exit.h"
#include "sched/place.h"
#include "xen/hypercall.h"
#include "xen/time.h"

struct vcpu *schedule_lock(struct thread *t) {
    for (;;) {
        struct vcpu *v = __atomic_load_n(&t->vcpu, __ATOMIC_ACQUIRE);
        lock_take(&v->lock);
        if (t->vcpu == v)
            return v;
        lock_drop(&v->lock);
    }
}

/* This vCPU's, locked. */
static struct vcpu *lock_own(void) {
    events_off();
    struct vcpu *v = vcpu_this();
    lock_take(&v->lock);
    events_on();
    return v;
}

/* Behind those of its rank; before them if it was preempted by a higher one. */
static void enqueue(struct vcpu *v, struct thread *t, bool before) {
    struct list *at = &v->ready;

    if (t->rank || before)
        for (at = v->ready.next; at != &v->ready; at = at->next) {
            int rank = LIST_RECORD(at, struct thread, ready)->rank;
            if (rank < t->rank || (before && rank == t->rank))
                break;
        }
    list_insert(&t->ready, at);
    t->queued = true;
    v->count++;
}

static void dequeue(struct vcpu *v, struct thread *t) {
    list_remove(&t->ready);
    t->queued = false;
    v->count--;
}

static struct thread *first(const struct vcpu *v) {
    return v->count ? LIST_RECORD(v->ready.next, struct thread, ready) : NULL;
}

static bool may_run_on(const struct thread *t, const struct vcpu *v) {
    return place_allowed(t) >> v->index & 1;
}

/* Is it the turn of the first in the queue? At the end of a slice also of its equals. */
static bool is_due(const struct vcpu *v, bool slice_over) {
    const struct thread *next = first(v), *now = v->current;

    if (now == v->idle)
        return next;
    if (!may_run_on(now, v))
        return true;
    return next && (next->rank > now->rank || (slice_over && next->rank == now->rank &&
                                               now->policy.policy != SCHED_FIFO));
}

/* On v itself, locked: if others wait for their turn, the current thread's ends some time.
 */
static void start_slice(struct vcpu *v) {
    if (v->slice_runs || !is_due(v, true))
        return;
    v->slice_runs = true;
    timer_set(&v->slice, xen_time_system() + SCHEDULE_SLICE_NS);
}

/* On v itself, locked: sees to it that what is in the queue gets its turn. */
static void consider(struct vcpu *v) {
    if (is_due(v, false)) {
        THIS_LINE->resched = true;
        line_want_upcall();
    } else {
        start_slice(v);
    }
}

/* Another vCPU has put something in the queue, or may not be used any more. */
void schedule_poked(void) {
    struct vcpu *v = lock_own();

    if (!v->index && vcpu_count() < vcpus_started) {
        lock_drop(&v->lock);
        vcpu_adopt();
        lock_take(&v->lock);
    }
    consider(v);
    lock_drop(&v->lock);
}

/*
 * t is ready and nowhere; v, to which it belongs, is locked and is dropped. Between the two
 * queues only the caller knows of t: no handler may run that never returns.
 */
static void put_on(struct vcpu *to, struct vcpu *v, struct thread *t) {
    if (to != v) {
        t->vcpu = to;
        lock_release(&v->lock);
        lock_take(&to->lock);
        events_on(); /* v's; to's holds them */
    }
    enqueue(to, t, false);
    bool is_here = to == vcpu_this(), poke = !is_here && (is_due(to, true));
    if (is_here)
        consider(to);
    lock_drop(&to->lock);
    if (poke)
        vcpu_poke(to);
}

static void put(struct vcpu *v, struct thread *t) {
    put_on(place_choose(t, v), v, t);
}

/*
 * Who waits here may go on where less is to do. Of three threads on two vCPUs none would
 * have one for itself all the time: so at times who waits changes over to there.
 */
void schedule_slice_over(struct timer *slice) {
    enum { ROTATE_AFTER = 4 };
    struct vcpu *v = TREE_RECORD(slice, struct vcpu, slice);

    lock_take(&v->lock);
    struct thread *next = first(v);
    struct vcpu *to = NULL;
    v->slice_runs = false;
    if (next)
        to = place_elsewhere(next, v, ++v->slices % ROTATE_AFTER == 0);
    if (to) {
        dequeue(v, next);
        put_on(to, v, next);
        lock_take(&v->lock);
    }
    if (is_due(v, true))
        THIS_LINE->resched = true;
    lock_drop(&v->lock);
}

void schedule_add(struct thread *t) {
    put(schedule_lock(t), t);
}

bool thread_wake(struct thread *t, enum wake reason) {
    struct vcpu *v = schedule_lock(t);
    bool woken = t->state == THREAD_SLEEPING && (reason != WAKE_SIGNAL || t->interruptible);

    if (woken) {
        t->state = THREAD_READY;
        t->wake = (uint8_t)reason;
    }
    if (woken && t != v->current && !t->queued)
        put(v, t);
    else
        lock_drop(&v->lock);
    return woken;
}

/* t's rank or affinity has changed; v, to which it belongs, is locked and is dropped. */
static void settle(struct vcpu *v, struct thread *t) {
    if (t->queued) {
        dequeue(v, t);
        put(v, t);
        return;
    }
    bool poke = t == v->current && v != vcpu_this();
    if (t == v->current && !poke)
        consider(v);
    lock_drop(&v->lock);
    if (poke)
        vcpu_poke(v);
}

void schedule_set_rank(struct thread *t, int rank) {
    struct vcpu *v = schedule_lock(t);

    t->rank = rank;
    settle(v, t);
}

void schedule_set_affinity(struct thread *t, uint32_t affinity) {
    struct vcpu *v = schedule_lock(t);

    t->affinity = affinity;
    settle(v, t);
}

/* Of a thread of v's, which is locked. Counters of two vCPUs may be a little apart. */
static uint64_t ticks_of(const struct vcpu *v, const struct thread *t, uint64_t now) {
    return t->ticks + (t == v->current && now > t->since ? now - t->since : 0);
}

uint64_t schedule_ticks(struct thread *t) {
    struct vcpu *v = schedule_lock(t);
    uint64_t ticks = ticks_of(v, t, cputime_ticks());

    lock_drop(&v->lock);
    return ticks;
}

uint64_t schedule_busy_ticks(struct vcpu *v) {
    lock_take(&v->lock);
    uint64_t now = cputime_ticks(), idle = ticks_of(v, v->idle, now);
    lock_drop(&v->lock);
    return now > v->began + idle ? now - v->began - idle : 0;
}

void (*schedule_on_run)(void);

/* What next runs on is this vCPU from now on, but for its registers. */
static void make_current(struct vcpu *v, struct thread *next) {
    struct thread *last = v->current;
    uint64_t now = cputime_ticks();

    last->ticks += now - last->since;
    next->since = now;
    v->current = next;
    THIS_LINE->thread = next;
    mode_switch_fs(&last->fs_base, next->fs_base);
    start_slice(v);
    if (schedule_on_run && next != v->idle)
        schedule_on_run();
}

bool schedule_is_idle(void) {
    bool idle = true;

    for (unsigned i = 0; i < vcpus_started && idle; i++) {
        struct vcpu *v = vcpu_of(i);
        lock_take(&v->lock);
        idle = v->current == v->idle;
        lock_drop(&v->lock);
    }
    return idle;
}

/* The current thread's signals are seen to as soon as events are on. */
static void want_signals(const struct thread *t) {
    if (__atomic_load_n(&t->signals.ready, __ATOMIC_RELAXED))
        line_want_upcall();
}

/* The first of the queue, or of another's, or idle. */
static struct thread *take_next(struct vcpu *v) {
    struct thread *next = first(v);

    if (!next)
        return v->idle;
    dequeue(v, next);
    return next;
}

/*
 * Changes over; v, this vCPU's queue, is locked, and the next thread drops it. How deep
 * events are masked goes with the thread, as its stack does. Floating-point state is lost,
 * as in any function call, but for one that the program does not know to be one.
 */
static void change(struct vcpu *v, struct thread *next) {
    struct thread *last = v->current;
    unsigned long depth = THIS_LINE->depth;

    if (next == last) {
        lock_drop(&v->lock);
        return;
    }
    make_current(v, next);
    if (last->raw) {
        fpu_save(last->fpu);
        fpu_empty();
    }
    switch_to(&last->sp, next->sp);
    if (last->raw)
        fpu_load(last->fpu);
    THIS_LINE->depth = depth; /* this may be another vCPU now */
    want_signals(last);
    lock_drop(&vcpu_this()->lock);
}

void thread_prepare(bool interruptible) {
    events_off();
    struct thread *t = thread_current();
    struct vcpu *v = schedule_lock(t);

    t->interruptible = interruptible;
    t->wake = WAKE_NONE;
    t->state = THREAD_SLEEPING;
    lock_drop(&v->lock);
}

static void wake_by_timer(struct timer *timer) {
    struct thread *t = TREE_RECORD(timer, struct thread, timer);

    if (t->until & CLOCK_WALL && !clock_has_come(t->until))
        timer_set(timer, clock_next_look(t->until));
    else
        thread_wake(t, WAKE_TIMEOUT);
}

enum wake thread_sleep(uint64_t until) {
    struct thread *t = thread_current();

    if (until) {
        t->timer.fire = wake_by_timer;
        t->until = until;
        timer_set(&t->timer, clock_next_look(until));
    }
    if (t->interruptible && (__atomic_load_n(&t->signals.ready, __ATOMIC_SEQ_CST) ||
                             t->signals.point == POINT_INTERRUPTED)) {
        thread_wake(t, WAKE_SIGNAL);
        want_signals(t);
    }
    struct vcpu *v = lock_own();
    if (t->state == THREAD_SLEEPING) {
        t->switches++;
        change(v, take_next(v));
    } else {
        lock_drop(&v->lock);
    }
    if (until)
        timer_cancel(&t->timer);
    return t->wake;
}

enum handled thread_finish(void) {
    struct thread_signals *s = &thread_current()->signals;
    volatile enum handled outcome = HANDLED_NONE;

    s->outcome = &outcome;
    if (__atomic_load_n(&s->ready, __ATOMIC_SEQ_CST))
        line_want_upcall();
    events_on();
    s->outcome = NULL;
    return s->point == POINT_INTERRUPTED ? HANDLED_BREAK : outcome;
}

void schedule_yield(void) {
    struct thread *t = thread_current();
    struct vcpu *v = lock_own();

    if (!first(v) || first(v)->rank < t->rank) {
        lock_drop(&v->lock);
        return;
    }
    t->switches++;
    enqueue(v, t, false);
    change(v, take_next(v));
}

void schedule_exit(void) {
    struct vcpu *v = lock_own();

    v->current->state = THREAD_DEAD;
    v->leaving = v->current;
    change(v, v->idle);
    __builtin_unreachable();
}

/* With nothing to run, v takes from another's queue a thread that may run here. */
static bool steal(struct vcpu *v) {
    for (unsigned i = 1; i < vcpus_started; i++) {
        struct vcpu *from = vcpu_of((v->index + i) % vcpus_started);
        if (!from->count || !lock_try(&from->lock))
            continue;
        for (struct list *at = from->ready.next; at != &from->ready; at = at->next) {
            struct thread *t = LIST_RECORD(at, struct thread, ready);
            if (!may_run_on(t, v))
                continue;
            dequeue(from, t);
            t->vcpu = v;
            lock_drop(&from->lock);
            enqueue(v, t, false);
            return true;
        }
        lock_drop(&from->lock);
    }
    return false;
}

/* An event that comes from now on ends the block at once: nothing is missed. */
static void block(void) {
    xen_sched_op(SCHEDOP_block, NULL);
}

/* From a vCPU that may not be used. It is locked, and dropped. */
static void retreat(struct vcpu *v) {
    struct thread *next = first(v);

    if (next) {
        dequeue(v, next);
        put(v, next);
        return;
    }
    lock_release(&v->lock);
    vcpu_rest(v);
    events_on();
}

void schedule_idle(void) {
    THIS_LINE->depth = 1;
    lock_drop(&vcpu_this()->lock);
    for (;;) {
        struct vcpu *v = lock_own();
        struct thread *leaving = v->leaving, *moving = v->moving;
        v->leaving = v->moving = NULL;
        if (moving) {
            put(v, moving);
            continue;
        }
        if (leaving) {
            lock_drop(&v->lock);
            exit_reap(leaving);
            continue;
        }
        if (vcpu_is_out(v)) {
            retreat(v);
            continue;
        }
        place_set_idle(v->index, true);
        if (v->count || steal(v)) {
            place_set_idle(v->index, false);
            change(v, take_next(v));
            continue;
        }
        lock_release(&v->lock);
        block();
        place_set_idle(v->index, false);
        events_on();
    }
}

/* The thread that switch_resume goes on with, its frame first. */
struct thread *schedule_resume(void);

struct thread *schedule_resume(void) {
    struct thread *t = thread_current();

    THIS_LINE->depth = 1;
    lock_release(&vcpu_this()->lock);
    fpu_load(t->fpu);
    want_signals(t);
    return t;
}

/* The interrupted thread, whose frame is *f, stays behind; v's lock is dropped. */
static void change_in_entry(struct vcpu *v, struct frame *f, struct thread *next) {
    struct thread *last = v->current;

    last->frame = *f;
    last->frame.cs = FRAME_CS;
    fpu_save(last->fpu);
    last->sp = (unsigned long)&last->resume;
    make_current(v, next);
    if (next->sp != (unsigned long)&next->resume) {
        switch_from_entry(f, next->sp); /* and drops the lock there */
        return;
    }
    fpu_load(next->fpu);
    *f = next->frame;
    lock_drop(&v->lock);
}

void schedule_leave(struct frame *f) {
    struct vcpu *v = lock_own();

    events_on(); /* thread_prepare's; the lock and the entry hold them */
    if (v->current->state != THREAD_SLEEPING) {
        lock_drop(&v->lock);
        return;
    }
    v->current->switches++;
    change_in_entry(v, f, take_next(v));
}

/* From a kernel entry, in which *f is the interrupted thread. */
static void preempt(struct vcpu *v, struct frame *f, bool slice_over) {
    struct thread *last = v->current;
    struct thread *next;

    last->preemptions++;
    if (may_run_on(last, v)) {
        enqueue(v, last, !slice_over);
        next = take_next(v);
    } else {
        v->moving = last;
        next = v->idle;
    }
    if (next == last) {
        lock_drop(&v->lock);
        return;
    }
    change_in_entry(v, f, next);
}

void schedule_upcall(struct frame *f) {
    if (!THIS_LINE->resched)
        return;
    struct vcpu *v = lock_own();
    THIS_LINE->resched = false;
    if (v->current != v->idle && is_due(v, true))
        preempt(v, f, !is_due(v, false));
    else
        lock_drop(&v->lock);
}
