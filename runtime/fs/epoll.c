/* SPDX-License-Identifier: MIT */
/*
 * An item is one descriptor of one file in one epoll. It watches the file, and enters its
 * epoll's ready list when that notifies. Who collects takes items from the list, asks each
 * file what is true now, and puts back what is to be told again (level-triggered).
 *
 * Locks. An epoll's mutex: its items, and one collector at a time. `lock` (LOCK_EPOLL), as
 * notices come in any context: the ready list and who waits. links_lock: the list of items
 * at each file. An item has no reference to its file: when that goes, so do its items
 * (forget). An epoll inside another is asked with the outer one's mutex held, so circles
 * are refused.
 */
#include "fs/epoll.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include "base/tree.h"
#include "fs/file.h"
#include "fs/terminal.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sched/hooks.h"
#include "sched/settle.h"
#include "sched/thread.h"

#define SPECIAL (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)
#define EXCLUSIVE_MAY                                                                      \
    (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

enum { DEEPEST = 5 }; /* epolls inside one another */

struct epoll {
    struct mutex mutex;
    struct tree items; /* by descriptor */
    struct ready ready;
    struct lock lock;
    struct list found;   /* items, by `in_found` */
    struct list waiters; /* in turn */
    uint32_t references; /* its file, and who looks at a file's items */
    struct file *file;
};

struct item {
    struct watch watch;
    struct tree_node node;
    struct list in_found; /* {NULL}: it is not there */
    struct list at_file;
    struct epoll *epoll;
    struct file *file;
    int fd;
    uint32_t events;
    uint64_t data;
};

struct waiter {
    struct list node; /* {NULL}: it was woken */
    struct thread *thread;
};

static struct lock links_lock = LOCK_INIT(LOCK_EPOLL);
static struct mutex nesting; /* one epoll at a time is put into another */
static const struct file_ops epoll_ops;

static void put_epoll(struct epoll *e) {
    if (!__atomic_sub_fetch(&e->references, 1, __ATOMIC_SEQ_CST))
        heap_free(e);
}

/* The ready list. Under the epoll's lock. */

static void put_found(struct item *item) {
    if (!item->in_found.next)
        list_insert(&item->in_found, &item->epoll->found);
}

static void take_found(struct item *item) {
    if (!item->in_found.next)
        return;
    list_remove(&item->in_found);
    item->in_found.next = NULL;
}

/* One that is not awake for another reason. */
static void wake_one(struct epoll *e) {
    bool woken = false;

    while (!woken && !list_is_empty(&e->waiters)) {
        struct waiter *w = LIST_RECORD(e->waiters.next, struct waiter, node);
        list_remove(&w->node);
        w->node.next = NULL;
        woken = thread_wake(w->thread, WAKE_EVENT);
    }
}

static void item_notify(struct watch *watch, unsigned events) {
    struct item *item = LIST_RECORD(watch, struct item, watch);
    struct epoll *e = item->epoll;
    uint32_t wanted = __atomic_load_n(&item->events, __ATOMIC_SEQ_CST) & ~SPECIAL;

    if (!wanted || (events && !(events & wanted)))
        return;
    lock_take(&e->lock);
    put_found(item);
    wake_one(e);
    lock_drop(&e->lock);
    ready_notify(&e->ready, POLLIN | POLLRDNORM);
}

/* Items. Under the epoll's mutex. */

static bool is_before(const struct tree_node *node, unsigned long fd) {
    return (unsigned long)TREE_RECORD(node, struct item, node)->fd < fd;
}

static struct item *find_item(const struct epoll *e, const struct file *file, int fd) {
    struct tree_node *at = tree_find(&e->items, is_before, (unsigned long)fd);

    for (; at; at = tree_next(at)) {
        struct item *item = TREE_RECORD(at, struct item, node);
        if (item->fd != fd)
            break;
        if (item->file == file)
            return item;
    }
    return NULL;
}

static void remove_item(struct item *item) {
    struct epoll *e = item->epoll;

    watch_remove(&item->watch);
    lock_take(&e->lock);
    take_found(item);
    lock_drop(&e->lock);
    tree_remove(&e->items, &item->node);
    lock_take(&links_lock);
    list_remove(&item->at_file); /* the file may be gone from now on */
    lock_drop(&links_lock);
    heap_free(item);
}

/* What is true of it now, of what is wanted. Asks epolls inside this one. */
static unsigned look(const struct item *item) {
    return file_poll(item->file) & item->events & ~SPECIAL;
}

/* It is looked at as if it had been notified: by whoever is to be told of it. */
static void look_anew(struct item *item) {
    if (look(item))
        item_notify(&item->watch, 0);
}

static struct item *make_item(struct epoll *e, struct file *file, int fd,
                              const struct epoll_event *event) {
    struct item *item = heap_alloc(sizeof *item);

    if (!item)
        return NULL;
    *item = (struct item){.watch.notify = item_notify,
                          .epoll = e,
                          .file = file,
                          .fd = fd,
                          .events = event->events | EPOLLERR | EPOLLHUP,
                          .data = event->data.u64};
    tree_insert(&e->items, &item->node, tree_find(&e->items, is_before, (unsigned long)fd));
    lock_take(&links_lock);
    if (!file->watchers.next)
        list_init(&file->watchers);
    list_insert(&item->at_file, &file->watchers);
    lock_drop(&links_lock);
    return item;
}

static long add(struct epoll *e, struct file *file, int fd,
                const struct epoll_event *event) {
    struct ready *ready = file_ready(file);
    struct item *item = make_item(e, file, fd, event);

    if (!item)
        return -ENOMEM;
    if (ready)
        watch_add(&item->watch, ready);
    look_anew(item);
    return 0;
}

static long change(struct item *item, const struct epoll_event *event) {
    if (item->events & EPOLLEXCLUSIVE || event->events & EPOLLEXCLUSIVE)
        return -EINVAL;
    lock_take(&item->epoll->lock);
    item->data = event->data.u64;
    lock_drop(&item->epoll->lock);
    __atomic_store_n(&item->events, event->events | EPOLLERR | EPOLLHUP, __ATOMIC_SEQ_CST);
    look_anew(item);
    return 0;
}

/* How many epolls are in one another, file the outermost; DEEPEST + 1: too many, or
 * `searched` is among them. */
static unsigned depth_below(struct file *file, const struct file *searched,
                            unsigned above) {
    unsigned deepest = 0;
    struct epoll *e = file->object;

    if (file == searched || above >= DEEPEST)
        return DEEPEST + 1;
    mutex_take(&e->mutex);
    for (struct tree_node *at = tree_first(&e->items); at; at = tree_next(at)) {
        struct item *item = TREE_RECORD(at, struct item, node);
        if (item->file->ops != &epoll_ops)
            continue;
        unsigned depth = depth_below(item->file, searched, above + 1);
        deepest = depth > deepest ? depth : deepest;
    }
    mutex_drop(&e->mutex);
    return deepest + 1;
}

/* And with file the innermost. Under links_lock. */
static unsigned depth_above(const struct file *file) {
    unsigned deepest = 0;

    if (!file->watchers.next)
        return 1;
    for (struct list *at = file->watchers.next; at != &file->watchers; at = at->next) {
        unsigned depth = depth_above(LIST_RECORD(at, struct item, at_file)->epoll->file);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static long check_nesting(struct epoll *e, struct file *of) {
    unsigned below = depth_below(of, e->file, 0);

    lock_take(&links_lock);
    unsigned above = depth_above(e->file);
    lock_drop(&links_lock);
    return below + above > DEEPEST ? -ELOOP : 0;
}

static long add_new(struct epoll *e, struct file *of, int fd,
                    const struct epoll_event *event) {
    bool nests = of->ops == &epoll_ops;
    long error = 0;

    if (event->events & EPOLLEXCLUSIVE && (nests || event->events & ~EXCLUSIVE_MAY))
        return -EINVAL;
    if (nests) {
        mutex_take(&nesting);
        error = check_nesting(e, of);
    }
    mutex_take(&e->mutex);
    if (!error)
        error = find_item(e, of, fd) ? -EEXIST : add(e, of, fd, event);
    mutex_drop(&e->mutex);
    if (nests)
        mutex_drop(&nesting);
    return error;
}

long epoll_control(struct file *file, int operation, struct file *of, int fd,
                   const struct epoll_event *event) {
    struct epoll *e = file->object;
    long error = 0;

    if (!of->ops->poll)
        return -EPERM;
    if (file->ops != &epoll_ops || file == of)
        return -EINVAL;
    terminal_use();
    if (operation == EPOLL_CTL_ADD)
        return add_new(e, of, fd, event);
    if (operation == EPOLL_CTL_MOD && event->events & EPOLLEXCLUSIVE)
        return -EINVAL;
    mutex_take(&e->mutex);
    struct item *item = find_item(e, of, fd);
    if (operation != EPOLL_CTL_MOD && operation != EPOLL_CTL_DEL)
        error = -EINVAL;
    else if (!item)
        error = -ENOENT;
    else if (operation == EPOLL_CTL_MOD)
        error = change(item, event);
    else
        remove_item(item);
    mutex_drop(&e->mutex);
    return error;
}

/* The file goes, and with it all items of it. */
static void forget(struct file *file) {
    for (;;) {
        lock_take(&links_lock);
        if (list_is_empty(&file->watchers)) {
            lock_drop(&links_lock);
            return;
        }
        struct epoll *e = LIST_RECORD(file->watchers.next, struct item, at_file)->epoll;
        __atomic_add_fetch(&e->references, 1, __ATOMIC_SEQ_CST);
        lock_drop(&links_lock);
        mutex_take(&e->mutex);
        lock_take(&links_lock);
        struct item *item = NULL;
        if (!list_is_empty(&file->watchers))
            item = LIST_RECORD(file->watchers.next, struct item, at_file);
        lock_drop(&links_lock);
        if (item && item->epoll == e)
            remove_item(item);
        mutex_drop(&e->mutex);
        put_epoll(e);
    }
}

/* Collecting. Under the epoll's mutex. */

static bool take_next(struct epoll *e, struct list *batch, struct item **item) {
    lock_take(&e->lock);
    bool is_there = !list_is_empty(batch);
    if (is_there) {
        *item = LIST_RECORD(batch->next, struct item, in_found);
        take_found(*item); /* before it is looked at: what comes later is found again */
    }
    lock_drop(&e->lock);
    return is_there;
}

static void put_back(struct item *item) {
    lock_take(&item->epoll->lock);
    put_found(item);
    lock_drop(&item->epoll->lock);
}

/* The item's event, if there is one: 1. -EFAULT. */
static long tell(struct item *item, struct epoll_event *to) {
    unsigned now = look(item);

    if (!now)
        return 0;
    struct epoll_event event = {.events = now, .data.u64 = item->data};
    if (user_write(to, &event, sizeof event)) {
        put_back(item);
        return -EFAULT;
    }
    if (item->events & EPOLLONESHOT)
        __atomic_store_n(&item->events, item->events & SPECIAL, __ATOMIC_SEQ_CST);
    else if (!(item->events & EPOLLET))
        put_back(item);
    return 1;
}

/* All of the list becomes the batch. */
static void take_all(struct epoll *e, struct list *batch) {
    list_init(batch);
    lock_take(&e->lock);
    if (!list_is_empty(&e->found)) {
        *batch = e->found;
        batch->next->previous = batch->previous->next = batch;
        list_init(&e->found);
    }
    lock_drop(&e->lock);
}

/* What is left of the batch comes first again; if there is anything, others may have it. */
static void put_rest(struct epoll *e, struct list *batch) {
    lock_take(&e->lock);
    if (!list_is_empty(batch)) {
        batch->previous->next = e->found.next;
        e->found.next->previous = batch->previous;
        batch->next->previous = &e->found;
        e->found.next = batch->next;
    }
    if (!list_is_empty(&e->found))
        wake_one(e);
    lock_drop(&e->lock);
}

static long collect(struct epoll *e, struct epoll_event *events, int count) {
    struct list batch;
    struct item *item;
    long n = 0, told = 0;

    mutex_take(&e->mutex);
    take_all(e, &batch);
    while (n < count && told >= 0 && take_next(e, &batch, &item)) {
        told = tell(item, &events[n]);
        n += told > 0;
    }
    put_rest(e, &batch);
    mutex_drop(&e->mutex);
    return n ? n : told;
}

/* Until something is found. 0: look again. */
static long wait(struct epoll *e, uint64_t until) {
    struct waiter me = {.thread = thread_current()};

    lock_take(&e->lock);
    if (!list_is_empty(&e->found)) {
        lock_drop(&e->lock);
        return 0;
    }
    thread_prepare(true);
    list_insert(&me.node, &e->waiters);
    lock_drop(&e->lock);
    enum wake why = thread_sleep(until);
    lock_take(&e->lock);
    if (me.node.next)
        list_remove(&me.node);
    lock_drop(&e->lock);
    enum handled handled = thread_finish();
    if (why == WAKE_EVENT)
        return 0;
    if (handled != HANDLED_NONE)
        return -EINTR;
    return why == WAKE_TIMEOUT ? -ETIMEDOUT : handlers_interrupt(false);
}

long epoll_wait_for(struct file *file, struct epoll_event *events, int count,
                    uint64_t until) {
    if (file->ops != &epoll_ops || count <= 0 ||
        (unsigned)count > 0x7fffffff / sizeof *events)
        return -EINVAL;
    for (;;) {
        long n = collect(file->object, events, count);
        if (n || until == 1)
            return n;
        n = wait(file->object, until);
        if (n == -ETIMEDOUT)
            until = 1;
        else if (n)
            return n;
    }
}

/* Of what is in the list some may not be ready any more: that goes. */
static unsigned epoll_poll(struct file *file) {
    struct epoll *e = file->object;
    struct item *item;
    bool is_ready = false;

    mutex_take(&e->mutex);
    while (!is_ready && take_next(e, &e->found, &item)) {
        is_ready = look(item);
        if (is_ready)
            put_back(item);
    }
    mutex_drop(&e->mutex);
    return is_ready ? POLLIN | POLLRDNORM : 0;
}

static struct ready *epoll_ready(struct file *file) {
    return &((struct epoll *)file->object)->ready;
}

static void epoll_release(struct file *file) {
    struct epoll *e = file->object;

    mutex_take(&e->mutex);
    while (e->items.root)
        remove_item(TREE_RECORD(tree_first(&e->items), struct item, node));
    mutex_drop(&e->mutex);
    put_epoll(e);
}

static const struct file_ops epoll_ops = {.poll = epoll_poll,
                                          .ready = epoll_ready,
                                          .release = epoll_release,
                                          .name = "anon_inode:[eventpoll]"};

struct file *epoll_make(void) {
    struct epoll *e = heap_alloc(sizeof *e);

    if (!e)
        return NULL;
    scheduler_start();
    ready_init(&e->ready);
    lock_init(&e->lock, LOCK_EPOLL);
    list_init(&e->found);
    list_init(&e->waiters);
    e->references = 1;
    e->file = file_make(&epoll_ops, O_RDWR, e);
    if (!e->file)
        heap_free(e);
    else
        file_forget = forget;
    return e->file;
}
