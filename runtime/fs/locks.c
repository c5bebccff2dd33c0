/* SPDX-License-Identifier: MIT */
/*
 * Each file's locks are a list, under one mutex for all files; whoever waits looks again
 * whenever any lock has gone.
 */
#define _GNU_SOURCE
#include "fs/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>

#include "fs/file.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sched/hooks.h"
#include "sched/thread.h"

struct range_lock {
    struct list node;         /* of vnode->locks */
    const struct file *owner; /* NULL: the process */
    bool is_whole, is_exclusive;
    int64_t first, last; /* bytes */
};

static struct mutex mutex;
static struct ready released = {.lock = LOCK_INIT(LOCK_READY)};

static struct range_lock *next(const struct vnode *v, const struct list *at) {
    return at->next == &v->locks ? NULL : LIST_RECORD(at->next, struct range_lock, node);
}

static void begin(struct vnode *v) {
    mutex_take(&mutex);
    if (!v->locks.next)
        list_init(&v->locks);
}

static bool is_own(const struct range_lock *held, const struct range_lock *l) {
    return held->is_whole == l->is_whole && held->owner == l->owner;
}

/* The one that begins first. */
static const struct range_lock *find_conflict(const struct vnode *v,
                                              const struct range_lock *l) {
    const struct range_lock *found = NULL;

    for (struct range_lock *h = next(v, &v->locks); h; h = next(v, &h->node))
        if (h->is_whole == l->is_whole && h->owner != l->owner && h->first <= l->last &&
            l->first <= h->last && (h->is_exclusive || l->is_exclusive) &&
            (!found || h->first < found->first))
            found = h;
    return found;
}

static void drop(struct range_lock *l) {
    list_remove(&l->node);
    heap_free(l);
}

/* What the owner has in l's range goes; what sticks out stays. spare is used, and NULL
 * then, if there is something at both ends. */
static void clear(struct vnode *v, const struct range_lock *l, struct range_lock **spare) {
    for (struct range_lock *h = next(v, &v->locks), *after; h; h = after) {
        after = next(v, &h->node);
        if (!is_own(h, l) || h->first > l->last || l->first > h->last)
            continue;
        if (h->first < l->first && h->last > l->last) {
            **spare = *h;
            (*spare)->first = l->last + 1;
            list_insert(&(*spare)->node, h->node.next);
            *spare = NULL;
            h->last = l->first - 1;
        } else if (h->first < l->first) {
            h->last = l->first - 1;
        } else if (h->last > l->last) {
            h->first = l->last + 1;
        } else {
            drop(h);
        }
    }
}

/* l becomes one with the owner's of the same kind that it meets or overlaps. */
static void join(struct vnode *v, struct range_lock *l) {
    for (struct range_lock *h = next(v, &v->locks), *after; h; h = after) {
        after = next(v, &h->node);
        if (!is_own(h, l) || h->is_exclusive != l->is_exclusive ||
            (l->last != INT64_MAX && h->first > l->last + 1) ||
            (h->last != INT64_MAX && l->first > h->last + 1))
            continue;
        l->first = MIN(l->first, h->first);
        l->last = l->last > h->last ? l->last : h->last;
        drop(h);
    }
}

/* unlock: what the owner has in that range goes. -EAGAIN: somebody is in the way. */
static long change(struct vnode *v, const struct range_lock *l, bool unlock) {
    struct range_lock *new = unlock ? NULL : heap_alloc(sizeof *new);
    struct range_lock *spare = heap_alloc(sizeof *spare);
    long error = !spare || (!unlock && !new) ? -ENOLCK : 0;

    begin(v);
    if (!error && !unlock && find_conflict(v, l))
        error = -EAGAIN;
    if (!error) {
        if (new) {
            *new = *l;
            join(v, new);
            clear(v, new, &spare);
            list_insert(&new->node, &v->locks);
        } else {
            clear(v, l, &spare);
        }
        new = NULL;
    }
    mutex_drop(&mutex);
    heap_free(new);
    heap_free(spare);
    if (!error)
        ready_notify(&released, POLLIN);
    return error;
}

static long change_waiting(struct vnode *v, const struct range_lock *l) {
    for (;;) {
        uint32_t seen = ready_seen(&released);
        long error = change(v, l, false);
        if (error != -EAGAIN)
            return error;
        scheduler_start();
        error = scheduler->ready_wait(&released, seen, 0, true);
        if (error)
            return error;
    }
}

/* From the program's words to bytes. */
static long to_range(struct file *file, const struct flock *f, struct range_lock *l) {
    int64_t start = f->l_start, from = 0;

    if (f->l_whence == SEEK_CUR)
        from = file->position;
    else if (f->l_whence == SEEK_END)
        from = file->vnode->size;
    else if (f->l_whence != SEEK_SET)
        return -EINVAL;
    if (__builtin_add_overflow(start, from, &start))
        return -EOVERFLOW;
    if (start < 0)
        return -EINVAL;
    l->first = start;
    l->last = INT64_MAX;
    if (f->l_len > 0 && __builtin_add_overflow(start, f->l_len - 1, &l->last))
        return -EOVERFLOW;
    if (f->l_len < 0) {
        if (start + f->l_len < 0)
            return -EINVAL;
        l->last = start - 1;
        l->first = start + f->l_len;
    }
    return 0;
}

static long look(struct vnode *v, const struct range_lock *l, struct flock *f) {
    begin(v);
    const struct range_lock *h = find_conflict(v, l);
    f->l_type = F_UNLCK;
    if (h) {
        f->l_type = h->is_exclusive ? F_WRLCK : F_RDLCK;
        f->l_whence = SEEK_SET;
        f->l_start = h->first;
        f->l_len = h->last == INT64_MAX ? 0 : h->last - h->first + 1;
        f->l_pid = h->owner ? -1 : thread_main.tid;
    }
    mutex_drop(&mutex);
    return 0;
}

static long check_mode(const struct file *file, int type) {
    unsigned mode = file->flags & O_ACCMODE;

    return (type == F_RDLCK && mode == O_WRONLY) || (type == F_WRLCK && mode == O_RDONLY)
               ? -EBADF
               : 0;
}

static long control(struct file *file, int command, struct flock *f) {
    bool is_ofd = command >= F_OFD_GETLK;
    bool looks = command == F_GETLK || command == F_OFD_GETLK;
    bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
    struct range_lock l = {.owner = is_ofd ? file : NULL};

    if (!file->vnode || (is_ofd && f->l_pid))
        return -EINVAL;
    long error = to_range(file, f, &l);
    if (error)
        return error;
    if (f->l_type != F_RDLCK && f->l_type != F_WRLCK && (f->l_type != F_UNLCK || looks))
        return -EINVAL;
    l.is_exclusive = f->l_type == F_WRLCK;
    if (looks)
        return look(file->vnode, &l, f);
    error = check_mode(file, f->l_type);
    if (error)
        return error;
    if (f->l_type == F_UNLCK)
        return change(file->vnode, &l, true);
    return waits ? change_waiting(file->vnode, &l) : change(file->vnode, &l, false);
}

long (*locks_control)(struct file *file, int command, unsigned long argument);

static long ask(struct file *file, int command, unsigned long argument) {
    struct flock f;

    if (user_read(&f, (const void *)argument, sizeof f))
        return -EFAULT;
    long error = control(file, command, &f);
    if (!error && (command == F_GETLK || command == F_OFD_GETLK))
        error = user_write((void *)argument, &f, sizeof f);
    return error;
}

void locks_use(void) {
    locks_control = ask;
}

/* One that is changed is given up first, as Linux has it. */
long locks_whole(struct file *file, int operation) {
    struct range_lock l = {.owner = file, .is_whole = true, .last = INT64_MAX};
    int kind = operation & ~LOCK_NB;

    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
        return -EINVAL;
    if (!file->vnode || file->flags & O_PATH)
        return -EBADF;
    l.is_exclusive = kind == LOCK_EX;
    if (kind == LOCK_UN)
        return change(file->vnode, &l, true);
    begin(file->vnode);
    bool has = false;
    for (struct range_lock *h = next(file->vnode, &file->vnode->locks); h;
         h = next(file->vnode, &h->node))
        has |= is_own(h, &l) && h->is_exclusive == l.is_exclusive;
    mutex_drop(&mutex);
    if (has)
        return 0;
    long error = change(file->vnode, &l, true);
    if (error)
        return error;
    return operation & LOCK_NB ? change(file->vnode, &l, false)
                               : change_waiting(file->vnode, &l);
}

static void drop_all(struct vnode *v, const struct file *owner, bool whole_too) {
    bool dropped = false;

    if (!v->locks.next)
        return;
    begin(v);
    for (struct range_lock *h = next(v, &v->locks), *after; h; h = after) {
        after = next(v, &h->node);
        if (h->owner == owner && (whole_too || !h->is_whole)) {
            drop(h);
            dropped = true;
        }
    }
    mutex_drop(&mutex);
    if (dropped)
        ready_notify(&released, POLLIN);
}

void locks_flush(struct file *file) {
    if (file->vnode)
        drop_all(file->vnode, NULL, false);
}

void locks_release(struct file *file) {
    if (file->vnode)
        drop_all(file->vnode, file, true);
}
