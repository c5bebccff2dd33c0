/* SPDX-License-Identifier: MIT */
/*
 * Open files (POSIX's open file descriptions) and the table of descriptors that refer to
 * them. What a kind of file does is in its struct file_ops; an operation that is NULL is
 * answered here, as Linux answers it.
 */
#ifndef ATMAN_FS_FILE_H
#define ATMAN_FS_FILE_H

#include <sys/types.h>

#include "fs/ahead.h"
#include "fs/transfer.h"
#include "sched/mutex.h"
#include "sched/ready.h"

struct async;
struct entry;
struct file;
struct object;
struct stat;
struct vnode;

struct file_ops {
    /*
     * Move as much as can be without waiting; the number of bytes, or an error. -EAGAIN
     * where nothing can be done now: unless the file is O_NONBLOCK the call is made again
     * when `ready` has been notified. position is NULL for what has none; the file's own,
     * with its lock held, or pread's.
     */
    long (*read)(struct file *file, struct transfer *to, int64_t *position);
    long (*write)(struct file *file, struct transfer *from, int64_t *position);

    /* What is true now, of POLL*; NULL: always readable and writable. */
    unsigned (*poll)(struct file *file);
    /* What is notified when that may have changed; NULL, or returns NULL: it never does. */
    struct ready *(*ready)(struct file *file);

    long (*ioctl)(struct file *file, unsigned request, unsigned long argument);
    /* Where the position is then; NULL: -ESPIPE. Locked as for read. */
    long (*seek)(struct file *file, int64_t offset, int whence);
    /* NULL: of its vnode; without one that of an anonymous inode. */
    long (*stat)(struct file *file, struct stat *stat);
    /* What can be mapped, with a reference; NULL: -ENODEV. prot and flags are mmap's, and
     * the file was opened with the rights for them. */
    long (*map)(struct file *file, int prot, int flags, struct object **object);
    /* As file_sync; NULL: the vnode's. */
    long (*sync)(struct file *file, int64_t start, int64_t end, bool data_only);
    /* Opened anew through its name in /proc/self/fd, with the flags that file has, whose
     * object is to be set; NULL: -ENXIO. For what has no path. */
    long (*reopen)(struct file *of, struct file *file);
    /* The status flags (O_APPEND, O_NONBLOCK, …) are to become these; NULL: they do. */
    long (*set_flags)(struct file *file, unsigned flags);
    /* A descriptor of it is closed, though others may be left: locks go. */
    void (*flush)(struct file *file);
    /* The last reference is gone. The file itself is freed by the caller. */
    void (*release)(struct file *file);

    const char *name; /* in /proc/self/fd, where there is no path: "anon_inode:[eventfd]" */
    bool is_zeros;    /* a mapping of it is anonymous memory */
    bool waits;       /* read and write wait by themselves */
    bool signals;     /* O_ASYNC means something; there is always a ready() then */
    bool has_position; /* it is read and written at a position: pread and lseek work */
};

struct file {
    const struct file_ops *ops;
    uint32_t references; /* atomic */
    uint32_t flags;      /* O_*: access mode and status; atomic */
    struct mutex lock;   /* of position */
    uint32_t failures;   /* of the vnode, that its user was told of (vnode_failure) */
    int64_t position;
    struct entry *entry;  /* where it was opened, or NULL; a reference */
    struct vnode *vnode;  /* the entry's, or NULL; a reference */
    void *object;         /* the kind's own */
    unsigned long word;   /* the kind's own, too */
    struct ahead ahead;   /* of a regular one, under its vnode's lock */
    struct async *async;  /* fs/async.c; NULL: never */
    struct list watchers; /* epoll's items on it (fs/epoll.c); {NULL} if there were none */
};

/* A new one with one reference, or NULL: no memory. */
struct file *file_make(const struct file_ops *ops, unsigned flags, void *object);

static inline struct file *file_hold(struct file *file) {
    __atomic_add_fetch(&file->references, 1, __ATOMIC_SEQ_CST);
    return file;
}

void file_drop(struct file *file);

/* What fs/epoll.c knows of a file that goes; NULL as long as there is no epoll. */
extern void (*file_forget)(struct file *file);

/* Its access mode lets it be read, or written. Neither with O_PATH, nor with mode 3. */
bool file_reads(const struct file *file);
bool file_writes(const struct file *file);

/* A regular file that is open for writing: its mount cannot become read-only. */
bool file_is_writer(const struct file *file);

/* table.c */

/*
 * The lowest free descriptor from lowest on now refers to the file and has taken over the
 * caller's reference. -EMFILE, -ENOMEM: it has not.
 */
long fd_install(struct file *file, bool close_on_exec, int lowest);

/*
 * The lowest free descriptor is kept for a file that is to be opened; nobody can use it
 * until fd_settle: it refers to that file, whose reference is taken over, or, with NULL, is
 * free again. -EMFILE, -ENOMEM.
 */
long fd_reserve(void);
void fd_settle(int fd, struct file *file, bool close_on_exec);

/* fd_install, that drops the file if it fails. file may be NULL: -ENOMEM. */
long fd_install_new(struct file *file, bool close_on_exec);

/* fd, which may be in use, refers to the file: dup2. -EBADF, -EBUSY: it is reserved. Takes
 * over the reference. */
long fd_replace(struct file *file, bool close_on_exec, int fd);

/* With a reference; NULL: it is not open. */
struct file *fd_get(int fd);

/* -EBADF. */
long fd_close(int fd);

/* The flag of the descriptor: what it was, and sets it if set is 0 or 1. -EBADF. */
long fd_close_on_exec(int fd, int set);

/* The first open descriptor from fd on, or -1. */
int fd_next(int fd);

/* How many are open. */
unsigned fd_count(void);

/* io.c: what the calls do, with waiting. position NULL: the file's own. */
long file_read(struct file *file, struct transfer *to, int64_t *position);
long file_write(struct file *file, struct transfer *from, int64_t *position);
unsigned file_poll(struct file *file);
struct ready *file_ready(struct file *file);
long file_ioctl(struct file *file, unsigned request, unsigned long argument);
long file_seek(struct file *file, int64_t offset, int whence);
long file_stat(struct file *file, struct stat *stat);

/* fsync of bytes [start, end), and what write-back has failed that this file was not told
 * of yet. -EINVAL: it is not kept anywhere. */
long file_sync(struct file *file, int64_t start, int64_t end, bool data_only);

/* The status flags that may be set (fcntl F_SETFL) become these. */
long file_set_flags(struct file *file, unsigned flags);

#endif
