/* SPDX-License-Identifier: MIT */
/* What the program's pointers point to, as text. The layouts are Linux's for x86-64. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>

#include "signal/signal.h"
#include "trace/arguments.h"

static void add_timespec(struct trace_text *text, const struct timespec *t) {
    trace_add(text, "{tv_sec=%ld, tv_nsec=%ld}", t->tv_sec, t->tv_nsec);
}

static void add_timeval(struct trace_text *text, const struct timeval *t) {
    trace_add(text, "{tv_sec=%ld, tv_usec=%ld}", t->tv_sec, t->tv_usec);
}

static void add_itimerspec(struct trace_text *text, const struct itimerspec *t) {
    trace_add(text, "{it_interval=");
    add_timespec(text, &t->it_interval);
    trace_add(text, ", it_value=");
    add_timespec(text, &t->it_value);
    trace_add(text, "}");
}

static void add_itimerval(struct trace_text *text, const struct itimerval *t) {
    trace_add(text, "{it_interval=");
    add_timeval(text, &t->it_interval);
    trace_add(text, ", it_value=");
    add_timeval(text, &t->it_value);
    trace_add(text, "}");
}

/* As strace has it: the shorter of "these" and "all but these". */
static void add_set(struct trace_text *text, uint64_t set) {
    bool most = __builtin_popcountl(set) > 40;
    const char *space = "";

    trace_add(text, most ? "~[" : "[");
    if (most)
        set = ~set;
    for (; set; set &= set - 1) {
        trace_add(text, "%s", space);
        trace_add_signal(text, __builtin_ctzl(set) + 1);
        space = " ";
    }
    trace_add(text, "]");
}

static void add_handler(struct trace_text *text, void (*handler)(int)) {
    if (handler == SIG_DFL)
        trace_add(text, "SIG_DFL");
    else if (handler == SIG_IGN)
        trace_add(text, "SIG_IGN");
    else
        trace_add_address(text, (unsigned long)handler);
}

static void add_sigaction(struct trace_text *text, const struct signal_action *action) {
    static const struct {
        unsigned long flag;
        char name[16];
    } flags[] = {
        {SA_NOCLDSTOP, "SA_NOCLDSTOP"}, {SA_NOCLDWAIT, "SA_NOCLDWAIT"},
        {SA_SIGINFO, "SA_SIGINFO"},     {SA_ONSTACK, "SA_ONSTACK"},
        {SA_RESTART, "SA_RESTART"},     {SA_NODEFER, "SA_NODEFER"},
        {SA_RESETHAND, "SA_RESETHAND"}, {0x4000000, "SA_RESTORER"},
    };
    unsigned long rest = action->flags;
    const char *bar = "";

    trace_add(text, "{sa_handler=");
    add_handler(text, action->handler);
    trace_add(text, ", sa_mask=");
    add_set(text, action->mask);
    trace_add(text, ", sa_flags=");
    for (unsigned i = 0; i < ARRAY_SIZE(flags); i++)
        if (rest & flags[i].flag) {
            trace_add(text, "%s%s", bar, flags[i].name);
            rest &= ~flags[i].flag;
            bar = "|";
        }
    if (rest || !action->flags)
        trace_add(text, rest ? "%s0x%lx" : "%s0", bar, rest);
    trace_add(text, "}");
}

static void add_limit(struct trace_text *text, rlim_t limit) {
    if (limit == RLIM_INFINITY)
        trace_add(text, "RLIM_INFINITY");
    else
        trace_add(text, "%lu", (unsigned long)limit);
}

static void add_rlimit(struct trace_text *text, const struct rlimit *limit) {
    trace_add(text, "{rlim_cur=");
    add_limit(text, limit->rlim_cur);
    trace_add(text, ", rlim_max=");
    add_limit(text, limit->rlim_max);
    trace_add(text, "}");
}

static void add_rusage(struct trace_text *text, const struct rusage *usage) {
    trace_add(text, "{ru_utime=");
    add_timeval(text, &usage->ru_utime);
    trace_add(text, ", ru_stime=");
    add_timeval(text, &usage->ru_stime);
    trace_add(text, ", ...}");
}

static void add_mode(struct trace_text *text, mode_t mode) {
    static const char types[][9] = {
        [1] = "S_IFIFO", [2] = "S_IFCHR",  [4] = "S_IFDIR",   [6] = "S_IFBLK",
        [8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK", [15] = ""};
    const char *type = types[mode >> 12 & 15];

    trace_add(text, "%s%s0%u%u%u", type, *type ? "|" : "", mode >> 6 & 7, mode >> 3 & 7,
              mode & 7);
}

static void add_stat(struct trace_text *text, const struct stat *stat) {
    trace_add(text, "{st_mode=");
    add_mode(text, stat->st_mode);
    trace_add(text, ", st_size=%ld, ...}", stat->st_size);
}

static void add_stack(struct trace_text *text, const stack_t *stack) {
    trace_add(text, "{ss_sp=");
    trace_add_address(text, (unsigned long)stack->ss_sp);
    trace_add(text, ", ss_flags=%s, ss_size=%lu}",
              stack->ss_flags & SS_DISABLE   ? "SS_DISABLE"
              : stack->ss_flags & SS_ONSTACK ? "SS_ONSTACK"
                                             : "0",
              stack->ss_size);
}

static void add_siginfo(struct trace_text *text, const siginfo_t *info) {
    trace_add(text, "{si_signo=");
    trace_add_signal(text, info->si_signo);
    trace_add(text, ", si_code=%d, ...}", info->si_code);
}

static void add_sigevent(struct trace_text *text, const struct sigevent *event) {
    static const char ways[][16] = {[SIGEV_SIGNAL] = "SIGEV_SIGNAL",
                                    [SIGEV_NONE] = "SIGEV_NONE",
                                    [SIGEV_THREAD] = "SIGEV_THREAD",
                                    [SIGEV_THREAD_ID] = "SIGEV_THREAD_ID"};
    unsigned way = (unsigned)event->sigev_notify;

    trace_add(text, "{sigev_signo=");
    trace_add_signal(text, event->sigev_signo);
    if (way < ARRAY_SIZE(ways) && *ways[way])
        trace_add(text, ", sigev_notify=%s, ...}", ways[way]);
    else
        trace_add(text, ", sigev_notify=%d, ...}", event->sigev_notify);
}

static void add_sysinfo(struct trace_text *text, const struct sysinfo *info) {
    trace_add(text, "{uptime=%lu, totalram=%lu, freeram=%lu, procs=%u, mem_unit=%u, ...}",
              info->uptime, info->totalram, info->freeram, info->procs, info->mem_unit);
}

/* Of a name, what a reader of a trace wants: not all of its 390 bytes. */
static void add_utsname(struct trace_text *text, unsigned long address) {
    trace_add(text, "{sysname=");
    trace_add_string(text, address + offsetof(struct utsname, sysname));
    trace_add(text, ", nodename=");
    trace_add_string(text, address + offsetof(struct utsname, nodename));
    trace_add(text, ", ...}");
}

union structure {
    int numbers[2];
    long number;
    struct itimerspec itimerspec;
    struct itimerval itimerval;
    struct rlimit rlimit;
    struct rusage rusage;
    struct signal_action sigaction;
    struct sigevent sigevent;
    siginfo_t siginfo;
    uint64_t sigset;
    stack_t stack;
    struct stat stat;
    struct sysinfo sysinfo;
    struct timespec timespec;
    struct timeval timeval;
};

static void add(struct trace_text *text, enum trace_kind kind, const union structure *s) {
    switch (kind) {
    case AS_INT_AT:
        trace_add(text, "[%d]", s->numbers[0]);
        break;
    case AS_INT_PAIR:
        trace_add(text, "[%d, %d]", s->numbers[0], s->numbers[1]);
        break;
    case AS_LONG_AT:
        trace_add(text, "[0x%lx]", s->number);
        break;
    case AS_ITIMERSPEC:
        add_itimerspec(text, &s->itimerspec);
        break;
    case AS_ITIMERVAL:
        add_itimerval(text, &s->itimerval);
        break;
    case AS_RLIMIT:
        add_rlimit(text, &s->rlimit);
        break;
    case AS_RUSAGE:
        add_rusage(text, &s->rusage);
        break;
    case AS_SIGACTION:
        add_sigaction(text, &s->sigaction);
        break;
    case AS_SIGEVENT:
        add_sigevent(text, &s->sigevent);
        break;
    case AS_SIGINFO:
        add_siginfo(text, &s->siginfo);
        break;
    case AS_SIGSET:
        add_set(text, s->sigset);
        break;
    case AS_STACK:
        add_stack(text, &s->stack);
        break;
    case AS_STAT:
        add_stat(text, &s->stat);
        break;
    case AS_SYSINFO:
        add_sysinfo(text, &s->sysinfo);
        break;
    case AS_TIMESPEC:
        add_timespec(text, &s->timespec);
        break;
    default: /* AS_TIMEVAL */
        add_timeval(text, &s->timeval);
    }
}

void trace_add_structure(struct trace_text *text, enum trace_kind kind,
                         unsigned long address) {
    static const uint16_t sizes[AS_END] = {
        [AS_INT_AT] = sizeof(int),
        [AS_INT_PAIR] = sizeof(int[2]),
        [AS_ITIMERSPEC] = sizeof(struct itimerspec),
        [AS_ITIMERVAL] = sizeof(struct itimerval),
        [AS_LONG_AT] = sizeof(long),
        [AS_RLIMIT] = sizeof(struct rlimit),
        [AS_RUSAGE] = sizeof(struct rusage),
        [AS_SIGACTION] = sizeof(struct signal_action),
        [AS_SIGEVENT] = sizeof(struct sigevent),
        [AS_SIGINFO] = sizeof(siginfo_t),
        [AS_SIGSET] = sizeof(uint64_t),
        [AS_STACK] = sizeof(stack_t),
        [AS_STAT] = sizeof(struct stat),
        [AS_SYSINFO] = sizeof(struct sysinfo),
        [AS_TIMESPEC] = sizeof(struct timespec),
        [AS_TIMEVAL] = sizeof(struct timeval),
    };
    union structure structure;

    if (kind == AS_UTSNAME && trace_read(&structure, address, 1))
        add_utsname(text, address);
    else if (kind != AS_UTSNAME && trace_read(&structure, address, sizes[kind]))
        add(text, kind, &structure);
    else
        trace_add_address(text, address);
}
