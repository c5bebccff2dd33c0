/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc and /sys as a table. A name is in one or several directories (what a
 * process has, a thread has mostly, too); what is in a file is made by a function of its
 * own when somebody reads it from its beginning. about is whom the file is about: a
 * thread's id, 0 for the process, or a descriptor.
 */
#ifndef ATMAN_FS_PROCNODES_H
#define ATMAN_FS_PROCNODES_H

#include "fs/text.h"

/* The directories, which are also bits of a node's `in`. */
enum proc_directory {
    PROC_ROOT,
    PROC_PROCESS,
    PROC_TASKS,
    PROC_THREAD,
    PROC_FDS,
    PROC_FD_INFOS,
    PROC_NET,
    PROC_SYS,
    PROC_KERNEL,
    PROC_RANDOM,
    PROC_VM,
    PROC_SYS_NET,
    PROC_CORE,
    PROC_FS,
    SYSFS_ROOT,
    SYSFS_DEVICES,
    SYSFS_SYSTEM,
    SYSFS_CPU,
    PROC_NOWHERE, /* in no fixed place: /proc/N, task/N, fd/N, fdinfo/N */
};

enum proc_kind {
    PROC_FILE,
    PROC_DIRECTORY,
    PROC_LINK,        /* to `target` */
    PROC_LINK_THREAD, /* to the thread's directory */
    PROC_LINK_IMAGE,
    PROC_LINK_CWD,
    PROC_LINK_ROOT,
    PROC_LINK_FD,
};

struct proc_node {
    const char *name;
    uint8_t kind, directory; /* that it is */
    uint16_t mode;
    uint32_t in;
    union {
        long (*make)(struct text *text, unsigned about); /* an error is the reader's */
        const char *target;
        const char *constant; /* a file's, if PROC_CONSTANT is in `directory` */
    };
    /* NULL: cannot be written to. What was written is ended by 0. */
    long (*write)(unsigned about, char *line, size_t size);
};

enum { PROC_CONSTANT = 0xff };

extern const struct proc_node proc_nodes[];
extern const unsigned proc_node_count;

/* The first ones, which are in no fixed place. */
enum {
    PROC_NODE_PROCESS,
    PROC_NODE_THREAD,
    PROC_NODE_FD,
    PROC_NODE_FD_INFO,
    PROC_NODE_SYSFS,
    PROC_NODE_TOP,
    PROC_FIXED
};

/* procself.c: of the process. */
long proc_auxv(struct text *text, unsigned about);
long proc_cmdline(struct text *text, unsigned about);
long proc_comm(struct text *text, unsigned about);
long proc_set_comm(unsigned about, char *line, size_t size);
long proc_environ(struct text *text, unsigned about);
long proc_fd_info(struct text *text, unsigned about);
long proc_limits(struct text *text, unsigned about);
long proc_maps(struct text *text, unsigned about);
long proc_stat(struct text *text, unsigned about);
long proc_statm(struct text *text, unsigned about);
long proc_status(struct text *text, unsigned about);
const char *proc_image_path(void);

/* The first thread's id from that one on; 0: none. */
int proc_next_thread(int tid);

/* procmounts.c */
long proc_mounts(struct text *text, unsigned about);
long proc_mountinfo(struct text *text, unsigned about);

/* procsystem.c: of the machine. */
long proc_boot_id(struct text *text, unsigned about);
long proc_cpuinfo(struct text *text, unsigned about);
long proc_cpus(struct text *text, unsigned about);
long proc_file_nr(struct text *text, unsigned about);
long proc_host_name(struct text *text, unsigned about);
long proc_set_host_name(unsigned about, char *line, size_t size);
long proc_loadavg(struct text *text, unsigned about);
long proc_meminfo(struct text *text, unsigned about);
long proc_partitions(struct text *text, unsigned about);
long proc_system_stat(struct text *text, unsigned about);
long proc_uptime(struct text *text, unsigned about);
long proc_uuid(struct text *text, unsigned about);
long proc_version(struct text *text, unsigned about);

#endif
