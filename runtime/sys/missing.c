/* SPDX-License-Identifier: MIT */
/*
 * System calls that are not there: what the C library calls in their place, so that it can
 * be known which a program has asked for, and where. And those that tell of children, which
 * nobody has.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "log/log.h"
#include "pv/access.h"
#include "sys/calls.h"

enum { NUMBERS = 512, CALLERS = 4 };

/* What is asked for now and then; others are told by their number. */
static const struct {
    uint16_t number;
    char name[18];
} names[] = {
#define NAME(name) {SYS_##name, #name}
    NAME(shmget),
    NAME(shmat),
    NAME(shmctl),

    NAME(clone),
    NAME(fork),
    NAME(vfork),
    NAME(execve),
    NAME(semget),
    NAME(semop),
    NAME(msgget),
    NAME(ptrace),
    NAME(syslog),
    NAME(capget),
    NAME(capset),
    NAME(personality),
    NAME(pivot_root),
    NAME(swapon),
    NAME(reboot),
    NAME(ioperm),
    NAME(iopl),
    NAME(init_module),
    NAME(quotactl),
    NAME(remap_file_pages),
    NAME(io_setup),
    NAME(mbind),
    NAME(get_mempolicy),
    NAME(mq_open),
    NAME(add_key),
    NAME(keyctl),
    NAME(unshare),
    NAME(splice),
    NAME(tee),
    NAME(vmsplice),
    NAME(perf_event_open),
    NAME(fanotify_init),
    NAME(setns),
    NAME(kcmp),
    NAME(process_vm_readv),
    NAME(seccomp),
    NAME(bpf),
    NAME(execveat),
    NAME(userfaultfd),
    NAME(pkey_alloc),
    NAME(rseq),
    NAME(io_uring_setup),
    NAME(pidfd_open),
    NAME(clone3),
#undef NAME
};

static const char *name_of(long number) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i].number == number)
            return names[i].name;
    return "a system call";
}

/* As in a crash report, so that atman-run names the places; #0 would be no return address.
 */
static void tell_callers(const unsigned long *rbp) {
    unsigned long frame[2];

    for (unsigned i = 1; i <= CALLERS && !user_read(frame, rbp, sizeof frame); i++) {
        log_warn("  #%u 0x%016lx", i, frame[1]);
        if (frame[0] <= (unsigned long)rbp)
            break;
        rbp = (const unsigned long *)frame[0];
    }
}

long atman_sys_missing(long number) {
    static uint64_t said[NUMBERS / 64];
    uint64_t bit = 1ul << (number & 63);

    if (!log_shows(LOG_WARN) || number < 0 || number >= NUMBERS ||
        __atomic_fetch_or(&said[number / 64], bit, __ATOMIC_RELAXED) & bit)
        return -ENOSYS;
    log_warn("%s (%ld) was called, which is not there (ENOSYS):", name_of(number), number);
    tell_callers(__builtin_frame_address(0));
    return -ENOSYS;
}

long atman_sys_wait4(int pid, int *status, int options, struct rusage *usage) {
    (void)pid, (void)status, (void)usage;
    return (unsigned)options & ~(WNOHANG | WUNTRACED | WCONTINUED | 0xe0000000u) ? -EINVAL
                                                                                 : -ECHILD;
}

long atman_sys_waitid(int kind, int id, void *info, int options, struct rusage *usage) {
    (void)id, (void)info, (void)usage;
    return kind < P_ALL || kind > 3 ||
                   (unsigned)options & ~(WNOHANG | WEXITED | WSTOPPED | WCONTINUED |
                                         WNOWAIT | 0xe0000000u) ||
                   !(options & (WEXITED | WSTOPPED | WCONTINUED))
               ? -EINVAL
               : -ECHILD;
}
