/* SPDX-License-Identifier: MIT */
/* eventfd: a number that is added to and read. */
#include "fs/eventfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "fs/file.h"
#include "mm/heap.h"
#include "sched/hooks.h"

enum { CAN_READ = POLLIN | POLLRDNORM, CAN_WRITE = POLLOUT | POLLWRNORM };

static const uint64_t most = UINT64_MAX - 1;

struct counter {
    struct ready ready;
    struct lock lock;
    uint64_t value;
    bool is_semaphore;
};

static long counter_read(struct file *file, struct transfer *to, int64_t *position) {
    struct counter *c = file->object;
    uint64_t value;

    (void)position;
    if (to->left < sizeof value)
        return -EINVAL;
    lock_take(&c->lock);
    value = c->is_semaphore && c->value ? 1 : c->value;
    c->value -= value;
    lock_drop(&c->lock);
    if (!value)
        return -EAGAIN;
    ready_notify(&c->ready, CAN_WRITE);
    return transfer_put(to, &value, sizeof value);
}

static long counter_write(struct file *file, struct transfer *from, int64_t *position) {
    struct counter *c = file->object;
    struct transfer again = *from; /* if it has to wait */
    uint64_t value;

    (void)position;
    if (from->left < sizeof value)
        return -EINVAL;
    if (transfer_get(from, &value, sizeof value) != sizeof value)
        return -EFAULT;
    if (value > most)
        return -EINVAL;
    lock_take(&c->lock);
    bool fits = value <= most - c->value;
    if (fits)
        c->value += value;
    lock_drop(&c->lock);
    if (!fits) {
        *from = again;
        return -EAGAIN;
    }
    if (value)
        ready_notify(&c->ready, CAN_READ);
    return sizeof value;
}

static unsigned counter_poll(struct file *file) {
    const struct counter *c = file->object;
    uint64_t value = __atomic_load_n(&c->value, __ATOMIC_SEQ_CST);

    return (value ? CAN_READ : 0) | (value < most ? CAN_WRITE : 0);
}

static struct ready *counter_ready(struct file *file) {
    return &((struct counter *)file->object)->ready;
}

static void counter_release(struct file *file) {
    heap_free(file->object);
}

static const struct file_ops counter_ops = {.read = counter_read,
                                            .write = counter_write,
                                            .poll = counter_poll,
                                            .ready = counter_ready,
                                            .release = counter_release,
                                            .name = "anon_inode:[eventfd]"};

struct file *eventfd_make(unsigned value, unsigned flags, bool is_semaphore) {
    struct counter *c = heap_alloc(sizeof *c);

    if (!c)
        return NULL;
    scheduler_start();
    ready_init(&c->ready);
    lock_init(&c->lock, LOCK_OBJECT);
    c->value = value;
    c->is_semaphore = is_semaphore;
    struct file *file = file_make(&counter_ops, O_RDWR | flags, c);
    if (!file)
        heap_free(c);
    return file;
}
