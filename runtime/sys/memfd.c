/* SPDX-License-Identifier: MIT */
/* System calls: files without a name. */
#include "fs/memfd.h"

#include <errno.h>

#include "base/string.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "pv/access.h"
#include "sys/calls.h"

enum {
    CLOSE_ON_EXEC = 1,
    MAY_SEAL = 2,
    NO_EXECUTE = 8,
    EXECUTE = 16,
    NAME_LIMIT = 249, /* behind "memfd:" */
};

long atman_sys_memfd_create(const char *name, unsigned flags) {
    char text[NAME_MOST + 1] = "memfd:";
    size_t size = strlen(text), least = size;
    struct file *file;

    if (flags & ~(unsigned)(CLOSE_ON_EXEC | MAY_SEAL | NO_EXECUTE | EXECUTE) ||
        (flags & NO_EXECUTE && flags & EXECUTE))
        return -EINVAL;
    for (;; size++) {
        if (size > least + NAME_LIMIT)
            return -EINVAL;
        if (user_read(&text[size], name + size - least, 1))
            return -EFAULT;
        if (!text[size])
            break;
    }
    long error = files_start();
    if (!error)
        error = memfd_make((struct name){text, size}, flags & (MAY_SEAL | NO_EXECUTE),
                           flags & NO_EXECUTE ? 0666 : 0777, &file);
    if (error)
        return error;
    if (flags & NO_EXECUTE)
        file->vnode->seals |= SEAL_EXEC;
    return fd_install_new(file, flags & CLOSE_ON_EXEC);
}
