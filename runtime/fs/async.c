/* SPDX-License-Identifier: MIT */
/*
 * What watches a file must not send signals, for it is called under locks: it sets a timer
 * that is due at once, and that does.
 */
#define _GNU_SOURCE
#include "fs/async.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "fs/file.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "signal/signal.h"

enum {
    CAN_READ = POLLIN | POLLRDNORM,
    CAN_WRITE = POLLOUT | POLLWRNORM | POLLWRBAND,
    OWNER_THREAD = 0, /* F_OWNER_* */
    OWNER_PROCESS = 1,
    OWNER_GROUP = 2,
};

struct owner {
    int kind, id; /* id 0: nobody */
};

struct async {
    struct watch watch;
    struct timer timer;
    struct owner owner;
    int fd, signal;  /* signal 0: SIGIO, without more */
    unsigned wanted; /* events */
    unsigned events; /* since the timer was set; atomic */
    bool is_due;     /* the timer is set; atomic */
    bool is_on;
};

static struct mutex mutex; /* of all; not for what the timer does */

static struct async *of(struct watch *watch) {
    return LIST_RECORD(watch, struct async, watch);
}

static void notice(struct watch *watch, unsigned events) {
    struct async *a = of(watch);

    events &= a->wanted;
    if (!events)
        return;
    __atomic_fetch_or(&a->events, events, __ATOMIC_SEQ_CST);
    if (!__atomic_exchange_n(&a->is_due, true, __ATOMIC_SEQ_CST))
        timer_set(&a->timer, clock_monotonic());
}

static long send(const struct async *a, const struct signal_info *info) {
    return a->owner.kind == OWNER_THREAD ? signal_send_thread(a->owner.id, info)
                                         : signal_send_process(info);
}

static void tell(const struct async *a, int code, long band) {
    struct signal_info info = {.signal = a->signal, .code = code};
    const struct signal_info plain = {.signal = SIGIO, .code = SI_KERNEL};

    info.words[0] = (uint64_t)band;
    info.words[1] = (unsigned)a->fd;
    if (!a->signal || send(a, &info) == -EAGAIN)
        send(a, &plain);
}

/* In a kernel entry. */
static void fire(struct timer *timer) {
    struct async *a = LIST_RECORD(timer, struct async, timer);

    __atomic_store_n(&a->is_due, false, __ATOMIC_SEQ_CST);
    unsigned events = __atomic_exchange_n(&a->events, 0, __ATOMIC_SEQ_CST);
    if (!a->owner.id)
        return;
    if (events & CAN_READ)
        tell(a, POLL_IN, CAN_READ);
    if (events & CAN_WRITE)
        tell(a, POLL_OUT, CAN_WRITE);
}

static struct async *get(struct file *file) {
    struct async *a = file->async;

    if (a || !(a = heap_alloc(sizeof *a)))
        return a;
    *a = (struct async){.watch.notify = notice, .timer.fire = fire, .owner.kind = 1};
    file->async = a;
    return a;
}

/* A terminal can always be written to. */
static unsigned events_of(const struct file *file) {
    bool is_terminal = file->vnode && S_ISCHR(file->vnode->mode);

    return (file_reads(file) ? CAN_READ : 0) |
           (file_writes(file) && !is_terminal ? CAN_WRITE : 0);
}

static void start(struct async *a, struct file *file, int fd) {
    bool is_terminal = file->vnode && S_ISCHR(file->vnode->mode);

    scheduler_start();
    signal_start();
    file_poll(file); /* a terminal is one from then on */
    a->fd = fd;
    a->wanted = events_of(file);
    a->is_on = true;
    if (is_terminal && !a->owner.id) /* whose terminal it is */
        a->owner = (struct owner){OWNER_PROCESS, thread_main.tid};
    watch_add(&a->watch, file_ready(file));
}

static long set(struct file *file, int fd, bool on) {
    if (!file->ops->signals)
        return 0;
    mutex_take(&mutex);
    struct async *a = on ? get(file) : file->async;
    if (a && on && !a->is_on) {
        start(a, file, fd);
    } else if (a && !on && a->is_on) {
        watch_remove(&a->watch);
        a->is_on = false;
    } else if (a) {
        a->fd = fd;
    }
    if (a || !on)
        file->flags = on ? file->flags | O_ASYNC : file->flags & ~(unsigned)O_ASYNC;
    mutex_drop(&mutex);
    return on && !a ? -ENOMEM : 0;
}

static void end(struct file *file) {
    struct async *a = file->async;

    if (a->is_on)
        watch_remove(&a->watch);
    timer_cancel(&a->timer);
    heap_free(a);
}

/* A group is that of the one process. */
static long set_owner(struct file *file, struct owner owner) {
    bool is_there = !owner.id || owner.id == thread_main.tid;

    if (owner.kind == OWNER_THREAD && !is_there) {
        lock_take(&threads_lock);
        is_there = thread_find(owner.id);
        lock_drop(&threads_lock);
    }
    if (owner.id < 0)
        return -EINVAL;
    if (!is_there)
        return -ESRCH;
    struct async *a = get(file);
    if (!a)
        return -ENOMEM;
    a->owner = owner;
    return 0;
}

static long set_owner_number(struct file *file, int id) {
    if (id == INT32_MIN)
        return -EINVAL;
    return set_owner(file, id < 0 ? (struct owner){OWNER_GROUP, -id}
                                  : (struct owner){OWNER_PROCESS, id});
}

static long set_owner_record(struct file *file, unsigned long argument) {
    struct owner owner;

    if (user_read(&owner, (const void *)argument, sizeof owner))
        return -EFAULT;
    return (unsigned)owner.kind > OWNER_GROUP ? -EINVAL : set_owner(file, owner);
}

static long set_signal(struct file *file, unsigned long signal) {
    if (signal > SIGNALS)
        return -EINVAL;
    struct async *a = get(file);
    if (!a)
        return -ENOMEM;
    a->signal = (int)signal;
    return 0;
}

static long perform(struct file *file, int command, unsigned long argument) {
    const struct async *a = file->async;
    struct owner owner = a ? a->owner : (struct owner){OWNER_PROCESS, 0};

    switch (command) {
    case F_SETOWN:
        return set_owner_number(file, (int)argument);
    case F_SETOWN_EX:
        return set_owner_record(file, argument);
    case F_SETSIG:
        return set_signal(file, argument);
    case F_GETSIG:
        return a ? a->signal : 0;
    case F_GETOWN_EX:
        return user_write((void *)argument, &owner, sizeof owner);
    default:
        return owner.kind == OWNER_GROUP ? -owner.id : owner.id;
    }
}

static long control(struct file *file, int command, unsigned long argument) {
    mutex_take(&mutex);
    long result = perform(file, command, argument);
    mutex_drop(&mutex);
    return result;
}

const struct async_ops *async_ops;

void async_use(void) {
    static const struct async_ops ops = {control, set, end};

    async_ops = &ops;
}
