/* SPDX-License-Identifier: MIT */
/* System calls: prctl, as far as it means something to the one process of a domain. */
#include <errno.h>
#include <sys/prctl.h>

#include "base/string.h"
#include "pv/access.h"
#include "sched/thread.h"
#include "sys/calls.h"

enum { SIGNALS_MOST = 64, TIMER_SLACK_NS = 1 };

/* A longer name is cut, not refused. */
static long set_name(const char *name) {
    struct thread *t = thread_current();
    char new[sizeof t->name] = "";

    for (size_t i = 0; i < sizeof new - 1; i++) {
        long error = user_read(&new[i], name + i, 1);
        if (error)
            return error;
        if (!new[i])
            break;
    }
    memcpy(t->name, new, sizeof new);
    return 0;
}

/* What is only kept, and read back; there is nothing that it could do. */
static struct {
    bool undumpable, keep_capabilities, no_new_privileges, subreaper;
    int death_signal;
} kept;

static long set_flag(bool *flag, unsigned long value) {
    if (value > 1)
        return -EINVAL;
    *flag = value;
    return 0;
}

static long set_death_signal(unsigned long signal) {
    if (signal > SIGNALS_MOST)
        return -EINVAL;
    kept.death_signal = (int)signal;
    return 0;
}

static long write_int(unsigned long to, int value) {
    return user_write((void *)to, &value, sizeof value);
}

long atman_sys_prctl(int operation, unsigned long a, unsigned long b, unsigned long c,
                     unsigned long d) {
    switch (operation) {
    case PR_SET_NAME:
        return set_name((const char *)a);
    case PR_GET_NAME:
        return user_write((void *)a, thread_current()->name, sizeof thread_main.name);
    case PR_SET_DUMPABLE:
        if (a > 1)
            return -EINVAL;
        kept.undumpable = !a;
        return 0;
    case PR_GET_DUMPABLE:
        return !kept.undumpable;
    case PR_SET_KEEPCAPS:
        return set_flag(&kept.keep_capabilities, a);
    case PR_GET_KEEPCAPS:
        return kept.keep_capabilities;
    case PR_SET_PDEATHSIG:
        return set_death_signal(a);
    case PR_GET_PDEATHSIG:
        return write_int(a, kept.death_signal);
    case PR_SET_CHILD_SUBREAPER:
        kept.subreaper = a;
        return 0;
    case PR_GET_CHILD_SUBREAPER:
        return write_int(a, kept.subreaper);
    case PR_SET_TIMERSLACK: /* timers are as exact as they can be, whatever it is */
        return 0;
    case PR_GET_TIMERSLACK:
        return TIMER_SLACK_NS;
    case PR_SET_NO_NEW_PRIVS:
        if (a != 1 || b || c || d)
            return -EINVAL;
        kept.no_new_privileges = true;
        return 0;
    case PR_GET_NO_NEW_PRIVS:
        return a || b || c || d ? -EINVAL : kept.no_new_privileges;
    default:
        return -EINVAL;
    }
}
