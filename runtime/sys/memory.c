/* SPDX-License-Identifier: MIT */
/* System calls: memory. What they promise is mm/space.h's. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "fs/hooks.h"
#include "mm/page.h"
#include "mm/space.h"
#include "pv/access.h"
#include "sys/calls.h"

/* Linux's numbers, which not every C library's header has. */
enum {
    MADVISE_POPULATE_READ = 22,
    MADVISE_POPULATE_WRITE = 23,
    MADVISE_DONTNEED_LOCKED = 24,
    MLOCK_ON_FAULT = 1,
    PROTECT_SEMAPHORE = 8, /* accepted, and of no effect */
    MAP_TYPE_MASK = 0xf,
};

/* Whole pages around a range, as mlock takes it; false if there cannot be such a range. */
static bool round_range(unsigned long *start, size_t *size) {
    unsigned long end = ROUND_UP(*start + *size, PAGE_SIZE);
    bool good = end >= *start || !*size;

    *start = ROUND_DOWN(*start, PAGE_SIZE);
    *size = end - *start; /* a page if nothing was asked for in the middle of one */
    return good;
}

/* Linux looks at the descriptor first. */
static long map_file(unsigned long hint, size_t size, int prot, int flags, int fd,
                     off_t offset) {
    int type = flags & MAP_TYPE_MASK;
    bool bad = !size || flags & MAP_GROWSDOWN ||
               (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE);

    if (files)
        return bad ? (files->seek(fd, 0, SEEK_CUR) == -EBADF ? -EBADF : -EINVAL)
                   : files->map(hint, size, prot, flags, fd, offset);
    return fd < 0 || fd > 2 ? -EBADF : bad ? -EINVAL : -ENODEV;
}

static bool relieve(void) {
    return space_relieve && space_relieve();
}

long atman_sys_mmap(unsigned long hint, size_t size, int prot, int flags, int fd,
                    off_t offset) {
    int type = flags & MAP_TYPE_MASK;
    bool bad = !size || flags & MAP_GROWSDOWN;

    prot &= PROT_READ | PROT_WRITE | PROT_EXEC; /* Linux does not look at the rest */
    if (offset & (long)(PAGE_SIZE - 1))
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS)) /* the only descriptors are the console's */
        return map_file(hint, size, prot, flags, fd, offset);
    if (bad || (type != MAP_SHARED && type != MAP_PRIVATE))
        return -EINVAL;
    if (flags & MAP_HUGETLB) /* none are set aside */
        return -ENOMEM;
    long result = space_map_anonymous(hint, size, prot, flags);
    if (result == -ENOMEM && relieve())
        result = space_map_anonymous(hint, size, prot, flags);
    if (result >= 0 && prot &&
        (flags & (MAP_POPULATE | MAP_LOCKED) || space_locking == SPACE_LOCKED))
        space_populate((unsigned long)result, size, SPACE_ANY);
    return result;
}

long atman_sys_mprotect(unsigned long start, size_t size, int prot) {
    return space_protect(start, size, prot & ~PROTECT_SEMAPHORE);
}

long atman_sys_munmap(unsigned long start, size_t size) {
    return space_unmap(start, size);
}

long atman_sys_brk(unsigned long end) {
    unsigned long now = space_set_break(end);

    if (now < end && relieve())
        now = space_set_break(end);
    if (space_locking == SPACE_LOCKED && now > SPACE_START)
        space_populate(SPACE_START, now - SPACE_START, SPACE_ANY);
    return (long)now;
}

long atman_sys_mremap(unsigned long old, size_t old_size, size_t new_size, int flags,
                      unsigned long new) {
    long result = space_remap(old, old_size, new_size, flags, new);

    return result == -ENOMEM && relieve() ? space_remap(old, old_size, new_size, flags, new)
                                          : result;
}

/* Contents that nobody needs are kept as long as there is plenty. */
static long advise_free(unsigned long start, size_t size) {
    bool plenty = page_count_free() > page_count() / 4;

    return plenty ? space_check(start, size, SPACE_NOT_LOCKED | SPACE_NOT_SHARED)
                  : space_discard(start, size, SPACE_NOT_LOCKED | SPACE_NOT_SHARED);
}

/* Only some promise something that can be seen; the others are advice. */
long atman_sys_madvise(unsigned long start, size_t size, int advice) {
    size_t whole = ROUND_UP(size, PAGE_SIZE);

    if (start & (PAGE_SIZE - 1) || (size && !whole) || start + whole < start)
        return -EINVAL;
    switch (advice) {
    case MADV_DONTNEED:
        return space_discard(start, size, SPACE_NOT_LOCKED);
    case MADVISE_DONTNEED_LOCKED:
        return space_discard(start, size, 0);
    case MADV_REMOVE:
        return space_discard(start, size, SPACE_NOT_LOCKED | SPACE_NOT_PRIVATE);
    case MADV_FREE:
        return advise_free(start, size);
    case MADVISE_POPULATE_READ:
        return space_populate(start, size, SPACE_READ);
    case MADVISE_POPULATE_WRITE:
        return space_populate(start, size, SPACE_WRITE);
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_KEEPONFORK:
        return space_check(start, size, 0);
    case MADV_WILLNEED:
        space_fetch(start, whole);
        return space_check(start, size, 0);
    case MADV_WIPEONFORK:
        return space_check(start, size, SPACE_NOT_SHARED);
    case MADV_COLD:
    case MADV_PAGEOUT:
        return space_check(start, size, SPACE_NOT_LOCKED);
    default:
        return -EINVAL;
    }
}

long atman_sys_mincore(unsigned long start, size_t size, unsigned char *resident) {
    size_t pages = size / PAGE_SIZE + !!(size % PAGE_SIZE);
    uint8_t part[256];

    if (start & (PAGE_SIZE - 1))
        return -EINVAL;
    if (start > SPACE_END || size > SPACE_END - start)
        return -ENOMEM;
    while (pages) {
        long done = space_residency(start, MIN(pages, sizeof part), part);
        if (done < 0)
            return done;
        if (user_write(resident, part, (size_t)done))
            return -EFAULT;
        start += (size_t)done * PAGE_SIZE;
        pages -= (size_t)done;
        resident += done;
    }
    return 0;
}

long atman_sys_msync(unsigned long start, size_t size, int flags) {
    if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start & (PAGE_SIZE - 1) ||
        (flags & MS_ASYNC && flags & MS_SYNC))
        return -EINVAL;
    size = ROUND_UP(size, PAGE_SIZE); /* even if that is 0 */
    long error = space_check(start, size, flags & MS_INVALIDATE ? SPACE_NOT_LOCKED : 0);
    if (error == -EINVAL)
        return -EBUSY;
    long failed = flags & MS_SYNC ? space_sync(start, size) : 0;
    return failed ? failed : error;
}

long atman_sys_mlock2(unsigned long start, size_t size, unsigned flags) {
    if (flags & ~(unsigned)MLOCK_ON_FAULT || !round_range(&start, &size))
        return -EINVAL;
    long error = space_set_locked(start, size, flags ? SPACE_LOCKED_LAZY : SPACE_LOCKED);
    return error || flags ? error : space_populate(start, size, SPACE_READ) ? -ENOMEM : 0;
}

long atman_sys_mlock(unsigned long start, size_t size) {
    return atman_sys_mlock2(start, size, 0);
}

long atman_sys_munlock(unsigned long start, size_t size) {
    return round_range(&start, &size) ? space_set_locked(start, size, SPACE_UNLOCKED)
                                      : -EINVAL;
}

long atman_sys_mlockall(int flags) {
    if (!flags || flags == MCL_ONFAULT || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
        return -EINVAL;
    enum space_lock lock = flags & MCL_ONFAULT ? SPACE_LOCKED_LAZY : SPACE_LOCKED;
    space_lock_all(flags & MCL_CURRENT ? lock : SPACE_UNLOCKED,
                   flags & MCL_FUTURE ? lock : SPACE_UNLOCKED);
    return 0;
}

long atman_sys_munlockall(void) {
    space_lock_all(SPACE_UNLOCKED, SPACE_UNLOCKED);
    return 0;
}
