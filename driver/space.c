/* SPDX-License-Identifier: MIT */
/*
 * Full disks: see space.h. When we look, the tool has often removed what it had written, so
 * a disk counts as full while there is still a little room on it.
 */
#include "space.h"

#include "memory.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { LITTLE = 256 * 1024 };

/* A device says whether it takes anything when nothing is written to it. */
static bool explain_device(const char *path) {
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool refused;

    if (fd < 0)
        return false;
    refused = write(fd, "", 0) < 0 && errno == ENOSPC;
    close(fd);
    if (refused)
        message(path, "%s", strerror(ENOSPC));
    return refused;
}

static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');

    if (!slash)
        return must_copy(".");
    return slash == path ? must_copy("/") : must_copy_part(path, (size_t)(slash - path));
}

bool space_explain(const char *path) {
    struct statvfs disk;
    struct stat st;
    char *folder;
    unsigned long long room;
    int error;

    if (stat(path, &st) == 0 && S_ISCHR(st.st_mode))
        return explain_device(path);
    folder = folder_of(path);
    error = statvfs(folder, &disk);
    free(folder);
    /* Some file systems have no size at all and report 0 blocks. */
    if (error || disk.f_blocks == 0)
        return false;
    room =
        (geteuid() == 0 ? disk.f_bfree : disk.f_bavail) * (unsigned long long)disk.f_frsize;
    if (room >= LITTLE)
        return false;
    if (room == 0)
        message(path, "%s", strerror(ENOSPC));
    else
        message(path, "not written; its disk has only %llu KiB left", room / 1024);
    return true;
}
