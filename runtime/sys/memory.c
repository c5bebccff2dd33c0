/* SPDX-License-Identifier: MIT */
/* System calls: memory. What they promise is mm/space.h's. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "mm/space.h"
#include "sys/calls.h"

long atman_sys_mmap(unsigned long hint, size_t size, int prot, int flags, int fd,
                    off_t offset) {
    int type = flags & (MAP_SHARED | MAP_PRIVATE);

    if (!size || !type || offset & (long)(PAGE_SIZE - 1) ||
        prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC) || flags & MAP_GROWSDOWN)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS)) /* the only descriptors are the console's */
        return fd >= 0 && fd <= 2 ? -ENODEV : -EBADF;
    return space_map(hint, size, prot, flags);
}

long atman_sys_mprotect(unsigned long start, size_t size, int prot) {
    return space_protect(start, size, prot);
}

long atman_sys_munmap(unsigned long start, size_t size) {
    return space_unmap(start, size);
}

long atman_sys_brk(unsigned long end) {
    return (long)space_set_break(end);
}

long atman_sys_mremap(unsigned long old, size_t old_size, size_t new_size, int flags,
                      unsigned long new) {
    return space_remap(old, old_size, new_size, flags, new);
}

/* Only MADV_DONTNEED promises something that can be seen; the others are advice. */
long atman_sys_madvise(unsigned long start, size_t size, int advice) {
    if (start & (PAGE_SIZE - 1) || (size && start + size - 1 < start))
        return -EINVAL;
    switch (advice) {
    case MADV_DONTNEED:
        return space_discard(start, size);
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_FREE:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_COLD:
        return space_check(start, size);
    default:
        return -EINVAL;
    }
}
