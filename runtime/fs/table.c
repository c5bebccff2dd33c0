/* SPDX-License-Identifier: MIT */
/*
 * The table of descriptors: pages of 512 slots. A slot is the file's address, whose lowest
 * bit is the descriptor's FD_CLOEXEC; or it is kept for a file that is not open yet.
 */
#include <errno.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "mm/heap.h"
#include "mm/page.h"

enum { SLOTS = 512, PAGES = FILES_MOST / SLOTS, CLOSE_ON_EXEC = 1, RESERVED = 2 };

static struct lock files_lock = LOCK_INIT(LOCK_FILES);
static unsigned long **pages; /* PAGES of them; NULL before the first descriptor */
static uint16_t used[PAGES];  /* slots of each page */
static int lowest_free;       /* nothing below is free */
static unsigned open_count;

/* NULL if there is none. Under the lock, as all below that is static. */
static unsigned long *slot_of(int fd) {
    if (fd < 0 || fd >= FILES_MOST || !pages || !pages[fd / SLOTS])
        return NULL;
    return &pages[fd / SLOTS][fd % SLOTS];
}

static struct file *file_of(unsigned long slot) {
    return (struct file *)(slot & ~(unsigned long)(CLOSE_ON_EXEC | RESERVED));
}

/* The slot of an open descriptor, or NULL. */
static unsigned long *open_slot(int fd) {
    unsigned long *slot = slot_of(fd);

    return slot && file_of(*slot) ? slot : NULL;
}

static unsigned long *make_slot(int fd) {
    if (!pages)
        pages = page_alloc_kernel();
    if (pages && !pages[fd / SLOTS])
        pages[fd / SLOTS] = page_alloc_kernel();
    return slot_of(fd);
}

static int find_free(int fd) {
    fd = fd < lowest_free ? lowest_free : fd;
    while (fd < FILES_MOST) {
        unsigned page = (unsigned)fd / SLOTS;
        const unsigned long *slot = used[page] == SLOTS ? NULL : slot_of(fd);
        if (used[page] == SLOTS)
            fd = (int)(page + 1) * SLOTS;
        else if (slot && *slot)
            fd++;
        else
            break;
    }
    return fd;
}

static void fill(int fd, unsigned long *slot, struct file *file, bool close_on_exec) {
    used[fd / SLOTS] += !*slot;
    open_count += !file_of(*slot);
    *slot = (unsigned long)file | (close_on_exec ? CLOSE_ON_EXEC : 0);
}

/* The lowest one from there on that is free, whose slot *slot becomes. */
static long take_free(int lowest, unsigned long **slot) {
    int fd = find_free(lowest);

    if (lowest <= lowest_free) /* found out on the way */
        lowest_free = fd;
    if ((unsigned)fd >= files_limit || fd >= FILES_MOST)
        return -EMFILE;
    *slot = make_slot(fd);
    if (!*slot)
        return -ENOMEM;
    if (fd == lowest_free)
        lowest_free++;
    return fd;
}

long fd_install(struct file *file, bool close_on_exec, int lowest) {
    unsigned long *slot;

    lock_take(&files_lock);
    long fd = take_free(lowest, &slot);
    if (fd >= 0)
        fill((int)fd, slot, file, close_on_exec);
    lock_drop(&files_lock);
    return fd;
}

long fd_reserve(void) {
    unsigned long *slot;

    lock_take(&files_lock);
    long fd = take_free(0, &slot);
    if (fd >= 0) {
        *slot = RESERVED;
        used[fd / SLOTS]++;
    }
    lock_drop(&files_lock);
    return fd;
}

void fd_settle(int fd, struct file *file, bool close_on_exec) {
    lock_take(&files_lock);
    unsigned long *slot = slot_of(fd);
    if (file) {
        fill(fd, slot, file, close_on_exec);
    } else {
        *slot = 0;
        used[fd / SLOTS]--;
        lowest_free = MIN(lowest_free, fd);
    }
    lock_drop(&files_lock);
}

long fd_install_new(struct file *file, bool close_on_exec) {
    long fd = file ? fd_install(file, close_on_exec, 0) : -ENOMEM;

    if (file && fd < 0)
        file_drop(file);
    return fd;
}

long fd_replace(struct file *file, bool close_on_exec, int fd) {
    struct file *old = NULL;
    long result = fd;

    if (fd < 0 || (unsigned)fd >= files_limit || fd >= FILES_MOST)
        return -EBADF;
    lock_take(&files_lock);
    unsigned long *slot = make_slot(fd);
    if (slot && *slot & RESERVED) {
        result = -EBUSY;
    } else if (slot) {
        old = file_of(*slot);
        fill(fd, slot, file, close_on_exec);
    } else {
        result = -ENOMEM;
    }
    lock_drop(&files_lock);
    if (old && old->ops->flush)
        old->ops->flush(old);
    if (old)
        file_drop(old);
    return result;
}

struct file *fd_get(int fd) {
    struct file *file = NULL;

    lock_take(&files_lock);
    const unsigned long *slot = open_slot(fd);
    if (slot)
        file = file_hold(file_of(*slot));
    lock_drop(&files_lock);
    return file;
}

long fd_close(int fd) {
    struct file *file = NULL;

    lock_take(&files_lock);
    unsigned long *slot = open_slot(fd);
    if (slot) {
        file = file_of(*slot);
        *slot = 0;
        used[fd / SLOTS]--;
        open_count--;
        lowest_free = MIN(lowest_free, fd);
    }
    lock_drop(&files_lock);
    if (!file)
        return -EBADF;
    if (file->ops->flush)
        file->ops->flush(file);
    file_drop(file);
    return 0;
}

long fd_close_on_exec(int fd, int set) {
    long was = -EBADF;

    lock_take(&files_lock);
    unsigned long *slot = open_slot(fd);
    if (slot) {
        was = (long)(*slot & CLOSE_ON_EXEC);
        if (set == 0 || set == 1)
            *slot = (unsigned long)file_of(*slot) | (unsigned)set;
    }
    lock_drop(&files_lock);
    return was;
}

int fd_next(int fd) {
    int found = -1;

    lock_take(&files_lock);
    while (found < 0 && fd >= 0 && fd < FILES_MOST) {
        const unsigned long *slot = slot_of(fd);
        if (slot && file_of(*slot))
            found = fd;
        else if (!slot || !used[fd / SLOTS])
            fd = (fd / SLOTS + 1) * SLOTS;
        else
            fd++;
    }
    lock_drop(&files_lock);
    return found;
}

unsigned fd_count(void) {
    return __atomic_load_n(&open_count, __ATOMIC_RELAXED);
}
