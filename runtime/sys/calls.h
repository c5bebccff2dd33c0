/* SPDX-License-Identifier: MIT */
/*
 * The handlers of runtime/syscalls.def, which the C library calls. Each takes what Linux's
 * call of that name takes and returns a result or a negative errno. Pointers come from
 * the program, which runs in the same address space and with the same rights: a bad one
 * faults, as it would in any function.
 */
#ifndef ATMAN_SYS_CALLS_H
#define ATMAN_SYS_CALLS_H

#include <sys/types.h>

#include "base.h"

/* The id of the one process and of its one thread. */
enum { THE_PROCESS = 1 };

struct epoll_event;
struct pollfd;
struct mask_at;
struct open_how;
struct iovec;
struct prlimit;
struct sigaltstack;
struct itimerspec;
struct itimerval;
struct rusage;
struct signal_action;
struct signal_info;
struct stat;
struct statfs;
struct statx;
struct utimbuf;
struct sysinfo;
struct timespec;
struct timeval;
struct timex;
struct tms;
struct user_message;
struct user_message_of_many;
struct utsname;

/* console.c */
long atman_sys_read(int fd, void *buffer, size_t size);
long atman_sys_write(int fd, const void *data, size_t size);
long atman_sys_readv(int fd, const struct iovec *parts, int count);
long atman_sys_writev(int fd, const struct iovec *parts, int count);
long atman_sys_close(int fd);
long atman_sys_fstat(int fd, struct stat *stat);
long atman_sys_lseek(int fd, off_t offset, int whence);
long atman_sys_ioctl(int fd, unsigned request, void *argument);
long atman_sys_fcntl(int fd, int command, long argument);

/* open.c */
long atman_sys_openat(int directory, const char *path, int flags, unsigned mode);
long atman_sys_openat2(int directory, const char *path, const struct open_how *how,
                       size_t size);
long atman_sys_open(const char *path, int flags, unsigned mode);
long atman_sys_creat(const char *path, unsigned mode);
long atman_sys_dup3(int old, int new, int flags);
long atman_sys_dup2(int old, int new);
long atman_sys_dup(int old);
long atman_sys_close_range(unsigned first, unsigned last, unsigned flags);

/* file.c */
long atman_sys_pread64(int fd, void *buffer, size_t size, off_t position);
long atman_sys_pwrite64(int fd, const void *data, size_t size, off_t position);
long atman_sys_preadv(int fd, const struct iovec *parts, int count, long position);
long atman_sys_pwritev(int fd, const struct iovec *parts, int count, long position);
long atman_sys_preadv2(int fd, const struct iovec *parts, int count, long position,
                       long high, int flags);
long atman_sys_pwritev2(int fd, const struct iovec *parts, int count, long position,
                        long high, int flags);
long atman_sys_ftruncate(int fd, off_t size);
long atman_sys_truncate(const char *path, off_t size);
long atman_sys_fallocate(int fd, int mode, off_t start, off_t size);
long atman_sys_fsync(int fd);
long atman_sys_fdatasync(int fd);
long atman_sys_syncfs(int fd);
long atman_sys_sync(void);
long atman_sys_sync_file_range(int fd, off_t start, off_t size, unsigned flags);
long atman_sys_fadvise64(int fd, off_t start, off_t size, int advice);
long atman_sys_readahead(int fd, off_t start, size_t size);
long atman_sys_sendfile(int out, int in, int64_t *position, size_t size);
long atman_sys_copy_file_range(int in, int64_t *in_position, int out, int64_t *out_position,
                               size_t size, unsigned flags);

/* stat.c */
long atman_sys_newfstatat(int directory, const char *path, struct stat *stat, int flags);
long atman_sys_stat(const char *path, struct stat *stat);
long atman_sys_lstat(const char *path, struct stat *stat);
long atman_sys_statx(int directory, const char *path, int flags, unsigned mask,
                     struct statx *result);
long atman_sys_faccessat2(int directory, const char *path, int mode, int flags);
long atman_sys_faccessat(int directory, const char *path, int mode);
long atman_sys_access(const char *path, int mode);
long atman_sys_readlinkat(int directory, const char *path, char *buffer, int size);
long atman_sys_readlink(const char *path, char *buffer, int size);
long atman_sys_statfs(const char *path, struct statfs *result);
long atman_sys_fstatfs(int fd, struct statfs *result);

/* attributes.c */
long atman_sys_fchmodat2(int directory, const char *path, unsigned mode, int flags);
long atman_sys_fchmodat(int directory, const char *path, unsigned mode);
long atman_sys_chmod(const char *path, unsigned mode);
long atman_sys_fchmod(int fd, unsigned mode);
long atman_sys_fchownat(int directory, const char *path, unsigned uid, unsigned gid,
                        int flags);
long atman_sys_chown(const char *path, unsigned uid, unsigned gid);
long atman_sys_lchown(const char *path, unsigned uid, unsigned gid);
long atman_sys_fchown(int fd, unsigned uid, unsigned gid);
long atman_sys_utimensat(int directory, const char *path, const struct timespec *times,
                         int flags);
long atman_sys_futimesat(int directory, const char *path, const struct timeval *times);
long atman_sys_utimes(const char *path, const struct timeval *times);
long atman_sys_utime(const char *path, const struct utimbuf *times);

/* mount.c */
long atman_sys_mount(const char *source, const char *target, const char *type,
                     unsigned long flags, const void *options);
long atman_sys_umount2(const char *target, int flags);

/* names.c */
long atman_sys_getdents64(int fd, void *buffer, size_t size);
long atman_sys_getcwd(char *buffer, size_t size);
long atman_sys_chdir(const char *path);
long atman_sys_chroot(const char *path);
long atman_sys_fchdir(int fd);
long atman_sys_mkdirat(int directory, const char *path, unsigned mode);
long atman_sys_mkdir(const char *path, unsigned mode);
long atman_sys_mknodat(int directory, const char *path, unsigned mode, unsigned device);
long atman_sys_mknod(const char *path, unsigned mode, unsigned device);
long atman_sys_symlinkat(const char *target, int directory, const char *path);
long atman_sys_symlink(const char *target, const char *path);
long atman_sys_unlinkat(int directory, const char *path, int flags);
long atman_sys_unlink(const char *path);
long atman_sys_rmdir(const char *path);
long atman_sys_linkat(int old_directory, const char *old, int directory, const char *path,
                      int flags);
long atman_sys_link(const char *old, const char *path);
long atman_sys_renameat2(int old_directory, const char *old, int directory,
                         const char *path, unsigned flags);
long atman_sys_renameat(int old_directory, const char *old, int directory,
                        const char *path);
long atman_sys_rename(const char *old, const char *path);
/* pipe.c, poll.c */
long atman_sys_pipe(int *fds);
long atman_sys_pipe2(int *fds, int flags);
long atman_sys_poll(struct pollfd *fds, unsigned count, int limit);
long atman_sys_ppoll(struct pollfd *fds, unsigned count, struct timespec *limit,
                     const uint64_t *mask, size_t size);
long atman_sys_select(int count, uint64_t *in, uint64_t *out, uint64_t *except,
                      struct timeval *limit);
long atman_sys_pselect6(int count, uint64_t *in, uint64_t *out, uint64_t *except,
                        struct timespec *limit, const struct mask_at *at);

/* epoll.c */
long atman_sys_epoll_create(int size);
long atman_sys_epoll_create1(int flags);
long atman_sys_epoll_ctl(int epfd, int operation, int fd, const struct epoll_event *event);
long atman_sys_epoll_wait(int epfd, struct epoll_event *events, int count, int limit);
long atman_sys_epoll_pwait(int epfd, struct epoll_event *events, int count, int limit,
                           const uint64_t *mask, size_t size);
long atman_sys_epoll_pwait2(int epfd, struct epoll_event *events, int count,
                            const struct timespec *limit, const uint64_t *mask,
                            size_t size);

/* eventfd.c */
long atman_sys_eventfd(unsigned value);
long atman_sys_eventfd2(unsigned value, int flags);
long atman_sys_timerfd_create(int clock, int flags);
long atman_sys_timerfd_settime(int fd, int flags, const struct itimerspec *new,
                               struct itimerspec *old);
long atman_sys_timerfd_gettime(int fd, struct itimerspec *value);
long atman_sys_signalfd(int fd, const uint64_t *set, size_t size);
long atman_sys_signalfd4(int fd, const uint64_t *set, size_t size, int flags);

/* socket.c */
long atman_sys_socket(int family, int type, int protocol);
long atman_sys_socketpair(int family, int type, int protocol, int *to);
long atman_sys_bind(int fd, const void *address, unsigned size);
long atman_sys_connect(int fd, const void *address, unsigned size);
long atman_sys_listen(int fd, int backlog);
long atman_sys_accept(int fd, void *address, unsigned *size);
long atman_sys_accept4(int fd, void *address, unsigned *size, int flags);
long atman_sys_getsockname(int fd, void *address, unsigned *size);
long atman_sys_getpeername(int fd, void *address, unsigned *size);
long atman_sys_shutdown(int fd, int how);
long atman_sys_sendto(int fd, const void *data, size_t size, int flags, const void *address,
                      unsigned address_size);
long atman_sys_recvfrom(int fd, void *buffer, size_t size, int flags, void *address,
                        unsigned *address_size);
long atman_sys_sendmsg(int fd, const struct user_message *message, int flags);
long atman_sys_recvmsg(int fd, struct user_message *message, int flags);
long atman_sys_sendmmsg(int fd, struct user_message_of_many *messages, unsigned count,
                        int flags);
long atman_sys_recvmmsg(int fd, struct user_message_of_many *messages, unsigned count,
                        int flags, struct timespec *limit);
long atman_sys_setsockopt(int fd, int level, int name, const void *value, unsigned size);
long atman_sys_getsockopt(int fd, int level, int name, void *value, unsigned *size);

/* memory.c */
long atman_sys_mmap(unsigned long hint, size_t size, int prot, int flags, int fd,
                    off_t offset);
long atman_sys_mprotect(unsigned long start, size_t size, int prot);
long atman_sys_munmap(unsigned long start, size_t size);
long atman_sys_brk(unsigned long end);
long atman_sys_mremap(unsigned long old, size_t old_size, size_t new_size, int flags,
                      unsigned long new);
long atman_sys_madvise(unsigned long start, size_t size, int advice);
long atman_sys_mincore(unsigned long start, size_t size, unsigned char *resident);
long atman_sys_msync(unsigned long start, size_t size, int flags);
long atman_sys_mlock(unsigned long start, size_t size);
long atman_sys_mlock2(unsigned long start, size_t size, unsigned flags);
long atman_sys_munlock(unsigned long start, size_t size);
long atman_sys_mlockall(int flags);
long atman_sys_munlockall(void);

/* early.c: mmap before anything else, by the C library's start. */
long atman_map_early(size_t size);

/* signal.c */
long atman_sys_rt_sigaction(int signal, const struct signal_action *new,
                            struct signal_action *old, size_t mask_size);
long atman_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old, size_t size);
long atman_sys_rt_sigpending(uint64_t *set, size_t size);
long atman_sys_rt_sigtimedwait(const uint64_t *set, struct signal_info *info,
                               const struct timespec *limit, size_t size);
long atman_sys_rt_sigqueueinfo(int pid, int signal, const struct signal_info *info);
long atman_sys_rt_tgsigqueueinfo(int pid, int tid, int signal,
                                 const struct signal_info *info);
long atman_sys_rt_sigsuspend(const uint64_t *mask, size_t size);
long atman_sys_pause(void);
long atman_sys_sigaltstack(const struct sigaltstack *new, struct sigaltstack *old);
long atman_sys_kill(int pid, int signal);
long atman_sys_tkill(int tid, int signal);
long atman_sys_tgkill(int pid, int tid, int signal);

/* signal.c: what raise() and abort() are, which need nothing else of signals. */
long atman_raise(int signal);
_Noreturn void atman_abort(void);

/* For pthread_cancel: where the thread is, enum cancel_point (signal/thread.h). */
void atman_set_cancel_point(int point);

/* time.c */
long atman_sys_gettimeofday(struct timeval *now, void *zone);
long atman_sys_time(long *now);
long atman_sys_clock_gettime(int clock, struct timespec *now);
long atman_sys_clock_getres(int clock, struct timespec *resolution);
long atman_sys_clock_settime(int clock, const struct timespec *time);
long atman_sys_settimeofday(const struct timeval *time, const void *zone);
long atman_sys_adjtimex(struct timex *state);
long atman_sys_clock_adjtime(int clock, struct timex *state);

/* timer.c */
long atman_sys_timer_create(int clock, const void *event, int *id);
long atman_sys_timer_settime(int id, int flags, const struct itimerspec *new,
                             struct itimerspec *old);
long atman_sys_timer_gettime(int id, struct itimerspec *value);
long atman_sys_timer_getoverrun(int id);
long atman_sys_timer_delete(int id);

/* itimer.c */
long atman_sys_setitimer(int which, const struct itimerval *new, struct itimerval *old);
long atman_sys_getitimer(int which, struct itimerval *value);
long atman_sys_alarm(unsigned seconds);

/* sleep.c */
long atman_sys_nanosleep(const struct timespec *time, struct timespec *left);
long atman_sys_clock_nanosleep(int clock, int flags, const struct timespec *time,
                               struct timespec *left);

/* process.c */
long atman_sys_getpid(void);
long atman_sys_getppid(void);
_Noreturn long atman_sys_exit_group(int status);
long atman_sys_uname(struct utsname *name);
long atman_sys_sethostname(const char *name, long size);
long atman_sys_setdomainname(const char *name, long size);
long atman_sys_getrandom(void *buffer, size_t size, unsigned flags);
long atman_sys_sysinfo(struct sysinfo *info);

/* identity.c */
long atman_sys_getuid(void);
long atman_sys_getgid(void);
long atman_sys_geteuid(void);
long atman_sys_getegid(void);
long atman_sys_getresuid(unsigned *real, unsigned *effective, unsigned *saved);
long atman_sys_getresgid(unsigned *real, unsigned *effective, unsigned *saved);
long atman_sys_setuid(unsigned id);
long atman_sys_setgid(unsigned id);
long atman_sys_setreuid(unsigned real, unsigned effective);
long atman_sys_setregid(unsigned real, unsigned effective);
long atman_sys_setresuid(unsigned real, unsigned effective, unsigned saved);
long atman_sys_setresgid(unsigned real, unsigned effective, unsigned saved);
long atman_sys_setfsuid(unsigned id);
long atman_sys_setfsgid(unsigned id);
long atman_sys_getgroups(int size, unsigned *groups);
long atman_sys_setgroups(size_t count, const unsigned *groups);
long atman_sys_getpgrp(void);
long atman_sys_getpgid(int pid);
long atman_sys_getsid(int pid);
long atman_sys_setpgid(int pid, int group);
long atman_sys_setsid(void);
long atman_sys_umask(unsigned mask);

/* limits.c */
long atman_sys_prlimit64(int pid, int resource, const void *new, void *old);
long atman_sys_getrlimit(int resource, void *limit);
long atman_sys_setrlimit(int resource, const void *limit);

/* usage.c */
long atman_sys_getrusage(int who, struct rusage *usage);
long atman_sys_times(struct tms *times);

/* prctl.c, membarrier.c */
long atman_sys_prctl(int operation, unsigned long a, unsigned long b, unsigned long c,
                     unsigned long d);
long atman_sys_membarrier(int command, unsigned flags);

/* thread.c */
long atman_sys_sched_yield(void);
long atman_sys_arch_prctl(int code, unsigned long address);
long atman_sys_gettid(void);
long atman_sys_futex(uint32_t *word, int operation, uint32_t value,
                     const struct timespec *limit, uint32_t *word2, uint32_t value3);
_Noreturn long atman_sys_exit(int status);
long atman_sys_set_tid_address(int *address);

/* robust.c */
long atman_sys_set_robust_list(void *list, size_t size);
long atman_sys_get_robust_list(int tid, void **list, size_t *size);

/* sched.c */
long atman_sys_sched_setscheduler(int tid, int policy, const void *parameters);
long atman_sys_sched_getscheduler(int tid);
long atman_sys_sched_setparam(int tid, const void *parameters);
long atman_sys_sched_getparam(int tid, void *parameters);
long atman_sys_sched_get_priority_max(int policy);
long atman_sys_sched_get_priority_min(int policy);
long atman_sys_sched_setattr(int tid, void *attributes, unsigned flags);
long atman_sys_sched_getattr(int tid, void *attributes, unsigned size, unsigned flags);
long atman_sys_sched_rr_get_interval(int tid, struct timespec *slice);
long atman_sys_setpriority(int which, int who, int nice);
long atman_sys_getpriority(int which, int who);

/* affinity.c */
long atman_sys_sched_setaffinity(int tid, size_t size, const void *mask);
long atman_sys_sched_getaffinity(int tid, size_t size, void *mask);
long atman_sys_getcpu(unsigned *cpu, unsigned *node);

/* The whole of futex(2) is there from now on, not only what the C library needs alone. */
void atman_futex_start(void);

/* terminal.c: the settings of a terminal can be asked for from now on. */
void atman_ioctl_start(long request);

/* The same of fcntl: locks, and flags that are set. */
void atman_fcntl_start(long command);

/* attend.c: the program has said what is to be done for a signal. */
void attend(int signal);
/* From now on mmap's shared anonymous memory is an object, as mremap wants it. The C
 * library's mmap calls this in a program that calls mremap: no other has it linked. */
void atman_shared_start(void);

/*
 * clone.c: what the C library calls in place of clone(2), which returns twice:
 * run(argument) is called in the new thread, and what it returns ends that. Flags are
 * CLONE_*; the result is its id or a negative errno.
 */
long atman_clone(int (*run)(void *), void *stack, unsigned long flags, void *argument,
                 int *parent, void *tls, int *child);

/* clone(2) itself, by a `syscall` instruction with these registers. */
struct frame;
long clone_frame(const struct frame *frame);

/* Ends the thread and unmaps its stack. */
_Noreturn void atman_exit_unmap(void *start, size_t size);

/*
 * raw.c: the handler of the program's `syscall` instructions. The dispatcher says by
 * atman_raw_handler that it is wanted.
 */
void atman_raw_syscall(struct frame *f, unsigned vector);
extern void (*const atman_raw_handler)(struct frame *f, unsigned vector);

/* locks.c */
long atman_sys_flock(int fd, int operation);

/* memfd.c */
long atman_sys_memfd_create(const char *name, unsigned flags);

/* watch.c */
long atman_sys_inotify_init(void);
long atman_sys_inotify_init1(int flags);
long atman_sys_inotify_add_watch(int fd, const char *path, unsigned mask);
long atman_sys_inotify_rm_watch(int fd, int watch);

/* xattr.c */
long atman_sys_setxattr(const char *path, const char *name, const void *value, size_t size,
                        int flags);
long atman_sys_lsetxattr(const char *path, const char *name, const void *value, size_t size,
                         int flags);
long atman_sys_fsetxattr(int fd, const char *name, const void *value, size_t size,
                         int flags);
long atman_sys_getxattr(const char *path, const char *name, void *value, size_t size);
long atman_sys_lgetxattr(const char *path, const char *name, void *value, size_t size);
long atman_sys_fgetxattr(int fd, const char *name, void *value, size_t size);
long atman_sys_listxattr(const char *path, char *list, size_t size);
long atman_sys_llistxattr(const char *path, char *list, size_t size);
long atman_sys_flistxattr(int fd, char *list, size_t size);
long atman_sys_removexattr(const char *path, const char *name);
long atman_sys_lremovexattr(const char *path, const char *name);
long atman_sys_fremovexattr(int fd, const char *name);

/* missing.c: -ENOSYS; the first time with each number the log is told who calls it. */
long atman_sys_missing(long number);
long atman_sys_wait4(int pid, int *status, int options, struct rusage *usage);
long atman_sys_waitid(int kind, int id, void *info, int options, struct rusage *usage);

/* dispatch.c: a number known only at run time. */
long atman_syscall(long n, long a, long b, long c, long d, long e, long f);

#endif
