/* SPDX-License-Identifier: MIT */
/* What is there before the first descriptor of the program's own: the root, 0, 1 and 2. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "console/console.h"
#include "fs/build.h"
#include "fs/calls.h"
#include "fs/device.h"
#include "fs/etc.h"
#include "fs/hooks.h"
#include "fs/open.h"
#include "fs/populate.h"
#include "fs/proc.h"
#include "fs/ramfs.h"
#include "init/config.h"
#include "init/shutdown.h"
#include "log/log.h"

static const struct files calls = {
    .read = files_read,
    .write = files_write,
    .readv = files_readv,
    .writev = files_writev,
    .close = fd_close,
    .stat = files_stat,
    .seek = files_seek,
    .ioctl = files_ioctl,
    .control = files_control,
    .map = files_map,
};

/* The command line's: what is not there is no small mistake. */
static long set_working(void) {
    struct entry *directory;

    if (!config.cwd)
        return 0;
    long error = path_find_own(config.cwd, &directory);
    if (!error && !S_ISDIR(directory->vnode->mode)) {
        entry_drop(directory);
        error = -ENOTDIR;
    }
    if (!error) {
        path_set_working(directory);
    } else if (error != -ENOMEM) {
        log_error("atman.cwd=%s: no such folder", config.cwd);
        shutdown_with_status(125);
    }
    return error;
}

static long make_root(void) {
    struct mount *mount = ramfs_make("rootfs", "rootfs", 0755, NULL);

    if (!mount)
        return -ENOMEM;
    list_insert(&mount->node, &mounts);
    path_set_root(entry_hold(mount->root));
    path_set_working(entry_hold(mount->root));
    long error = device_make_all();
    if (!error)
        error = build_directory("/tmp", 01777);
    if (!error)
        error = populate_root();
    if (!error)
        error = proc_start();
    if (!error)
        error = etc_make();
    return error ? error : set_working();
}

/* The console is what it was; one that was closed is free. */
static long install_console(void) {
    struct entry *console;
    struct file *file;
    long error = path_find_own("/dev/console", &console);

    for (int fd = 0; fd < 3 && !error; fd++) {
        if (console_closed[fd])
            continue;
        error = open_vnode(console->vnode, console, O_RDWR, &file);
        if (error)
            break;
        file->word = fd == 2 ? CONSOLE_ERR : CONSOLE_OUT;
        long result = fd_replace(file, console_close_on_exec[fd], fd);
        error = result < 0 ? result : 0;
    }
    return error;
}

static long start(void) {
    static bool has_root;
    long error = has_root ? 0 : make_root();

    if (!has_root && !error) {
        struct entry *dev;
        error = path_find_own("/dev", &dev);
        if (!error) {
            device_directory = vnode_hold(dev->vnode);
            entry_drop(dev);
        }
    }
    has_root |= !error;
    if (!error)
        error = install_console();
    if (!error)
        files = &calls;
    return error;
}

long files_start(void) {
    static struct mutex mutex;
    long error = 0;

    if (files)
        return 0;
    mutex_take(&mutex);
    if (!files)
        error = start();
    mutex_drop(&mutex);
    return error;
}
