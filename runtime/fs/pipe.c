/* SPDX-License-Identifier: MIT */
/*
 * Pipes. A ring of slots, each a page with bytes of one write or of several small ones:
 * there is room as long as a slot is free, so a write of PIPE_BUF bytes, which is not to be
 * divided, needs one. Who reads or writes holds the pipe's mutex; the counts may be read
 * without.
 */
#include "fs/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "fs/calls.h"
#include "fs/file.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sched/hooks.h"
#include "signal/signal.h"

enum {
    SLOTS = 16,
    SLOTS_MOST = PAGE_SIZE / 16, /* 1 MiB, as much as Linux lets anybody have */
    CAN_READ = POLLIN | POLLRDNORM,
    CAN_WRITE = POLLOUT | POLLWRNORM,
};

struct slot {
    char *page;
    uint16_t start, size;
    bool packet; /* of O_DIRECT: is read as one */
};

struct pipe {
    struct mutex mutex;
    struct ready ready;
    struct slot *slots;          /* count of them, a power of two */
    unsigned count, first, last; /* first to last - 1 are in use, modulo count */
    char *spare;                 /* a page that was in use, or NULL */
    unsigned readers, writers;   /* ends that are open */
    unsigned reads, writes;      /* ends that were ever opened */
    unsigned references;         /* of a FIFO: ends, and opens that wait; fifo_mutex */
    uint64_t number;
};

static uint64_t last_number;
static struct mutex fifo_mutex;

static unsigned read_count(const unsigned *count) {
    return __atomic_load_n(count, __ATOMIC_SEQ_CST);
}

static unsigned used(const struct pipe *p) {
    return read_count(&p->last) - read_count(&p->first);
}

static bool is_full(const struct pipe *p) {
    return used(p) >= read_count(&p->count);
}

static struct slot *slot(const struct pipe *p, unsigned index) {
    return &p->slots[index & (p->count - 1)];
}

static struct pipe *make_pipe(void) {
    struct pipe *p = heap_alloc(sizeof *p);

    if (p)
        p->slots = heap_alloc(SLOTS * sizeof *p->slots);
    if (!p || !p->slots) {
        heap_free(p);
        return NULL;
    }
    ready_init(&p->ready);
    p->count = SLOTS;
    p->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
    return p;
}

static void free_pipe(struct pipe *p) {
    while (p->first != p->last)
        heap_free(slot(p, p->first++)->page);
    heap_free(p->spare);
    heap_free(p->slots);
    heap_free(p);
}

/* What the slot at the reader's end holds goes to the program. */
static long read_slot(struct pipe *p, struct transfer *to) {
    struct slot *s = slot(p, p->first);
    bool was_full = is_full(p);
    long n = transfer_put(to, s->page + s->start, MIN(s->size, to->left));

    if (n < 0)
        return n;
    s->start = (uint16_t)(s->start + n);
    s->size = (uint16_t)(s->size - n);
    if (s->size && !s->packet)
        return n;
    heap_free(p->spare);
    p->spare = s->page;
    s->page = NULL;
    __atomic_store_n(&p->first, p->first + 1, __ATOMIC_SEQ_CST);
    if (was_full)
        ready_notify(&p->ready, CAN_WRITE);
    return n;
}

static long read_slots(struct pipe *p, struct transfer *to) {
    long total = 0, n = 0;

    while (to->left && p->first != p->last) {
        bool packet = slot(p, p->first)->packet;
        size_t before = slot(p, p->first)->size;
        n = read_slot(p, to);
        if (n < 0)
            break;
        total += n;
        if (packet || (size_t)n < MIN(before, to->left + (size_t)n))
            break; /* a packet is one read; or the program's memory ends here */
    }
    return total ? total : n;
}

static long pipe_read(struct file *file, struct transfer *to, int64_t *position) {
    struct pipe *p = file->object;

    (void)position;
    if (!to->left)
        return 0;
    mutex_take(&p->mutex);
    bool at_end = !read_count(&p->writers);
    long n = read_slots(p, to);
    mutex_drop(&p->mutex);
    return n || at_end ? n : -EAGAIN;
}

/* Small writes share a page, if what does not fill pages fits behind the last one. */
static long append(struct pipe *p, struct transfer *from) {
    size_t size = from->left & (PAGE_SIZE - 1);

    if (!size || p->first == p->last)
        return 0;
    struct slot *s = slot(p, p->last - 1);
    size_t end = (size_t)s->start + s->size;
    if (s->packet || end + size > PAGE_SIZE)
        return 0;
    long n = transfer_get(from, s->page + end, size);
    if (n > 0)
        s->size = (uint16_t)(s->size + n);
    return n;
}

static long write_slot(struct pipe *p, struct transfer *from, bool packet) {
    char *page = p->spare ? p->spare : heap_alloc_page();

    p->spare = NULL;
    if (!page)
        return -ENOMEM;
    long n = transfer_get(from, page, MIN(from->left, PAGE_SIZE));
    if (n < 0) {
        p->spare = page;
        return n;
    }
    *slot(p, p->last) = (struct slot){.page = page, .size = (uint16_t)n, .packet = packet};
    __atomic_store_n(&p->last, p->last + 1, __ATOMIC_SEQ_CST);
    return n;
}

/* As much as there is room for. -EAGAIN: none. */
static long write_slots(struct pipe *p, struct transfer *from, bool packet) {
    long total = packet ? 0 : append(p, from), n = total;

    while (n >= 0 && from->left) {
        size_t wanted = MIN(from->left, PAGE_SIZE);
        n = is_full(p) ? -EAGAIN : write_slot(p, from, packet);
        if (n > 0)
            total += n;
        if (n > 0 && (size_t)n < wanted)
            n = -EFAULT;
    }
    if (total > 0)
        ready_notify(&p->ready, CAN_READ);
    return total > 0 ? total : n;
}

static long write_once(struct pipe *p, struct transfer *from, bool packet) {
    long n = -EPIPE;

    mutex_take(&p->mutex);
    if (read_count(&p->readers))
        n = write_slots(p, from, packet);
    mutex_drop(&p->mutex);
    if (n == -EPIPE)
        signal_raise(SIGPIPE);
    return n;
}

/* Waits by itself, for a write is done only when all is written. */
static long pipe_write(struct file *file, struct transfer *from, int64_t *position) {
    struct pipe *p = file->object;
    long total = 0, n = 0;

    (void)position;
    while (from->left) {
        uint32_t seen = ready_seen(&p->ready);
        n = write_once(p, from, file->flags & O_DIRECT);
        if (n > 0) {
            total += n;
            continue;
        }
        if (n != -EAGAIN || from->no_wait || file->flags & O_NONBLOCK)
            break;
        n = ready_wait(&p->ready, seen, 0, true);
        if (n)
            break;
    }
    return total ? total : n;
}

static unsigned pipe_poll(struct file *file) {
    const struct pipe *p = file->object;
    unsigned mode = file->flags & O_ACCMODE, events = 0;

    if (mode != O_WRONLY) {
        if (used(p))
            events |= CAN_READ;
        if (!read_count(&p->writers) && file->word != read_count(&p->writes))
            events |= POLLHUP;
    }
    if (mode != O_RDONLY) {
        if (!is_full(p))
            events |= CAN_WRITE;
        if (!read_count(&p->readers))
            events |= POLLERR;
    }
    return events;
}

static struct ready *pipe_ready(struct file *file) {
    return &((struct pipe *)file->object)->ready;
}

static long pipe_ioctl(struct file *file, unsigned request, unsigned long argument) {
    struct pipe *p = file->object;
    int size = 0;

    if (request != FIONREAD)
        return -ENOTTY;
    mutex_take(&p->mutex);
    for (unsigned i = p->first; i != p->last; i++)
        size += slot(p, i)->size;
    mutex_drop(&p->mutex);
    return user_write((void *)argument, &size, sizeof size);
}

/* The slots in use go to the beginning of others. */
static long resize(struct pipe *p, unsigned count) {
    unsigned in_use = used(p);

    if (count < in_use)
        return -EBUSY;
    struct slot *slots = heap_alloc(count * sizeof *slots);
    if (!slots)
        return -ENOMEM;
    for (unsigned i = 0; i < in_use; i++)
        slots[i] = *slot(p, p->first + i);
    heap_free(p->slots);
    p->slots = slots;
    __atomic_store_n(&p->count, count, __ATOMIC_SEQ_CST);
    p->first = 0;
    p->last = in_use;
    ready_notify(&p->ready, CAN_WRITE);
    return (long)(count * PAGE_SIZE);
}

static long set_size(struct pipe *p, unsigned long size) {
    unsigned count = 1;

    if ((unsigned)size > 1u << 31)
        return -EINVAL;
    while (count * PAGE_SIZE < (unsigned)size)
        count *= 2;
    if (count > SLOTS_MOST)
        return -EPERM;
    mutex_take(&p->mutex);
    long result = resize(p, count);
    mutex_drop(&p->mutex);
    return result;
}

static long pipe_stat(struct file *file, struct stat *stat) {
    const struct pipe *p = file->object;

    *stat = (struct stat){
        .st_mode = S_IFIFO | 0600, .st_nlink = 1, .st_ino = p->number, .st_blksize = 4096};
    return 0;
}

/* An end is there, or goes. */
static void count_ends(struct pipe *p, unsigned flags, int by) {
    unsigned mode = flags & O_ACCMODE;

    if (mode != O_WRONLY) {
        __atomic_add_fetch(&p->readers, (unsigned)by, __ATOMIC_SEQ_CST);
        p->reads += by > 0;
    }
    if (mode != O_RDONLY) {
        __atomic_add_fetch(&p->writers, (unsigned)by, __ATOMIC_SEQ_CST);
        p->writes += by > 0;
    }
    ready_notify(&p->ready, by > 0 ? 0 : POLLHUP | POLLERR | CAN_READ | CAN_WRITE);
}

/* The caller's count_ends was seen by whoever has the mutex afterwards. */
static void pipe_release(struct file *file) {
    struct pipe *p = file->object;

    mutex_take(&p->mutex);
    count_ends(p, file->flags, -1);
    bool is_last = !p->readers && !p->writers;
    mutex_drop(&p->mutex);
    if (is_last)
        free_pipe(p);
}

static long pipe_reopen(struct file *of, struct file *file);

static const struct file_ops pipe_ops = {.read = pipe_read,
                                         .write = pipe_write,
                                         .poll = pipe_poll,
                                         .ready = pipe_ready,
                                         .ioctl = pipe_ioctl,
                                         .stat = pipe_stat,
                                         .reopen = pipe_reopen,
                                         .release = pipe_release,
                                         .signals = true,
                                         .name = "pipe:"};

static const struct file_ops fifo_ops;

/* F_SETPIPE_SZ, F_GETPIPE_SZ. */
static long control(struct file *file, int command, unsigned long argument) {
    struct pipe *p = file->object;

    if (file->ops != &pipe_ops && file->ops != &fifo_ops)
        return -EBADF;
    if (command == F_SETPIPE_SZ)
        return set_size(p, argument);
    return (long)(read_count(&p->count) * PAGE_SIZE);
}

long pipe_make(unsigned flags, struct file *ends[2]) {
    struct pipe *p = make_pipe();

    if (!p)
        return -ENOMEM;
    scheduler_start();
    pipe_control = control;
    ends[0] = file_make(&pipe_ops, flags | O_RDONLY, p);
    ends[1] = ends[0] ? file_make(&pipe_ops, flags | O_WRONLY, p) : NULL;
    if (!ends[1]) {
        heap_free(ends[0]);
        free_pipe(p);
        return -ENOMEM;
    }
    count_ends(p, O_RDWR, 1);
    return 0;
}

/* The pipe of a FIFO, made by its first opening, with a reference. */
static struct pipe *get_fifo(struct vnode *vnode) {
    mutex_take(&fifo_mutex);
    if (!vnode->bound)
        vnode->bound = make_pipe();
    struct pipe *p = vnode->bound;
    if (p)
        p->references++;
    mutex_drop(&fifo_mutex);
    return p;
}

static void put_fifo(struct vnode *vnode, struct pipe *p) {
    mutex_take(&fifo_mutex);
    bool is_last = !--p->references;
    if (is_last)
        vnode->bound = NULL;
    mutex_drop(&fifo_mutex);
    if (is_last)
        free_pipe(p);
}

static void fifo_release(struct file *file) {
    struct pipe *p = file->object;

    if (!p)
        return; /* it was never open */
    mutex_take(&p->mutex);
    count_ends(p, file->flags, -1);
    mutex_drop(&p->mutex);
    put_fifo(file->vnode, p);
}

static const struct file_ops fifo_ops = {.read = pipe_read,
                                         .write = pipe_write,
                                         .poll = pipe_poll,
                                         .ready = pipe_ready,
                                         .ioctl = pipe_ioctl,
                                         .signals = true,
                                         .release = fifo_release};

/* Until one more end of the other kind has been opened, even if it has gone since. */
static long wait_for_other(struct pipe *p, const unsigned *opened, unsigned before) {
    long error = 0;

    while (!error) {
        uint32_t seen = ready_seen(&p->ready);
        if (read_count(opened) != before)
            break;
        error = ready_wait(&p->ready, seen, 0, true);
    }
    return error;
}

static long open_end(struct pipe *p, struct file *file) {
    unsigned mode = file->flags & O_ACCMODE;
    bool waits = !(file->flags & O_NONBLOCK);

    mutex_take(&p->mutex);
    bool is_alone = mode == O_RDONLY ? !p->writers : mode == O_WRONLY && !p->readers;
    bool is_refused = is_alone && mode == O_WRONLY && !waits;
    if (!is_refused)
        count_ends(p, file->flags, 1);
    if (is_alone && mode == O_RDONLY && !waits)
        file->word = p->writes; /* no POLLHUP before there was a writer */
    const unsigned *opened = mode == O_RDONLY ? &p->writes : &p->reads;
    unsigned before = *opened;
    mutex_drop(&p->mutex);
    if (is_refused)
        return -ENXIO;
    long error = is_alone && waits ? wait_for_other(p, opened, before) : 0;
    if (error) {
        mutex_take(&p->mutex);
        count_ends(p, file->flags, -1);
        mutex_drop(&p->mutex);
    }
    return error;
}

static long pipe_reopen(struct file *of, struct file *file) {
    long error = open_end(of->object, file);

    if (!error) {
        file->ops = &pipe_ops;
        file->object = of->object;
    }
    return error;
}

long fifo_open(struct vnode *vnode, struct file *file) {
    struct pipe *p = get_fifo(vnode);

    if (!p)
        return -ENOMEM;
    scheduler_start();
    pipe_control = control;
    long error = open_end(p, file);
    if (error) {
        put_fifo(vnode, p);
        return error;
    }
    file->ops = &fifo_ops;
    file->object = p;
    return 0;
}
