/* SPDX-License-Identifier: MIT */
/*
 * Consoles as files: /dev/hvc1, with Linux's numbers, and /dev/xen-channel/NAME, which
 * leads there. Like disks' (block/nodes.c) the names are made by who looks for one. They
 * are terminals in so far as they have settings, which change nothing: no line editing, no
 * echo.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/format.h"
#include "fs/build.h"
#include "fs/device.h"
#include "fs/vnode.h"
#include "hvc/hvc.h"
#include "pv/access.h"
#include "sched/thread.h"

enum { MAJOR = 229, PIECE = 512 };

static struct mutex mutex; /* of all that follows */
static struct thread *holder;
static uint64_t made; /* bit n: the names of console n */

/* --- names -------------------------------------------------------------------------- */

static void make_names(struct hvc *h) {
    char path[sizeof "/dev/xen-channel/" + HVC_NAME], target[16], name[HVC_NAME];

    hvc_tell_name(h, name);
    format(path, sizeof path, "/dev/hvc%u", h->number);
    if (build_node(path, S_IFCHR | 0600, device_number(MAJOR, h->number)))
        return;
    made |= 1ul << h->number;
    if (!*name)
        return;
    format(path, sizeof path, "/dev/xen-channel/%s", name);
    format(target, sizeof target, "../hvc%u", h->number);
    build_link(path, target);
}

/* Making the names is a walk to /dev as well. */
void consoles_expect(void) {
    if (__atomic_load_n(&holder, __ATOMIC_SEQ_CST) == thread_current() || !hvcs_start())
        return;
    mutex_take(&mutex);
    holder = thread_current();
    hvcs_wait();
    for (unsigned i = 1; i < HVC_MOST; i++) {
        struct hvc *h = made >> i & 1 ? NULL : hvc_find(i);
        if (h)
            make_names(h);
        if (h)
            hvc_drop(h);
    }
    holder = NULL;
    mutex_drop(&mutex);
}

/* --- files -------------------------------------------------------------------------- */

static long read_some(struct hvc *h, struct transfer *to) {
    char piece[PIECE];
    long done = 0;

    while (to->left) {
        long n = hvc_get(h, piece, MIN(to->left, sizeof piece));
        long put = n > 0 ? transfer_put(to, piece, (size_t)n) : n;
        if (put <= 0)
            return done ? done : put;
        done += put;
        if (put < n)
            break;
    }
    return done;
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    struct hvc *h = file->object;
    bool is_out = hvc_is_out(h); /* before the look: what came last is read */

    (void)position;
    if (!to->left)
        return 0;
    long n = read_some(h, to);
    return n || is_out ? n : -EAGAIN;
}

/* Under the mutex. */
static long write_some(struct hvc *h, struct transfer *from) {
    char piece[PIECE];
    size_t room = hvc_room(h);

    if (hvc_is_out(h))
        return -EIO;
    if (!room)
        return -EAGAIN;
    room = MIN(room, from->left);
    long n = transfer_get(from, piece, MIN(room, sizeof piece));
    return n > 0 ? hvc_put(h, piece, (size_t)n) : n;
}

/* Waits by itself, for a write is done only when all is written. */
static long write(struct file *file, struct transfer *from, int64_t *position) {
    struct hvc *h = file->object;
    bool waits = !from->no_wait && !(file->flags & O_NONBLOCK);
    long done = 0, n = 0;

    (void)position;
    while (from->left) {
        uint32_t seen = ready_seen(&h->ready);
        mutex_take(&h->writing);
        n = write_some(h, from);
        mutex_drop(&h->writing);
        if (n == -EAGAIN && waits)
            n = ready_wait(&h->ready, seen, 0, true);
        if (n < 0)
            break;
        done += n;
    }
    return done ? done : n;
}

static unsigned poll_hvc(struct file *file) {
    struct hvc *h = file->object;
    unsigned events = 0;

    if (hvc_held(h))
        events |= POLLIN | POLLRDNORM;
    if (hvc_is_out(h))
        return events | POLLIN | POLLRDNORM | POLLHUP | POLLERR;
    if (hvc_room(h))
        events |= POLLOUT | POLLWRNORM;
    return events;
}

static struct ready *ready(struct file *file) {
    return &((struct hvc *)file->object)->ready;
}

static long settings(struct hvc *h, unsigned request, unsigned long argument) {
    struct discipline_termios settings;
    bool sets = request != TCGETS;
    long error = sets ? user_read(&settings, (void *)argument, sizeof settings) : 0;

    if (error)
        return error;
    mutex_take(&h->writing);
    if (sets)
        h->settings = settings;
    settings = h->settings;
    mutex_drop(&h->writing);
    return sets ? 0 : user_write((void *)argument, &settings, sizeof settings);
}

static long tell(unsigned long argument, size_t count) {
    int n = (int)count;

    return user_write((void *)argument, &n, sizeof n);
}

static long control(struct file *file, unsigned request, unsigned long argument) {
    static const struct winsize none;
    struct hvc *h = file->object;

    switch (request) {
    case TCGETS:
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return settings(h, request, argument);
    case TIOCGWINSZ:
        return user_write((void *)argument, &none, sizeof none);
    case FIONREAD:
        return tell(argument, hvc_held(h));
    case TIOCOUTQ:
        return tell(argument, 0);
    case TCFLSH:
    case TCSBRK:
    case TCSBRKP:
    case TIOCEXCL:
    case TIOCNXCL:
        return 0;
    default:
        return -ENOTTY;
    }
}

static void release(struct file *file) {
    hvc_drop(file->object);
}

static const struct file_ops hvc_file_ops = {.read = read,
                                             .write = write,
                                             .poll = poll_hvc,
                                             .ready = ready,
                                             .ioctl = control,
                                             .release = release,
                                             .signals = true};

long consoles_open(struct vnode *vnode, struct file *file) {
    uint64_t number = vnode->device ^ device_number(MAJOR, 0);

    if (number >= HVC_MOST)
        return -ENXIO;
    consoles_expect();
    struct hvc *h = hvc_find((unsigned)number);
    if (!h)
        return -ENXIO;
    file->object = h;
    file->ops = &hvc_file_ops;
    return 0;
}
