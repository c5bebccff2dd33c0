/* SPDX-License-Identifier: MIT */
/*
 * Random system calls with random arguments, from several threads, by the instruction: the
 * domain goes on, results are errnos or what the call may return, and no memory changes but
 * what a call was given. Left out is what ends the program, or takes away what this one
 * stands on: `limit` says how.
 */
// stdout-from: checks
// vcpus: 1 2 4
// memory: 48M
// timeout: 120
#define _GNU_SOURCE
#include "raw/raw.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"
#include "random.h"

enum {
    WORKERS = 4,
    CALLS = 6000,
    PAGE = 4096,
    SCRATCH = 16 * PAGE,
    LOWEST_USED = 0x10000, /* addresses of the image and its stack */
    HIGHEST_USED = 0x10000000,
    LAST_NUMBER = 600,
    MAX_ERRNO = 4095,
    FUTEX_COMMAND = 0x7f,
};

/*
 * What a worker's calls are given: memory to write to, with a hole behind, and addresses
 * whose mapping may be changed, with nothing else behind them for a long way.
 */
struct worker {
    pthread_t thread;
    uint64_t random;
    char *scratch, *arena;
    long number, a[6], result;
    volatile int done;
};

static struct worker workers[WORKERS];
static char *read_only, *hidden, *hole;
static sigset_t usual;
static volatile long handled;

/* Must be as they are, whatever the calls do. */
static unsigned char before[PAGE], constant[PAGE], behind[PAGE];

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    __atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
}

/* splitmix64, as in random.h, for each worker */
static uint64_t next(struct worker *w) {
    uint64_t z = w->random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static uint64_t below(struct worker *w, uint64_t limit) {
    return next(w) % limit;
}

/* What is no good address of data, or none that may be written. */
static long bad_address(struct worker *w) {
    const unsigned long bad[] = {
        0,
        1,
        8,
        PAGE - 1,
        (unsigned long)read_only + below(w, PAGE - 64), /* may be read */
        (unsigned long)hidden + below(w, PAGE),
        (unsigned long)hole + below(w, PAGE),
        (unsigned long)count,
        1ul << 46,
        (1ul << 47) - PAGE,
        (1ul << 47) - 1,
        1ul << 47,
        1ul << 63,
        0xffff800000000000 + below(w, 1ul << 43), /* Xen */
        0xffff888000000000,
        -4096ul - below(w, PAGE),
        -8ul,
        -1ul,
        0xdeadbeefcafef00d,
        0x0000080000000000 + below(w, 1ul << 30), /* its table of frames */
    };

    return (long)bad[below(w, sizeof bad / sizeof *bad)];
}

static long good_address(struct worker *w) {
    unsigned long at = below(w, 4) ? below(w, SCRATCH / 8) * 8 : below(w, SCRATCH);

    return (long)(w->scratch + (below(w, 4) ? at : SCRATCH - below(w, 256)));
}

static long number(struct worker *w) {
    static const long extremes[] = {
        0,          1,          -1,       2,        3,          -2,          4096,
        4095,       8,          64,       65,       0x7fffffff, -0x7fffffff, 1l << 31,
        1l << 32,   0xffffffff, 1l << 47, 1l << 62, INT64_MAX,  INT64_MIN,   INT64_MIN + 1,
        1000000000, 999999999,
    };
    uint64_t kind = below(w, 8);

    return kind < 3   ? (long)below(w, 70)
           : kind < 5 ? extremes[below(w, sizeof extremes / sizeof *extremes)]
           : kind < 6 ? (long)(1ul << below(w, 64))
           : kind < 7 ? (long)(next(w) >> below(w, 64))
                      : -(long)below(w, 200);
}

/* Numbers that would be addresses of what is not to be written to are others. */
static long argument(struct worker *w) {
    uint64_t kind = below(w, 8);
    long n = number(w);

    if (n >= LOWEST_USED && n < HIGHEST_USED)
        n %= LOWEST_USED;
    return kind < 3 ? good_address(w) : kind < 5 ? bad_address(w) : n;
}

/* Of a range whose mapping may be changed. */
static void choose_range(struct worker *w, long *address, long *size) {
    static const long impossible[] = {0, 1l << 47, INT64_MAX, INT64_MIN, -1, -4096};
    unsigned long at = below(w, SCRATCH / PAGE) * PAGE;

    if (!below(w, 8))
        at += below(w, PAGE);
    *address = (long)(w->arena + at);
    *size = (long)below(w, SCRATCH - at + 1);
    if (!below(w, 8))
        *size = impossible[below(w, sizeof impossible / sizeof *impossible)];
}

/* Among them times that are some, and short. */
static void choose_words(struct worker *w) {
    uint64_t *words = (uint64_t *)w->scratch;

    for (unsigned i = 0; i < 8; i++) {
        uint64_t *at = &words[below(w, SCRATCH / 8 - 1)];
        at[0] = (uint64_t)argument(w);
        if (i < 4) {
            at[0] = below(w, 3) / 2;
            at[1] = below(w, 3000000);
        }
    }
}

/* A signal that does no harm, or none. */
static long choose_signal(struct worker *w) {
    static const long signals[] = {0, SIGUSR1, SIGURG, SIGWINCH, 65, -1, 1l << 40};

    return signals[below(w, sizeof signals / sizeof *signals)];
}

static void limit_memory(struct worker *w) {
    long *a = w->a, ignored;

    if (w->number == SYS_brk) {
        a[0] = bad_address(w);
        return;
    }
    choose_range(w, &a[0], &a[1]);
    if (w->number == SYS_mmap && below(w, 4)) {
        a[2] &= PROT_READ | PROT_WRITE | PROT_EXEC;
        a[3] = MAP_PRIVATE | MAP_ANONYMOUS | (below(w, 2) ? MAP_FIXED : 0);
    }
    if (w->number == SYS_mmap && !(a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && below(w, 2))
        a[0] = argument(w);
    if (w->number == SYS_mremap) {
        a[2] = below(w, 4) ? (long)below(w, SCRATCH) : number(w);
        choose_range(w, &a[4], &ignored);
        if ((unsigned long)a[4] + (unsigned long)a[2] > (unsigned long)w->arena + SCRATCH)
            a[3] &= ~MREMAP_FIXED;
    }
}

/* A word that names this thread or another as its owner would be waited for in vain. */
static void limit_futex(struct worker *w) {
    switch (w->a[1] & FUTEX_COMMAND) {
    case 6:  /* LOCK_PI */
    case 11: /* WAIT_REQUEUE_PI */
    case 13: /* LOCK_PI2 */
        w->a[0] = bad_address(w);
    }
}

static void limit_timer(struct worker *w) {
    static struct sigevent by_signal = {.sigev_signo = SIGUSR1},
                           none = {.sigev_notify = SIGEV_NONE};

    w->a[1] = below(w, 3) == 0   ? bad_address(w)
              : below(w, 2) == 0 ? (long)&by_signal
                                 : (long)&none;
}

/* False: this call is not to be made. */
static int limit(struct worker *w) {
    long *a = w->a;

    switch (w->number) {
    case SYS_exit:
    case SYS_exit_group:
    case SYS_rt_sigreturn:
    case SYS_set_tid_address: /* the C library's lock of its threads */
        return 0;
    case SYS_arch_prctl: /* the C library's thread pointer */
        return (int)a[0] != 0x1002;
    case SYS_close:
    case SYS_close_range:
    case SYS_dup: /* and what writes there, or could */
    case SYS_sendfile:
        return (unsigned)a[0] > 2;
    case SYS_fcntl: /* nobody owns a file that sends signals */
        return (unsigned)a[0] > 2 && (int)a[1] != F_SETOWN && (int)a[1] != 15 /* _EX */;
    case SYS_dup2:
    case SYS_dup3:
        return (unsigned)a[0] > 2 && (unsigned)a[1] > 2;
    case SYS_write:
    case SYS_writev: /* would show */
        return (unsigned)a[0] > 2;
    case SYS_clone:
        a[0] &= ~CLONE_THREAD;
        break;
    case SYS_kill:
    case SYS_tkill:
    case SYS_rt_sigqueueinfo:
        a[1] = choose_signal(w);
        break;
    case SYS_tgkill:
    case SYS_rt_tgsigqueueinfo:
        a[2] = choose_signal(w);
        break;
    case SYS_rt_sigaction: /* of signals that nobody sends */
        if (a[0] > 0 && a[0] < 40 && a[0] != SIGKILL && a[0] != SIGSTOP)
            a[0] += 24;
        if ((int)a[0] > 0 && (int)a[0] < 40)
            a[1] = 0;
        break;
    case SYS_rt_sigsuspend: /* must end by SIGUSR1 */
        a[0] = bad_address(w);
        break;
    case SYS_timer_create:
        limit_timer(w);
        break;
    case SYS_futex:
        limit_futex(w);
        break;
    case SYS_brk:
    case SYS_mmap:
    case SYS_munmap:
    case SYS_mprotect:
    case SYS_mremap:
    case SYS_madvise:
        limit_memory(w);
    }
    return 1;
}

/*
 * Those that there are, made more often than others, and what makes sense for them: a
 * pointer, a descriptor, a small number, one of futex's operations, a thread, a size, that
 * of a set of signals, or any number.
 */
static const struct known {
    short number;
    char arguments[7];
} known[] = {
    {SYS_read, "dpz"},
    {SYS_write, "dpz"},
    {SYS_close, "d"},
    {SYS_fstat, "dp"},
    {SYS_lseek, "dni"},
    {SYS_ioctl, "dnp"},
    {SYS_readv, "dpi"},
    {SYS_writev, "dpi"},
    {SYS_fcntl, "din"},
    {SYS_mmap, "nziinn"},
    {SYS_mprotect, "nzi"},
    {SYS_munmap, "nz"},
    {SYS_brk, "n"},
    {SYS_mremap, "nzzin"},
    {SYS_msync, "pzi"},
    {SYS_mincore, "pzp"},
    {SYS_madvise, "nzi"},
    {SYS_mlock, "pz"},
    {SYS_munlock, "pz"},
    {SYS_mlockall, "i"},
    {SYS_munlockall, ""},
    {SYS_mlock2, "pzi"},
    {SYS_rt_sigaction, "npp8"},
    {SYS_rt_sigprocmask, "ipp8"},
    {SYS_pause, ""},
    {SYS_kill, "t"},
    {SYS_rt_sigpending, "p8"},
    {SYS_rt_sigtimedwait, "ppp8"},
    {SYS_rt_sigqueueinfo, "tip"},
    {SYS_rt_sigsuspend, "p8"},
    {SYS_sigaltstack, "pp"},
    {SYS_tkill, "t"},
    {SYS_tgkill, "tt"},
    {SYS_rt_tgsigqueueinfo, "ttip"},
    {SYS_gettimeofday, "pp"},
    {SYS_adjtimex, "p"},
    {SYS_settimeofday, "pp"},
    {SYS_time, "p"},
    {SYS_clock_settime, "ip"},
    {SYS_clock_gettime, "ip"},
    {SYS_clock_getres, "ip"},
    {SYS_clock_adjtime, "ip"},
    {SYS_getitimer, "ip"},
    {SYS_alarm, "i"},
    {SYS_setitimer, "ipp"},
    {SYS_timer_create, "ipp"},
    {SYS_timer_settime, "iipp"},
    {SYS_timer_gettime, "ip"},
    {SYS_timer_getoverrun, "i"},
    {SYS_timer_delete, "i"},
    {SYS_nanosleep, "pp"},
    {SYS_clock_nanosleep, "iipp"},
    {SYS_uname, "p"},
    {SYS_sysinfo, "p"},
    {SYS_getrandom, "pzi"},
    {SYS_getgroups, "ip"},
    {SYS_setgroups, "ip"},
    {SYS_setresuid, "iii"},
    {SYS_getresuid, "ppp"},
    {SYS_getrlimit, "ip"},
    {SYS_setrlimit, "ip"},
    {SYS_prlimit64, "tipp"},
    {SYS_getrusage, "ip"},
    {SYS_times, "p"},
    {SYS_prctl, "npnnn"},
    {SYS_membarrier, "ni"},
    {SYS_sched_yield, ""},
    {SYS_arch_prctl, "np"},
    {SYS_futex, "poippi"},
    {SYS_futex, "poippi"},
    {SYS_futex, "poippi"},
    {SYS_set_robust_list, "pn"},
    {SYS_get_robust_list, "tpp"},
    {SYS_getpriority, "it"},
    {SYS_setpriority, "iti"},
    {SYS_sched_setparam, "tp"},
    {SYS_sched_getparam, "tp"},
    {SYS_sched_setscheduler, "tip"},
    {SYS_sched_getscheduler, "t"},
    {SYS_sched_get_priority_max, "i"},
    {SYS_sched_rr_get_interval, "tp"},
    {SYS_sched_setaffinity, "t8p"},
    {SYS_sched_getaffinity, "tzp"},
    {SYS_getcpu, "ppp"},
    {SYS_clone, "npppp"},
};

static long sensible(struct worker *w, char kind) {
    switch (kind) {
    case 'p':
        return below(w, 8) ? good_address(w) & -8 : 0;
    case 'd':
        return (long)below(w, 4);
    case 'i':
        return (long)below(w, 14);
    case 'o':
        return (long)(below(w, 14) | below(w, 2) << 7);
    case 't':
        return (long)below(w, WORKERS + 3);
    case 'z':
        return (long)below(w, 3 * PAGE);
    case '8':
        return 8;
    default:
        return argument(w);
    }
}

static void choose_call(struct worker *w) {
    const struct known *call;

    do {
        call = below(w, 6) ? &known[below(w, sizeof known / sizeof *known)] : NULL;
        w->number = call ? call->number : (long)below(w, LAST_NUMBER + 1);
        for (int i = 0; i < 6; i++)
            w->a[i] = argument(w);
        for (int i = 0; call && i < 6 && call->arguments[i]; i++)
            if (below(w, 10))
                w->a[i] = sensible(w, call->arguments[i]);
    } while (!limit(w));
}

static int is_plausible(const struct worker *w) {
    if (w->number == SYS_lseek && w->result >= 0)
        return 1; /* a place that was asked for */
    if (w->number == SYS_mmap || w->number == SYS_mremap || w->number == SYS_brk)
        return w->result >> 47 == 0 || (w->result < 0 && w->result >= -MAX_ERRNO);
    return w->result >= -MAX_ERRNO && w->result < 1l << 32 &&
           !(w->result <= -512 && w->result >= -530); /* Linux's within the kernel */
}

/* Gives back what it got, beyond what may be changed anyway. */
static void clean_up(struct worker *w) {
    unsigned long at = (unsigned long)w->result, arena = (unsigned long)w->arena;
    long size = w->number == SYS_mmap ? w->a[1] : w->a[2];

    if ((w->number == SYS_mmap || w->number == SYS_mremap) && w->result > 0 &&
        (at < arena || at >= arena + SCRATCH))
        munmap((void *)at, (size_t)size);
}

static void *work(void *argument) {
    struct worker *w = argument;

    for (int i = 0; i < CALLS; i++) {
        choose_words(w);
        choose_call(w);
        const long *a = w->a;
        w->result = raw6(w->number, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (!CHECK(is_plausible(w)))
            printf("    call %ld(0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx) is 0x%lx\n",
                   w->number, a[0], a[1], a[2], a[3], a[4], a[5], w->result);
        clean_up(w);
        sigprocmask(SIG_SETMASK, &usual, NULL);
    }
    w->done = 1;
    return NULL;
}

static char *map(size_t size, int prot) {
    void *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        abort();
    return p;
}

/* The arena is within a large range where nothing else is. */
static void prepare(struct worker *w) {
    w->random = random_next();
    w->scratch = map(SCRATCH + PAGE, PROT_READ | PROT_WRITE);
    memset(w->scratch, 0, SCRATCH);
    mprotect(w->scratch + SCRATCH, PAGE, PROT_NONE);
    w->arena = map(SCRATCH, PROT_READ | PROT_WRITE);
}

static void prepare_all(void) {
    static const int signals[] = {SIGUSR1, SIGALRM, SIGVTALRM, SIGPROF,
                                  SIGPIPE, SIGXFSZ, SIGIO};

    read_only = map(PAGE, PROT_READ);
    hidden = map(PAGE, PROT_NONE);
    hole = map(PAGE, PROT_NONE);
    for (int i = 0; i < WORKERS; i++)
        prepare(&workers[i]);
    munmap(hole, PAGE);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        handle(signals[i], count, 0);
    pthread_sigmask(SIG_SETMASK, NULL, &usual);
    memset(before, 0x5a, sizeof before);
    memset(constant, 0x5a, sizeof constant);
    memset(behind, 0x5a, sizeof behind);
}

/* Whatever a worker waits for, a signal ends it. */
static void nudge(void) {
    for (int busy = 1; busy;) {
        struct timespec little = {.tv_nsec = MILLISECOND};
        busy = 0;
        nanosleep(&little, NULL);
        for (int i = 0; i < WORKERS; i++)
            if (!workers[i].done) {
                busy = 1;
                pthread_kill(workers[i].thread, SIGUSR1);
            }
    }
}

int main(void) {
    random_start();
    prepare_all();
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            return 1;
    nudge();
    for (int i = 0; i < WORKERS; i++)
        CHECK_EQUAL(pthread_join(workers[i].thread, NULL), 0);
    CHECK(!memcmp(before, constant, PAGE) && !memcmp(behind, constant, PAGE));
    return checks_end();
}
