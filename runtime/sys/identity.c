/* SPDX-License-Identifier: MIT */
/*
 * System calls: who the process is. It is the first and only one, of a session, a group
 * and a user of its own, all of which it remains: nothing in the domain is anybody else's.
 */
#include <errno.h>

#include "fs/hooks.h"
#include "pv/access.h"
#include "sys/calls.h"

enum { ROOT = 0, GROUPS_MOST = 65536, FILE_MODE = 0777 };

long atman_sys_getuid(void) {
    return ROOT;
}

long atman_sys_getgid(void) {
    return ROOT;
}

long atman_sys_geteuid(void) {
    return ROOT;
}

long atman_sys_getegid(void) {
    return ROOT;
}

/* Users and groups alike. */
static long get_ids(unsigned *real, unsigned *effective, unsigned *saved) {
    static const unsigned root = ROOT;
    long error = user_write(real, &root, sizeof root);

    if (!error)
        error = user_write(effective, &root, sizeof root);
    return error ? error : user_write(saved, &root, sizeof root);
}

/* -1 is no change. */
static bool stays(unsigned id) {
    return id == ROOT || id == (unsigned)-1;
}

static long set_id(unsigned id) {
    return id == ROOT ? 0 : id == (unsigned)-1 ? -EINVAL : -EPERM;
}

long atman_sys_getresuid(unsigned *real, unsigned *effective, unsigned *saved) {
    return get_ids(real, effective, saved);
}

long atman_sys_getresgid(unsigned *real, unsigned *effective, unsigned *saved) {
    return get_ids(real, effective, saved);
}

long atman_sys_setuid(unsigned id) {
    return set_id(id);
}

long atman_sys_setgid(unsigned id) {
    return set_id(id);
}

long atman_sys_setreuid(unsigned real, unsigned effective) {
    return stays(real) && stays(effective) ? 0 : -EPERM;
}

long atman_sys_setregid(unsigned real, unsigned effective) {
    return stays(real) && stays(effective) ? 0 : -EPERM;
}

long atman_sys_setresuid(unsigned real, unsigned effective, unsigned saved) {
    return stays(real) && stays(effective) && stays(saved) ? 0 : -EPERM;
}

long atman_sys_setresgid(unsigned real, unsigned effective, unsigned saved) {
    return stays(real) && stays(effective) && stays(saved) ? 0 : -EPERM;
}

/* These return what it was, whether it was set or not. */
long atman_sys_setfsuid(unsigned id) {
    (void)id;
    return ROOT;
}

long atman_sys_setfsgid(unsigned id) {
    (void)id;
    return ROOT;
}

long atman_sys_getgroups(int size, unsigned *groups) {
    (void)groups; /* there are none beside the first */
    return size < 0 ? -EINVAL : 0;
}

long atman_sys_setgroups(size_t count, const unsigned *groups) {
    (void)groups;
    return count > GROUPS_MOST ? -EINVAL : count ? -EPERM : 0;
}

static bool is_here(int pid) {
    return pid == 0 || pid == THE_PROCESS;
}

long atman_sys_getpgrp(void) {
    return THE_PROCESS;
}

long atman_sys_getpgid(int pid) {
    return is_here(pid) ? THE_PROCESS : -ESRCH;
}

long atman_sys_getsid(int pid) {
    return is_here(pid) ? THE_PROCESS : -ESRCH;
}

/* The leader of a session stays in its group, and cannot begin another session. */
long atman_sys_setpgid(int pid, int group) {
    return group < 0 ? -EINVAL : is_here(pid) ? -EPERM : -ESRCH;
}

long atman_sys_setsid(void) {
    return -EPERM;
}

long atman_sys_umask(unsigned mask) {
    return __atomic_exchange_n(&file_mask, mask & FILE_MODE, __ATOMIC_SEQ_CST);
}
