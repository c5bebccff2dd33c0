/* SPDX-License-Identifier: MIT */
/*
 * System calls: timers. Their records are parts of kernel pages that are never given back,
 * as alarms need it; an id is a record's place.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "mm/page.h"
#include "pv/access.h"
#include "sched/alarm.h"
#include "sched/deadline.h"
#include "sched/thread.h"
#include "signal/signal.h"
#include "sys/calls.h"

enum state { UNUSED, CHANGING, MADE };

struct posix_timer {
    enum state state;
    struct alarm alarm;
    int notify, tid;  /* SIGEV_*; 0: the process gets the signal */
    int last_overrun; /* of the signal before the one that is pending or was taken last */
    struct signal_record record;
};

/* Linux's struct sigevent; the C library's is another. */
struct event {
    uint64_t value;
    int signal, notify, tid;
    char rest[44];
};

_Static_assert(sizeof(struct event) == 64, "Linux's size");

enum { PER_PAGE = PAGE_SIZE / sizeof(struct posix_timer), PAGES = 256 };

static struct lock table_lock = LOCK_INIT(LOCK_WAIT);
static struct posix_timer *pages[PAGES];

/* In a new page all are unused: it comes with arbitrary contents. */
static bool add_page(unsigned page) {
    struct posix_timer *timers = page_alloc_kernel();

    if (!timers)
        return false;
    for (unsigned i = 0; i < PER_PAGE; i++)
        timers[i] = (struct posix_timer){.state = UNUSED};
    __atomic_store_n(&pages[page], timers, __ATOMIC_RELEASE);
    return true;
}

static struct posix_timer *take_record(int *id) {
    struct posix_timer *found = NULL;

    lock_take(&table_lock);
    for (unsigned p = 0; p < PAGES && !found; p++) {
        if (!pages[p] && !add_page(p))
            break;
        for (unsigned i = 0; i < PER_PAGE && !found; i++)
            if (pages[p][i].state == UNUSED) {
                found = &pages[p][i];
                *id = (int)(p * PER_PAGE + i);
            }
    }
    if (found)
        found->state = CHANGING;
    lock_drop(&table_lock);
    return found;
}

static void set_state(struct posix_timer *timer, enum state state) {
    __atomic_store_n(&timer->state, state, __ATOMIC_RELEASE);
}

/* One that has been made, or NULL. */
static struct posix_timer *find(int id) {
    unsigned page = (unsigned)id / PER_PAGE;

    struct posix_timer *timers =
        page < PAGES ? __atomic_load_n(&pages[page], __ATOMIC_ACQUIRE) : NULL;

    if (!timers)
        return NULL;
    struct posix_timer *timer = &timers[(unsigned)id % PER_PAGE];
    return __atomic_load_n(&timer->state, __ATOMIC_ACQUIRE) == MADE ? timer : NULL;
}

static void ring(struct alarm *alarm, uint64_t times) {
    struct posix_timer *timer = TREE_RECORD(alarm, struct posix_timer, alarm);

    if (timer->notify == SIGEV_NONE)
        return;
    if (!timer->record.queue)
        timer->last_overrun = timer->record.info.timer.overrun;
    signal_send_record(timer->tid, &timer->record, times);
}

static long check_event(const struct event *e) {
    bool found = true;

    switch (e->notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_SIGNAL | SIGEV_THREAD_ID:
        lock_take(&threads_lock);
        found = thread_find(e->tid);
        lock_drop(&threads_lock);
        break;
    case SIGEV_SIGNAL:
    case SIGEV_THREAD:
        break;
    default:
        return -EINVAL;
    }
    return found && e->signal > 0 && e->signal <= SIGNALS ? 0 : -EINVAL;
}

/* Only when everything else is there the alarm is made, and can be set. */
static long make(struct posix_timer *timer, int place, int clock, const struct event *e) {
    timer->notify = e->notify;
    timer->tid = e->notify == (SIGEV_SIGNAL | SIGEV_THREAD_ID) ? e->tid : 0;
    timer->last_overrun = 0;
    timer->record =
        (struct signal_record){.info = {.signal = e->signal,
                                        .code = SI_TIMER,
                                        .owned = 1,
                                        .timer = {.id = place, .value = e->value}}};
    return alarm_init(&timer->alarm, clock, ring);
}

static void discard(struct posix_timer *timer) {
    alarm_end(&timer->alarm);
    signal_cancel_record(&timer->record);
    set_state(timer, UNUSED);
}

long atman_sys_timer_create(int clock, const void *event, int *id) {
    struct event e = {.signal = SIGALRM, .notify = SIGEV_SIGNAL};
    int place;

    signal_start();
    long error = event ? user_read(&e, event, sizeof e) : 0;

    if (!error)
        error = check_event(&e);
    if (error)
        return error;
    struct posix_timer *timer = take_record(&place);
    if (!timer)
        return -EAGAIN;
    if (!event)
        e.value = (uint64_t)place;
    error = make(timer, place, clock, &e);
    if (!error)
        error = user_write(id, &place, sizeof place);
    if (error)
        discard(timer);
    else
        set_state(timer, MADE);
    return error;
}

static long write_times(struct itimerspec *to, struct alarm_time t) {
    struct itimerspec value = {.it_interval = {.tv_sec = (time_t)(t.interval / NS_PER_SEC),
                                               .tv_nsec = (long)(t.interval % NS_PER_SEC)},
                               .it_value = {.tv_sec = (time_t)(t.left / NS_PER_SEC),
                                            .tv_nsec = (long)(t.left % NS_PER_SEC)}};

    return user_write(to, &value, sizeof value);
}

long atman_sys_timer_settime(int id, int flags, const struct itimerspec *new,
                             struct itimerspec *old) {
    uint64_t first, interval;

    if (!new)
        return -EINVAL;
    long error = deadline_ns(&new->it_interval, &interval);
    long other = deadline_ns(&new->it_value, &first);
    if (error == -EFAULT || other == -EFAULT)
        return -EFAULT;
    if (error || other)
        return -EINVAL;
    struct posix_timer *timer = find(id);
    if (!timer)
        return -EINVAL;
    struct alarm_time was;
    timer->last_overrun = timer->record.info.timer.overrun = 0;
    error = alarm_set(&timer->alarm, flags & TIMER_ABSTIME, first, interval, &was);
    return error || !old ? error : write_times(old, was);
}

long atman_sys_timer_gettime(int id, struct itimerspec *value) {
    struct posix_timer *timer = find(id);
    struct alarm_time now;
    long error = timer ? alarm_get(&timer->alarm, &now) : -EINVAL;

    return error ? error : write_times(value, now);
}

long atman_sys_timer_getoverrun(int id) {
    struct posix_timer *timer = find(id);

    if (!timer)
        return -EINVAL;
    return timer->record.queue ? timer->last_overrun : timer->record.info.timer.overrun;
}

long atman_sys_timer_delete(int id) {
    struct posix_timer *timer = find(id);
    enum state made = MADE;

    if (!timer || !__atomic_compare_exchange_n(&timer->state, &made, CHANGING, false,
                                               __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return -EINVAL;
    discard(timer);
    return 0;
}
