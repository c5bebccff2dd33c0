/* SPDX-License-Identifier: MIT */
/* System calls: signals. */
#include "signal/signal.h"

#include <errno.h>
#include <signal.h>

#include "base/string.h"
#include "init/shutdown.h"
#include "pv/access.h"
#include "sched/deadline.h"
#include "sched/thread.h"
#include "signal/report.h"
#include "sys/calls.h"

enum { SET_SIZE = sizeof(uint64_t), INFO_SIZE = 128 };

long atman_raise(int signal) {
    return signal_raise(signal);
}

void atman_abort(void) {
    report_call(signal_describe_end(SIGABRT), SIGABRT);
    shutdown_by_signal(SIGABRT);
}

void atman_set_cancel_point(int point) {
    thread_current()->signals.point = (uint8_t)point;
}

long atman_sys_rt_sigaction(int signal, const struct signal_action *new,
                            struct signal_action *old, size_t mask_size) {
    struct signal_action wanted, was;
    long error = mask_size == SET_SIZE ? 0 : -EINVAL;

    if (!error && new)
        error = user_read(&wanted, new, sizeof wanted);
    if (!error)
        error = signal_set_action(signal, new ? &wanted : NULL, &was);
    if (!error && new)
        attend(signal);
    if (!error && old)
        error = user_write(old, &was, sizeof was);
    return error;
}

long atman_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old, size_t size) {
    uint64_t wanted, was;
    long error = size == SET_SIZE ? 0 : -EINVAL;

    if (!error && set)
        error = user_read(&wanted, set, sizeof wanted);
    if (!error)
        error = signal_change_mask(how, set ? &wanted : NULL, &was);
    if (!error && old)
        error = user_write(old, &was, sizeof was);
    return error;
}

long atman_sys_rt_sigpending(uint64_t *set, size_t size) {
    uint64_t pending = signal_pending();

    return size > SET_SIZE ? -EINVAL : user_write(set, &pending, size);
}

/*
 * The program is process 1, which has a group of its own. -1 is everybody else, and there
 * is nobody.
 */
static bool is_us(int pid) {
    return pid == THE_PROCESS || pid == 0;
}

static struct signal_info from_program(int signal, int code) {
    return (struct signal_info){.signal = signal, .code = code, .sent.pid = THE_PROCESS};
}

long atman_sys_kill(int pid, int signal) {
    struct signal_info info = from_program(signal, SI_USER);

    signal_start();
    return is_us(pid) ? signal_send_process(&info) : -ESRCH;
}

long atman_sys_tkill(int tid, int signal) {
    struct signal_info info = from_program(signal, SI_TKILL);

    signal_start();
    return tid > 0 ? signal_send_thread(tid, &info) : -EINVAL;
}

long atman_sys_tgkill(int pid, int tid, int signal) {
    if (pid <= 0 || tid <= 0)
        return -EINVAL;
    return pid == THE_PROCESS ? atman_sys_tkill(tid, signal) : -ESRCH;
}

static long read_info(struct signal_info *info, int signal,
                      const struct signal_info *from) {
    long error = user_read(info, from, sizeof *info);

    info->signal = signal;
    return error;
}

/*
 * A code that says that the kernel or kill() sent it is only for the thread of that id:
 * Linux takes the sender's id for the process's, which it is for the main thread.
 */
static bool may_claim(const struct signal_info *info, int id) {
    return (info->code < 0 && info->code != SI_TKILL) || thread_current()->tid == id;
}

long atman_sys_rt_sigqueueinfo(int pid, int signal, const struct signal_info *from) {
    struct signal_info info;
    long error = read_info(&info, signal, from);

    signal_start();
    if (error)
        return error;
    if (!may_claim(&info, pid))
        return -EPERM;
    return pid == THE_PROCESS ? signal_send_process(&info) : -ESRCH;
}

long atman_sys_rt_tgsigqueueinfo(int pid, int tid, int signal,
                                 const struct signal_info *from) {
    struct signal_info info;
    long error = read_info(&info, signal, from);

    signal_start();
    if (error)
        return error;
    if (pid <= 0 || tid <= 0)
        return -EINVAL;
    if (!may_claim(&info, tid))
        return -EPERM;
    return pid == THE_PROCESS ? signal_send_thread(tid, &info) : -ESRCH;
}

/* As system time, for signal_wait. */
static long read_limit(const struct timespec *limit, uint64_t *until) {
    struct timespec t;
    long error = limit ? user_read(&t, limit, sizeof t) : 0;

    *until = 0;
    if (error || !limit)
        return error;
    error = deadline_read(&t, false, false, until);
    if (!t.tv_sec && !t.tv_nsec)
        *until = 1;
    return error;
}

long atman_sys_rt_sigtimedwait(const uint64_t *set, struct signal_info *to,
                               const struct timespec *limit, size_t size) {
    struct signal_info info;
    uint64_t wanted, until;
    long result = size == SET_SIZE ? user_read(&wanted, set, sizeof wanted) : -EINVAL;

    signal_start();
    if (!result)
        result = read_limit(limit, &until);
    if (result)
        return result;
    wanted &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
    result = signal_wait(wanted, &info, until);
    if (result > 0 && to) {
        char whole[INFO_SIZE] = {0};
        memcpy(whole, &info, sizeof info);
        if (user_write(to, whole, sizeof whole))
            result = -EFAULT;
    }
    return result;
}

long atman_sys_rt_sigsuspend(const uint64_t *mask, size_t size) {
    uint64_t wanted;
    long error = size == SET_SIZE ? user_read(&wanted, mask, sizeof wanted) : -EINVAL;

    signal_start();
    return error ? error : signal_suspend(&wanted);
}

long atman_sys_pause(void) {
    signal_start();
    return signal_suspend(NULL);
}

long atman_sys_sigaltstack(const struct sigaltstack *new, struct sigaltstack *old) {
    const struct raw_call *raw = thread_current()->raw;

    return signal_set_stack(
        new, old, raw ? raw->frame.rsp : (unsigned long)__builtin_frame_address(0));
}
