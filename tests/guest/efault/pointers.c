/* SPDX-License-Identifier: MIT */
/*
 * Every system call that takes a pointer, given bad ones: null, unmapped, without rights,
 * read-only where it is written, the kernel's half, no address at all, and a good one whose
 * end is not there. Each is EFAULT; none is a signal; and what is mapped but not yet
 * touched is no bad pointer. A call of runtime/syscalls.def that is neither here nor said
 * to take no pointer fails the test.
 */
// native: -pthread
// stdin: random 4000
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum {
    IN = 0,
    OUT = 1,
    NULL_OK = 2,       /* a null pointer means something */
    PART = 4,          /* does what it can before the bad part */
    NO_SIZE = 8,       /* looks at less than size bytes, or not at all with some values */
    NULL_INVALID = 16, /* a null pointer is EINVAL */
    BOTH = 32,         /* read first: what is read decides what comes next */
};

#define HERE 0x5a5a5a5a5a5a5a5al /* stands for the pointer */
#define LIST 0x6b6b6b6b6b6b6b6bl /* for a struct iovec that holds the pointer */

static struct timespec zero_time, soon = {.tv_nsec = 1};
static struct itimerspec no_timer;
static struct itimerval no_itimer;
static uint64_t no_signals, user1 = 1u << (SIGUSR1 - 1);
static int word, word2, timer;
static struct stat stat_buffer;
static long statx_buffer[32];
static struct iovec list;
static char buffer[64];

/* For an open file, an open directory. */
#define FILE_FD 0x7c7c7c7c7c7c7c7cl
#define DIRECTORY_FD 0x7d7d7d7d7d7d7d7dl
#define LINK "/tmp/atman-efault-link"

static int file, directory;

/* What can be waited for: an epoll in which something is ready, a timer, both ends of a
 * pair of sockets, of which the first has something to read; a pipe's end. */
enum { EPOLL, TIMER, UNIX, UNIX_OTHER, PIPE, EVENTS };
#define EVENT_FD 0x7e7e7e7e7e7e7e00l /* + one of these */
static int events[EVENTS];
static struct timeval zero_timeval;
static unsigned long how[3]; /* struct open_how */
static socklen_t name_size = 100, option_size = 4;

#define A(x) (long)(x)
#define CALL(name, size, flags, ...)                                                       \
    {                                                                                      \
        #name " " #__VA_ARGS__, SYS_##name, size, flags, {                                 \
            __VA_ARGS__                                                                    \
        }                                                                                  \
    }

static const struct call {
    const char *text;
    long number;
    unsigned size;
    int flags;
    long arguments[6];
} calls[] = {
    CALL(read, 8, OUT | PART, 0, HERE, 8),
    CALL(write, 2, IN | PART, 1, HERE, 2),
    CALL(fstat, sizeof(struct stat), OUT, 1, HERE),
    CALL(readv, 16, IN, 0, HERE, 1),
    CALL(writev, 16, IN, 1, HERE, 1),
    CALL(readv, 8, OUT | PART, 0, LIST, 1),
    CALL(writev, 2, IN | PART, 1, LIST, 1),
    CALL(open, 8, IN, HERE, 0),
    CALL(creat, 8, IN, HERE, 0),
    CALL(openat, 8, IN, AT_FDCWD, HERE, 0),
    CALL(openat2, 8, IN, AT_FDCWD, HERE, A(&how), 24),
    CALL(openat2, 24, IN, AT_FDCWD, A("/"), HERE, 24),
    CALL(pread64, 8, OUT | PART, FILE_FD, HERE, 8, 0),
    CALL(pwrite64, 8, IN | PART, FILE_FD, HERE, 8, 0),
    CALL(preadv, 16, IN, FILE_FD, HERE, 1, 0),
    CALL(pwritev, 16, IN, FILE_FD, HERE, 1, 0),
    CALL(preadv2, 16, IN, FILE_FD, HERE, 1, 0),
    CALL(pwritev2, 16, IN, FILE_FD, HERE, 1, 0),
    CALL(preadv, 8, OUT | PART, FILE_FD, LIST, 1, 0),
    CALL(pwritev, 8, IN | PART, FILE_FD, LIST, 1, 0),
    CALL(preadv2, 8, OUT | PART, FILE_FD, LIST, 1, 0),
    CALL(pwritev2, 8, IN | PART, FILE_FD, LIST, 1, 0),
    CALL(sendfile, 8, IN | NULL_OK, 1, FILE_FD, HERE, 1),
    CALL(copy_file_range, 8, IN | NULL_OK, FILE_FD, HERE, FILE_FD, 0, 1, 0),
    CALL(copy_file_range, 8, IN | NULL_OK, FILE_FD, 0, FILE_FD, HERE, 1, 0),
    CALL(truncate, 8, IN, HERE, 0),
    CALL(stat, 8, IN, HERE, A(&stat_buffer)),
    CALL(stat, sizeof(struct stat), OUT, A("/"), HERE),
    CALL(lstat, 8, IN, HERE, A(&stat_buffer)),
    CALL(lstat, sizeof(struct stat), OUT, A("/"), HERE),
    CALL(newfstatat, 8, IN, AT_FDCWD, HERE, A(&stat_buffer), 0),
    CALL(newfstatat, sizeof(struct stat), OUT, AT_FDCWD, A("/"), HERE, 0),
    CALL(statx, 8, IN, AT_FDCWD, HERE, 0, 0, A(statx_buffer)),
    CALL(statx, 256, OUT, AT_FDCWD, A("/"), 0, 0, HERE),
    CALL(statfs, 8, IN, HERE, A(statx_buffer)),
    CALL(statfs, 120, OUT, A("/"), HERE),
    CALL(fstatfs, 120, OUT, FILE_FD, HERE),
    CALL(access, 8, IN, HERE, 0),
    CALL(faccessat, 8, IN, AT_FDCWD, HERE, 0),
    CALL(faccessat2, 8, IN, AT_FDCWD, HERE, 0, 0),
    CALL(readlink, 8, IN, HERE, A(buffer), 8),
    CALL(readlink, 4, OUT, A(LINK), HERE, 4),
    CALL(readlinkat, 8, IN, AT_FDCWD, HERE, A(buffer), 8),
    CALL(readlinkat, 4, OUT, AT_FDCWD, A(LINK), HERE, 4),
    CALL(chmod, 8, IN, HERE, 0),
    CALL(fchmodat, 8, IN, AT_FDCWD, HERE, 0),
    CALL(chown, 8, IN, HERE, 0, 0),
    CALL(lchown, 8, IN, HERE, 0, 0),
    CALL(fchownat, 8, IN, AT_FDCWD, HERE, 0, 0, 0),
    CALL(utime, 8, IN, HERE, 0),
    CALL(utime, 16, IN | NULL_OK, A(LINK), HERE),
    CALL(utimes, 8, IN, HERE, 0),
    CALL(utimes, 32, IN | NULL_OK, A(LINK), HERE),
    CALL(futimesat, 8, IN, AT_FDCWD, HERE, 0),
    CALL(futimesat, 32, IN | NULL_OK, AT_FDCWD, A(LINK), HERE),
    CALL(utimensat, 8, IN, AT_FDCWD, HERE, 0, 0),
    CALL(utimensat, 32, IN | NULL_OK, AT_FDCWD, A(LINK), HERE, 0),
    CALL(getcwd, 2, OUT, HERE, 64),
    CALL(chdir, 8, IN, HERE),
    CALL(chroot, 8, IN, HERE),
    CALL(mount, 8, IN, A("none"), HERE, A("tmpfs"), 0, 0),
    CALL(mount, 8, IN | NULL_OK, HERE, A("/none/x"), A("tmpfs"), 0, 0),
    CALL(mount, 8, IN | NULL_OK, A("none"), A("/none/x"), HERE, 0, 0),
    CALL(umount2, 8, IN, HERE, 0),
    CALL(rename, 8, IN, HERE, A("x")),
    CALL(rename, 8, IN, A(LINK), HERE),
    CALL(renameat, 8, IN, AT_FDCWD, HERE, AT_FDCWD, A("x")),
    CALL(renameat, 8, IN, AT_FDCWD, A(LINK), AT_FDCWD, HERE),
    CALL(renameat2, 8, IN, AT_FDCWD, HERE, AT_FDCWD, A("x"), 0),
    CALL(renameat2, 8, IN, AT_FDCWD, A(LINK), AT_FDCWD, HERE, 0),
    CALL(mkdir, 8, IN, HERE, 0),
    CALL(mkdirat, 8, IN, AT_FDCWD, HERE, 0),
    CALL(rmdir, 8, IN, HERE),
    CALL(unlink, 8, IN, HERE),
    CALL(unlinkat, 8, IN, AT_FDCWD, HERE, 0),
    CALL(link, 8, IN, HERE, A("x")),
    CALL(link, 8, IN, A(LINK), HERE),
    CALL(linkat, 8, IN, AT_FDCWD, HERE, AT_FDCWD, A("x"), 0),
    CALL(linkat, 8, IN, AT_FDCWD, A(LINK), AT_FDCWD, HERE, 0),
    CALL(symlink, 8, IN, HERE, A("x")),
    CALL(symlink, 8, IN, A("x"), HERE),
    CALL(symlinkat, 8, IN, HERE, AT_FDCWD, A("x")),
    CALL(symlinkat, 8, IN, A("x"), AT_FDCWD, HERE),
    CALL(mknod, 8, IN, HERE, S_IFREG, 0),
    CALL(mknodat, 8, IN, AT_FDCWD, HERE, S_IFREG, 0),
    CALL(getdents64, 24, OUT | NO_SIZE, DIRECTORY_FD, HERE, 4096),
    CALL(pipe, 8, OUT, HERE),
    CALL(pipe2, 8, OUT, HERE, 0),
    CALL(poll, 8, OUT | BOTH, HERE, 1, 0),
    CALL(ppoll, 8, OUT | BOTH, HERE, 1, A(&zero_time), 0, 8),
    CALL(ppoll, 16, IN | NULL_OK, 0, 0, HERE, 0, 8),
    CALL(ppoll, 8, IN | NULL_OK, 0, 0, A(&zero_time), HERE, 8),
    CALL(select, 8, OUT | BOTH | NULL_OK, 1, HERE, 0, 0, A(&zero_timeval)),
    CALL(select, 8, OUT | BOTH | NULL_OK, 1, 0, HERE, 0, A(&zero_timeval)),
    CALL(select, 8, OUT | BOTH | NULL_OK, 1, 0, 0, HERE, A(&zero_timeval)),
    CALL(select, 16, IN | NULL_OK, 0, 0, 0, 0, HERE),
    CALL(pselect6, 8, OUT | BOTH | NULL_OK, 1, HERE, 0, 0, A(&zero_time), 0),
    CALL(pselect6, 16, IN | NULL_OK, 0, 0, 0, 0, HERE, 0),
    CALL(pselect6, 16, IN | NULL_OK, 0, 0, 0, 0, A(&zero_time), HERE),
    CALL(epoll_ctl, 12, IN, EVENT_FD + EPOLL, EPOLL_CTL_ADD, EVENT_FD + PIPE, HERE),
    CALL(epoll_wait, 12, OUT, EVENT_FD + EPOLL, HERE, 1, 0),
    CALL(epoll_pwait, 12, OUT, EVENT_FD + EPOLL, HERE, 1, 0, 0, 8),
    CALL(epoll_pwait, 8, IN | NULL_OK, EVENT_FD + EPOLL, A(buffer), 1, 0, HERE, 8),
    CALL(epoll_pwait2, 12, OUT, EVENT_FD + EPOLL, HERE, 1, A(&zero_time), 0, 8),
    CALL(epoll_pwait2, 16, IN | NULL_OK, EVENT_FD + EPOLL, A(buffer), 1, HERE, 0, 8),
    CALL(signalfd, 8, IN, -1, HERE, 8),
    CALL(signalfd4, 8, IN, -1, HERE, 8, 0),
    CALL(timerfd_settime, 32, IN, EVENT_FD + TIMER, 0, HERE, 0),
    CALL(timerfd_settime, 32, OUT | NULL_OK, EVENT_FD + TIMER, 0, A(&no_timer), HERE),
    CALL(timerfd_gettime, 32, OUT, EVENT_FD + TIMER, HERE),
    CALL(socketpair, 8, OUT, AF_UNIX, SOCK_STREAM, 0, HERE),
    CALL(bind, 8, IN, EVENT_FD + UNIX, HERE, 8),
    CALL(connect, 8, IN, EVENT_FD + UNIX, HERE, 8),
    CALL(getsockname, 2, OUT, EVENT_FD + UNIX, HERE, A(&name_size)),
    CALL(getsockname, 4, OUT | BOTH, EVENT_FD + UNIX, A(buffer), HERE),
    CALL(getpeername, 2, OUT, EVENT_FD + UNIX, HERE, A(&name_size)),
    CALL(getpeername, 4, OUT | BOTH, EVENT_FD + UNIX, A(buffer), HERE),
    CALL(sendto, 8, IN | PART, EVENT_FD + UNIX, HERE, 8, 0, 0, 0),
    CALL(sendto, 8, IN | NULL_OK, EVENT_FD + UNIX, A(buffer), 1, 0, HERE, 8),
    CALL(recvfrom, 8, OUT | PART, EVENT_FD + UNIX, HERE, 8, MSG_PEEK, 0, 0),
    CALL(sendmsg, 56, IN, EVENT_FD + UNIX, HERE, 0),
    CALL(recvmsg, 56, OUT | BOTH, EVENT_FD + UNIX, HERE, MSG_PEEK | MSG_DONTWAIT),
    CALL(sendmmsg, 64, IN, EVENT_FD + UNIX, HERE, 1, 0),
    CALL(recvmmsg, 64, OUT | BOTH, EVENT_FD + UNIX, HERE, 1, MSG_PEEK | MSG_DONTWAIT, 0),
    CALL(recvmmsg, 16, IN | NULL_OK, EVENT_FD + UNIX, A(buffer), 0, 0, HERE),
    CALL(setsockopt, 4, IN, EVENT_FD + UNIX, SOL_SOCKET, SO_REUSEADDR, HERE, 4),
    CALL(getsockopt, 4, OUT, EVENT_FD + UNIX, SOL_SOCKET, SO_TYPE, HERE, A(&option_size)),
    CALL(getsockopt, 4, OUT | BOTH, EVENT_FD + UNIX, SOL_SOCKET, SO_TYPE, A(buffer), HERE),
    CALL(memfd_create, 1, IN, HERE, 0),
    CALL(setxattr, 8, IN, HERE, A("user.x"), A(buffer), 1, 0),
    CALL(lsetxattr, 8, IN, HERE, A("user.x"), A(buffer), 1, 0),
    CALL(getxattr, 8, IN, HERE, A("user.x"), A(buffer), 1),
    CALL(lgetxattr, 8, IN, HERE, A("user.x"), A(buffer), 1),
    CALL(listxattr, 8, IN, HERE, A(buffer), 1),
    CALL(llistxattr, 8, IN, HERE, A(buffer), 1),
    CALL(removexattr, 8, IN, HERE, A("user.x")),
    CALL(lremovexattr, 8, IN, HERE, A("user.x")),
    CALL(mincore, 1, OUT, 0 /* a page: filled in */, 4096, HERE),
    CALL(rt_sigaction, 32, IN | NULL_OK, SIGUSR1, HERE, 0, 8),
    CALL(rt_sigaction, 32, OUT | NULL_OK, SIGUSR1, 0, HERE, 8),
    CALL(rt_sigprocmask, 8, IN | NULL_OK, SIG_BLOCK, HERE, 0, 8),
    CALL(rt_sigprocmask, 8, OUT | NULL_OK, SIG_BLOCK, 0, HERE, 8),
    CALL(rt_sigprocmask, 8, OUT | NULL_OK, SIG_BLOCK, A(&no_signals), HERE, 8),
    CALL(rt_sigpending, 8, OUT, HERE, 8),
    CALL(rt_sigtimedwait, 8, IN, HERE, 0, A(&zero_time), 8),
    CALL(rt_sigtimedwait, 16, IN | NULL_OK, A(&no_signals), 0, HERE, 8),
    CALL(rt_sigqueueinfo, 48, IN, 0 /* pid: filled in */, SIGURG, HERE),
    CALL(rt_tgsigqueueinfo, 48, IN, 0, 0, SIGURG, HERE),
    CALL(rt_sigsuspend, 8, IN, HERE, 8),
    CALL(sigaltstack, 24, IN | NULL_OK, HERE, 0),
    CALL(sigaltstack, 24, OUT | NULL_OK, 0, HERE),
    CALL(nanosleep, 16, IN, HERE, 0),
    CALL(clock_nanosleep, 16, IN, CLOCK_MONOTONIC, 0, HERE, 0),
    CALL(clock_nanosleep, 16, IN, CLOCK_REALTIME, TIMER_ABSTIME, HERE, 0),
    CALL(gettimeofday, 16, OUT | NULL_OK, HERE, 0),
    CALL(gettimeofday, 8, OUT | NULL_OK, 0, HERE),
    CALL(time, 8, OUT | NULL_OK, HERE),
    CALL(clock_gettime, 16, OUT, CLOCK_REALTIME, HERE),
    CALL(clock_gettime, 16, OUT, CLOCK_MONOTONIC, HERE),
    CALL(clock_gettime, 16, OUT, CLOCK_PROCESS_CPUTIME_ID, HERE),
    CALL(clock_gettime, 16, OUT, CLOCK_THREAD_CPUTIME_ID, HERE),
    CALL(clock_getres, 16, OUT | NULL_OK, CLOCK_REALTIME, HERE),
    CALL(clock_settime, 16, IN, CLOCK_REALTIME, HERE),
    CALL(settimeofday, 16, IN | NULL_OK, HERE, 0),
    CALL(settimeofday, 8, IN | NULL_OK, 0, HERE),
    CALL(adjtimex, 208, OUT | BOTH, HERE),
    CALL(clock_adjtime, 208, OUT | BOTH, CLOCK_REALTIME, HERE),
    CALL(timer_create, 64, IN | NULL_OK, CLOCK_MONOTONIC, HERE, A(&word)),
    CALL(timer_create, 4, OUT, CLOCK_MONOTONIC, 0, HERE),
    CALL(timer_settime, 32, IN | NO_SIZE | NULL_INVALID, 0 /* timer */, 0, HERE, 0),
    CALL(timer_settime, 32, OUT | NULL_OK, 0, 0, A(&no_timer), HERE),
    CALL(timer_gettime, 32, OUT, 0, HERE),
    CALL(setitimer, 32, IN | NULL_OK, ITIMER_REAL, HERE, 0),
    CALL(setitimer, 32, OUT | NULL_OK, ITIMER_REAL, A(&no_itimer), HERE),
    CALL(getitimer, 32, OUT, ITIMER_REAL, HERE),
    CALL(getrusage, sizeof(struct rusage) - 128, OUT, RUSAGE_SELF, HERE),
    CALL(times, 32, OUT | NULL_OK, HERE),
    CALL(uname, 390, OUT, HERE),
    CALL(sysinfo, 112, OUT, HERE),
    CALL(getrlimit, 16, OUT, RLIMIT_NOFILE, HERE),
    CALL(setrlimit, 16, IN, RLIMIT_CORE, HERE),
    CALL(prlimit64, 16, IN | NULL_OK, 0, RLIMIT_CORE, HERE, 0),
    CALL(prlimit64, 16, OUT | NULL_OK, 0, RLIMIT_NOFILE, 0, HERE),
    CALL(getrandom, 16, OUT | PART, HERE, 16, 0),
    CALL(prctl, 16, IN | NO_SIZE, PR_SET_NAME, HERE),
    CALL(prctl, 16, OUT, PR_GET_NAME, HERE),
    CALL(prctl, 4, OUT, PR_GET_PDEATHSIG, HERE),
    CALL(prctl, 4, OUT, PR_GET_CHILD_SUBREAPER, HERE),
    CALL(getresuid, 4, OUT, HERE, A(&word), A(&word2)),
    CALL(getresuid, 4, OUT, A(&word), HERE, A(&word2)),
    CALL(getresuid, 4, OUT, A(&word), A(&word2), HERE),
    CALL(getresgid, 4, OUT, HERE, A(&word), A(&word2)),
    CALL(getresgid, 4, OUT, A(&word), HERE, A(&word2)),
    CALL(getresgid, 4, OUT, A(&word), A(&word2), HERE),
    CALL(sched_getaffinity, 8, OUT, 0, 8, HERE),
    CALL(sched_setaffinity, 8, IN, 0, 8, HERE),
    CALL(sched_getparam, 4, OUT | NULL_INVALID, 0, HERE),
    CALL(sched_setparam, 4, IN | NULL_INVALID, 0, HERE),
    CALL(sched_setscheduler, 4, IN | NULL_INVALID, 0, SCHED_OTHER, HERE),
    CALL(sched_rr_get_interval, 16, OUT, 0, HERE),
    CALL(sched_setattr, 48, IN | NO_SIZE | NULL_INVALID, 0, HERE, 0),
    CALL(sched_getattr, 48, OUT | NULL_INVALID, 0, HERE, 48, 0),
    CALL(getcpu, 4, OUT | NULL_OK, HERE, 0, 0),
    CALL(getcpu, 4, OUT | NULL_OK, 0, HERE, 0),
    CALL(get_robust_list, 8, OUT, 0, HERE, A(buffer)),
    CALL(get_robust_list, 8, OUT, 0, A(buffer), HERE),
    CALL(arch_prctl, 8, OUT, 0x1003 /* ARCH_GET_FS */, HERE),
    /* futex: WAIT, WAIT's time, WAIT_BITSET, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI */
    CALL(futex, 4, IN, HERE, 0, 0, A(&soon)),
    CALL(futex, 4, IN, HERE, 128, 0, A(&soon)),
    CALL(futex, 16, IN | NULL_OK, A(&word), 128, 0x7777, HERE),
    CALL(futex, 4, IN, HERE, 9 | 128, 0, A(&zero_time), 0, -1),
    CALL(futex, 4, IN, HERE, 4 | 128, 1, 1, A(&word2), 0),
    CALL(futex, 4, OUT, A(&word), 5 | 128, 1, 1, HERE, 0),
    CALL(futex, 4, OUT, HERE, 6 | 128, 0, 0),
    CALL(futex, 4, IN, HERE, 7 | 128, 0, 0),
};

/* Of what other calls get, nothing is looked at: numbers, places for memory, words and
 * lists that are looked at later. */
#define NO(name) SYS_##name
static const long others[] = {
    NO(close),
    NO(dup),
    NO(dup2),
    NO(dup3),
    NO(close_range),
    NO(fsync),
    NO(fdatasync),
    NO(ftruncate),
    NO(readahead),
    NO(fadvise64),
    NO(sync_file_range),
    NO(fallocate),
    NO(syncfs),
    NO(fchmod),
    NO(fchown),
    NO(fchdir),
    452 /* fchmodat2, which not every Linux has: as fchmodat */,
    NO(epoll_create),
    NO(epoll_create1),
    NO(eventfd),
    NO(eventfd2),
    NO(timerfd_create),
    NO(socket),
    NO(listen),
    NO(shutdown),
    NO(accept /* only once somebody is connected: as getpeername */),
    NO(accept4),
    NO(lseek),
    NO(fcntl),
    NO(ioctl /* on a terminal: console/terminal.c */),
    NO(mmap),
    NO(mprotect),
    NO(munmap),
    NO(brk),
    NO(mremap),
    NO(msync),
    NO(madvise),
    NO(mlock),
    NO(munlock),
    NO(mlockall),
    NO(mlock2),
    NO(kill),
    NO(tkill),
    NO(tgkill),
    NO(alarm),
    NO(timer_getoverrun),
    NO(timer_delete),
    NO(exit),
    NO(exit_group),
    NO(umask),
    NO(setuid),
    NO(setgid),
    NO(setreuid),
    NO(setregid),
    NO(setresuid),
    NO(setresgid),
    NO(setfsuid),
    NO(setfsgid),
    NO(setpgid),
    NO(getpgid),
    NO(getsid),
    NO(getgroups /* there are none */),
    NO(setgroups /* refused before */),
    NO(set_tid_address),
    NO(set_robust_list),
    NO(getpriority),
    NO(setpriority),
    NO(sched_getscheduler),
    NO(sched_get_priority_max),
    NO(sched_get_priority_min),
    NO(membarrier),
    NO(flock),
    NO(inotify_init1),
    NO(inotify_add_watch /* the descriptor is looked at first */),
    NO(inotify_rm_watch),
    NO(sethostname /* natively it would be the host's */),
    NO(setdomainname),
    NO(fsetxattr /* no file has any */),
    NO(fgetxattr),
    NO(flistxattr),
    NO(fremovexattr),
    NO(wait4 /* there are no children */),
    NO(waitid),
};

static const struct {
    const char *name;
    long number;
    int arguments;
} listed[] = {
#define SYSCALL(number, name, count, handler) {#name, number, count},
#include "../../../runtime/syscalls.def"
#undef SYSCALL
};

static volatile int signals;

static void count(int signal, siginfo_t *given, void *context) {
    (void)given, (void)context;
    signals++;
    printf("signal %d\n", signal);
    _exit(1);
}

static char *map(size_t size, int prot) {
    char *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

static long do_call(const struct call *c, void *pointer) {
    long a[6];

    for (int i = 0; i < 6; i++)
        a[i] = c->arguments[i] == HERE                  ? (long)pointer
               : c->arguments[i] == LIST                ? (long)&list
               : c->arguments[i] == FILE_FD             ? file
               : c->arguments[i] == DIRECTORY_FD        ? directory
               : (c->arguments[i] & ~0xffl) == EVENT_FD ? events[c->arguments[i] - EVENT_FD]
                                                        : c->arguments[i];
    list = (struct iovec){pointer, c->size};
    if (c->number == SYS_mincore)
        a[0] = (long)buffer & -4096;
    if (c->number == SYS_rt_sigqueueinfo || c->number == SYS_rt_tgsigqueueinfo)
        a[0] = getpid();
    if (c->number == SYS_rt_tgsigqueueinfo)
        a[1] = syscall(SYS_gettid);
    if (c->number == SYS_getdents64)
        lseek(directory, 0, SEEK_SET);
    if (c->number == SYS_timer_settime || c->number == SYS_timer_gettime)
        a[0] = timer;
    errno = 0;
    return syscall(c->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void check_bad(const struct call *c, const char *what, void *pointer, int part) {
    long result = do_call(c, pointer);
    int wanted = !pointer && c->flags & NULL_INVALID ? EINVAL : EFAULT;

    if (!CHECK((result == -1 && errno == wanted) || (part && result >= 0)))
        printf("    %s, %s (%p): %ld, errno %d\n", c->text, what, pointer, result, errno);
}

static void check_good(const struct call *c, const char *what, void *pointer) {
    long result = do_call(c, pointer);

    if (!CHECK(result >= 0 || (errno != EFAULT && errno != ENOSYS)))
        printf("    %s, %s: %ld, errno %d\n", c->text, what, result, errno);
}

static void test(const struct call *c) {
    char *pages = map(8192, PROT_READ | PROT_WRITE), *none = map(4096, PROT_NONE);
    char *constant = map(4096, PROT_READ), *fresh = map(8192, PROT_READ | PROT_WRITE);

    memset(pages, c->number == SYS_write || c->number == SYS_writev ? '\n' : 1, 4096);
    munmap(pages + 4096, 4096);
    if (!(c->flags & NULL_OK))
        check_bad(c, "null", NULL, 0);
    check_bad(c, "unmapped", pages + 4096, 0);
    check_bad(c, "never mapped", (void *)0x123456789000, 0);
    check_bad(c, "no rights", none, 0);
    check_bad(c, "the kernel's half", (void *)0xffff888000000000, 0);
    check_bad(c, "the last page", (void *)-4096, 0);
    check_bad(c, "no address", (void *)0x8000000000000000, 0);
    check_bad(c, "the end of the user's half", (void *)0x7ffffffff000, 0);
    if (c->flags & OUT) {
        check_bad(c, "read-only", constant, 0);
        if (!(c->flags & BOTH))
            check_bad(c, "code", (void *)(((uintptr_t)test + 15) & ~15ul), 0);
    }
    if (c->size >= 8 && !(c->flags & NO_SIZE))
        check_bad(c, "its end is not there", pages + 4096 - ((c->size / 2 + 3) & ~3ul),
                  c->flags & PART);
    if (c->flags & OUT) {
        check_good(c, "not yet touched", fresh);
        check_good(c, "across two pages not yet touched",
                   fresh + 4096 - (c->size & 4 ? 0 : c->size / 2));
    }
    munmap(pages, 4096);
    munmap(none, 4096);
    munmap(constant, 4096);
    munmap(fresh, 8192);
}

/* Every call of the list is in exactly one of the two tables. */
static void test_complete(void) {
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
        int here = 0, there = 0;
        for (size_t j = 0; j < sizeof calls / sizeof *calls; j++)
            here = here || calls[j].number == listed[i].number;
        for (size_t j = 0; j < sizeof others / sizeof *others; j++)
            there += others[j] == listed[i].number;
        if (!CHECK_EQUAL(here + there, listed[i].arguments != 0))
            printf("    %s: %d times\n", listed[i].name, here + there);
    }
}

static void nothing(int signal, siginfo_t *given, void *context) {
    (void)signal, (void)given, (void)context;
}

/* What is left of a sleep is only told if there was a signal. */
static void test_time_left(void) {
    struct itimerval often = {{0, 3000}, {0, 3000}}, off = {{0, 0}, {0, 0}};
    struct timespec hour = {3600, 0}, left = {77, 77};
    void *bad[] = {(void *)8, (void *)0xffff888000000000, (void *)test_complete};

    handle(SIGALRM, nothing, 0);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 3; i++) {
        CHECK_FAILS(syscall(SYS_nanosleep, &hour, bad[i]), EFAULT);
        CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &hour, bad[i]), EFAULT);
    }
    CHECK_FAILS(syscall(SYS_nanosleep, &hour, &left), EINTR);
    CHECK(left.tv_sec >= 3500 && left.tv_sec < 3600);
    setitimer(ITIMER_REAL, &off, NULL);
}

/* With a signal there to be told of. */
static void test_siginfo(void) {
    long n = SYS_rt_sigtimedwait;

    block(SIGUSR1);
    for (int i = 0; i < 3; i++) {
        void *bad = i == 0 ? (void *)8 : i == 1 ? (void *)0xffff888000000000 : (void *)test;
        raise(SIGUSR1);
        CHECK_FAILS(syscall(n, &user1, bad, &zero_time, 8), EFAULT);
    }
    unblock(SIGUSR1);
    signal(SIGUSR1, SIG_DFL);
}

static void open_files(void) {
    char name[] = "/tmp/atman-efault-XXXXXX";

    file = mkstemp(name);
    CHECK(file >= 0 && !unlink(name) && !ftruncate(file, 4096));
    directory = open("/", O_RDONLY | O_DIRECTORY);
    CHECK(directory >= 0);
    unlink(LINK);
    CHECK_EQUAL(symlink("/tmp", LINK), 0);
}

static void open_events(void) {
    struct epoll_event ready = {.events = EPOLLOUT};
    int pipes[2];

    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, &events[UNIX]), 0);
    CHECK_EQUAL(write(events[UNIX_OTHER], "something to read", 17), 17);
    CHECK_EQUAL(pipe(pipes), 0);
    events[PIPE] = pipes[0];
    events[EPOLL] = epoll_create1(0);
    CHECK_EQUAL(epoll_ctl(events[EPOLL], EPOLL_CTL_ADD, pipes[1], &ready), 0);
    events[TIMER] = timerfd_create(CLOCK_MONOTONIC, 0);
    CHECK(events[TIMER] >= 0);
}

int main(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};

    sigaction(SIGUSR1, &action, NULL);
    handle(SIGSEGV, count, 0);
    handle(SIGBUS, count, 0);
    CHECK_EQUAL(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer), 0);
    open_files();
    open_events();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        test(&calls[i]);
    unlink(LINK);
    test_siginfo();
    test_time_left();
    test_complete();
    CHECK_EQUAL(signals, 0);
    return checks_end();
}
