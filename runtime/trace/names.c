/* SPDX-License-Identifier: MIT */
/* Values and flags by their names in the C library's headers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "trace/arguments.h"

/* Linux's, which no header of the C library has. */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_FD 2
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP 5
#define FUTEX_LOCK_PI 6
#define FUTEX_UNLOCK_PI 7
#define FUTEX_TRYLOCK_PI 8
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI 12
#define FUTEX_LOCK_PI2 13
#define FUTEX_PRIVATE_FLAG 128
#define FUTEX_CLOCK_REALTIME 256
#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

struct name {
    unsigned value;
    const char *name;
};

/* Names of values, of flags, or of a value in the bits below mask and flags above. */
struct names {
    const struct name *list;
    unsigned count;
    unsigned values; /* mask of the bits that hold a value; the others are flags */
};

#define N(name) {name, #name}
#define LIST(kind, ...) static const struct name kind##_names[] = {__VA_ARGS__}

LIST(advice, N(MADV_NORMAL), N(MADV_RANDOM), N(MADV_SEQUENTIAL), N(MADV_WILLNEED),
     N(MADV_DONTNEED), N(MADV_FREE), N(MADV_REMOVE), N(MADV_DONTFORK), N(MADV_DOFORK),
     N(MADV_MERGEABLE), N(MADV_UNMERGEABLE), N(MADV_HUGEPAGE), N(MADV_NOHUGEPAGE),
     N(MADV_DONTDUMP), N(MADV_DODUMP));
LIST(arch_prctl, N(ARCH_SET_GS), N(ARCH_SET_FS), N(ARCH_GET_FS), N(ARCH_GET_GS));
LIST(clock, N(CLOCK_REALTIME), N(CLOCK_MONOTONIC), N(CLOCK_PROCESS_CPUTIME_ID),
     N(CLOCK_THREAD_CPUTIME_ID), N(CLOCK_MONOTONIC_RAW), N(CLOCK_REALTIME_COARSE),
     N(CLOCK_MONOTONIC_COARSE), N(CLOCK_BOOTTIME), N(CLOCK_REALTIME_ALARM),
     N(CLOCK_BOOTTIME_ALARM), N(CLOCK_TAI));
LIST(clone, N(CLONE_VM), N(CLONE_FS), N(CLONE_FILES), N(CLONE_SIGHAND), N(CLONE_VFORK),
     N(CLONE_THREAD), N(CLONE_SYSVSEM), N(CLONE_SETTLS), N(CLONE_PARENT_SETTID),
     N(CLONE_CHILD_CLEARTID), N(CLONE_DETACHED), N(CLONE_CHILD_SETTID));
LIST(fcntl, N(F_DUPFD), N(F_GETFD), N(F_SETFD), N(F_GETFL), N(F_SETFL), N(F_GETLK),
     N(F_SETLK), N(F_SETLKW), N(F_SETOWN), N(F_GETOWN), N(F_DUPFD_CLOEXEC));
LIST(futex, N(FUTEX_WAIT), N(FUTEX_WAKE), N(FUTEX_FD), N(FUTEX_REQUEUE),
     N(FUTEX_CMP_REQUEUE), N(FUTEX_WAKE_OP), N(FUTEX_LOCK_PI), N(FUTEX_UNLOCK_PI),
     N(FUTEX_TRYLOCK_PI), N(FUTEX_WAIT_BITSET), N(FUTEX_WAKE_BITSET),
     N(FUTEX_WAIT_REQUEUE_PI), N(FUTEX_CMP_REQUEUE_PI), N(FUTEX_LOCK_PI2),
     N(FUTEX_PRIVATE_FLAG), N(FUTEX_CLOCK_REALTIME));
LIST(ioctl, N(TCGETS), N(TCSETS), N(TCSETSW), N(TCSETSF), N(TIOCGWINSZ), N(TIOCSWINSZ),
     N(FIONREAD), N(FIONBIO), N(TIOCGPGRP), N(TIOCSPGRP));
LIST(itimer, N(ITIMER_REAL), N(ITIMER_VIRTUAL), N(ITIMER_PROF));
LIST(map, N(MAP_SHARED), N(MAP_PRIVATE), N(MAP_SHARED_VALIDATE), N(MAP_FIXED),
     N(MAP_ANONYMOUS), N(MAP_GROWSDOWN), N(MAP_DENYWRITE), N(MAP_LOCKED), N(MAP_NORESERVE),
     N(MAP_POPULATE), N(MAP_NONBLOCK), N(MAP_STACK), N(MAP_HUGETLB),
     N(MAP_FIXED_NOREPLACE));
LIST(msync, N(MS_ASYNC), N(MS_INVALIDATE), N(MS_SYNC));
LIST(open, N(O_RDONLY), N(O_WRONLY), N(O_RDWR), N(O_CREAT), N(O_EXCL), N(O_NOCTTY),
     N(O_TRUNC), N(O_APPEND), N(O_NONBLOCK), N(O_DIRECTORY), N(O_NOFOLLOW), N(O_CLOEXEC),
     N(O_PATH), N(O_LARGEFILE), N(O_SYNC));
LIST(policy, N(SCHED_OTHER), N(SCHED_FIFO), N(SCHED_RR), N(SCHED_BATCH), N(SCHED_IDLE));
LIST(prctl, N(PR_SET_PDEATHSIG), N(PR_GET_DUMPABLE), N(PR_SET_DUMPABLE), N(PR_SET_NAME),
     N(PR_GET_NAME), N(PR_SET_TIMERSLACK), N(PR_GET_TIMERSLACK), N(PR_SET_NO_NEW_PRIVS),
     N(PR_GET_NO_NEW_PRIVS));
LIST(prot, N(PROT_NONE), N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC), N(PROT_GROWSDOWN),
     N(PROT_GROWSUP));
LIST(random, N(GRND_NONBLOCK), N(GRND_RANDOM), N(GRND_INSECURE));
LIST(remap, N(MREMAP_MAYMOVE), N(MREMAP_FIXED), N(MREMAP_DONTUNMAP));
LIST(resource, N(RLIMIT_CPU), N(RLIMIT_FSIZE), N(RLIMIT_DATA), N(RLIMIT_STACK),
     N(RLIMIT_CORE), N(RLIMIT_RSS), N(RLIMIT_NPROC), N(RLIMIT_NOFILE), N(RLIMIT_MEMLOCK),
     N(RLIMIT_AS), N(RLIMIT_LOCKS), N(RLIMIT_SIGPENDING), N(RLIMIT_MSGQUEUE),
     N(RLIMIT_NICE), N(RLIMIT_RTPRIO), N(RLIMIT_RTTIME));
LIST(rusage_who, N(RUSAGE_SELF), N(RUSAGE_CHILDREN), N(RUSAGE_THREAD));
LIST(signal_how, N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK));
LIST(timer_flags, N(TIMER_ABSTIME));
LIST(whence, N(SEEK_SET), N(SEEK_CUR), N(SEEK_END), N(SEEK_DATA), N(SEEK_HOLE));
LIST(signal, N(SIGHUP), N(SIGINT), N(SIGQUIT), N(SIGILL), N(SIGTRAP), N(SIGABRT), N(SIGBUS),
     N(SIGFPE), N(SIGKILL), N(SIGUSR1), N(SIGSEGV), N(SIGUSR2), N(SIGPIPE), N(SIGALRM),
     N(SIGTERM), N(SIGSTKFLT), N(SIGCHLD), N(SIGCONT), N(SIGSTOP), N(SIGTSTP), N(SIGTTIN),
     N(SIGTTOU), N(SIGURG), N(SIGXCPU), N(SIGXFSZ), N(SIGVTALRM), N(SIGPROF), N(SIGWINCH),
     N(SIGIO), N(SIGPWR), N(SIGSYS));

/* Made from the C library's errno.h: {number, "name"}, for each. */
static const struct name error_names[] = {
#include "errors.inc"
};

#define NAMES(kind, values) {kind##_names, ARRAY_SIZE(kind##_names), values}
#define VALUES ~0u
#define FLAGS 0u

/* Appends |name, or name if it is the first. */
static void add_flag(struct trace_text *text, bool *first, const char *name) {
    trace_add(text, *first ? "%s" : "|%s", name);
    *first = false;
}

static const char *find(const struct names *names, unsigned value) {
    for (unsigned i = 0; i < names->count; i++)
        if (names->list[i].value == value)
            return names->list[i].name;
    return NULL;
}

static void add_names(struct trace_text *text, const struct names *names, unsigned value) {
    const char *name = find(names, value & names->values);
    unsigned flags = value & ~names->values;
    bool first = true;

    if (name && (names->values || !value))
        add_flag(text, &first, name);
    else
        flags = value;
    for (unsigned i = 0; i < names->count && flags; i++) {
        unsigned flag = names->list[i].value;
        if (flag && !(flag & names->values) && (flags & flag) == flag) {
            add_flag(text, &first, names->list[i].name);
            flags &= ~flag;
        }
    }
    if (flags || first)
        trace_add(text, first ? flags ? "0x%x" : "%u" : "|0x%x", flags);
}

void trace_add_name(struct trace_text *text, enum trace_kind kind, unsigned long value) {
    static const struct names names[AS_NAMES_END] = {
        [AS_ADVICE] = NAMES(advice, VALUES),
        [AS_ARCH_PRCTL] = NAMES(arch_prctl, VALUES),
        [AS_CLOCK] = NAMES(clock, VALUES),
        [AS_CLONE] = NAMES(clone, FLAGS),
        [AS_FCNTL] = NAMES(fcntl, VALUES),
        [AS_FUTEX] = NAMES(futex, 127u),
        [AS_IOCTL] = NAMES(ioctl, VALUES),
        [AS_ITIMER] = NAMES(itimer, VALUES),
        [AS_MAP] = NAMES(map, MAP_TYPE),
        [AS_MSYNC] = NAMES(msync, FLAGS),
        [AS_OPEN] = NAMES(open, 3u),
        [AS_POLICY] = NAMES(policy, VALUES),
        [AS_PRCTL] = NAMES(prctl, VALUES),
        [AS_PROT] = NAMES(prot, FLAGS),
        [AS_RANDOM] = NAMES(random, FLAGS),
        [AS_REMAP] = NAMES(remap, FLAGS),
        [AS_RESOURCE] = NAMES(resource, VALUES),
        [AS_RUSAGE_WHO] = NAMES(rusage_who, VALUES),
        [AS_SIGNAL_HOW] = NAMES(signal_how, VALUES),
        [AS_TIMER_FLAGS] = NAMES(timer_flags, FLAGS),
        [AS_WHENCE] = NAMES(whence, VALUES),
    };

    add_names(text, &names[kind], (unsigned)value);
}

void trace_add_signal(struct trace_text *text, int signal) {
    static const struct names names = NAMES(signal, VALUES);
    const char *name = find(&names, (unsigned)signal);

    if (name)
        trace_add(text, "%s", name);
    else if (signal >= 32 && signal <= 64)
        trace_add(text, "SIGRT_%d", signal - 32);
    else
        trace_add(text, "%d", signal);
}

void trace_add_error(struct trace_text *text, int error) {
    static const struct names names = NAMES(error, VALUES);
    const char *name = find(&names, (unsigned)error);

    if (name)
        trace_add(text, "%s", name);
    else
        trace_add(text, "%d", error);
}
