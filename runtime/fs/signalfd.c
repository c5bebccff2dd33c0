/* SPDX-License-Identifier: MIT */
/*
 * signalfd: signals that are pending for who reads, or for the process, are read. Whenever
 * one is sent all signalfds are looked at: there are few.
 */
#include "fs/signalfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "fs/file.h"
#include "sched/thread.h"
#include "signal/internal.h"

enum { CAN_READ = POLLIN | POLLRDNORM };

static struct ready sent = {.lock = LOCK_INIT(LOCK_READY)};

/* file->word is the set. */
static uint64_t set_of(const struct file *file) {
    return __atomic_load_n(&file->word, __ATOMIC_SEQ_CST);
}

static void was_sent(void) {
    ready_notify(&sent, CAN_READ);
}

static struct signalfd_siginfo describe(const struct signal_info *info) {
    struct signalfd_siginfo s = {.ssi_signo = (uint32_t)info->signal,
                                 .ssi_errno = info->error,
                                 .ssi_code = info->code};

    if (info->code == SI_TIMER) {
        s.ssi_tid = (uint32_t)info->timer.id;
        s.ssi_overrun = (uint32_t)info->timer.overrun;
        s.ssi_ptr = info->timer.value;
        s.ssi_int = (int)info->timer.value;
        return s;
    }
    s.ssi_pid = (uint32_t)info->sent.pid;
    s.ssi_uid = info->sent.uid;
    if (info->code < 0 && info->code != SI_TKILL) {
        s.ssi_ptr = info->sent.value;
        s.ssi_int = (int)info->sent.value;
    }
    return s;
}

static long signalfd_read(struct file *file, struct transfer *to, int64_t *position) {
    struct signal_info info;
    long total = 0, n = -EINVAL;

    (void)position;
    while (to->left >= sizeof(struct signalfd_siginfo)) {
        n = signal_wait(set_of(file), &info, 1);
        if (n < 0)
            break;
        struct signalfd_siginfo told = describe(&info);
        n = transfer_put(to, &told, sizeof told);
        if (n != sizeof told)
            return total ? total : -EFAULT;
        total += n;
    }
    return total ? total : n;
}

static unsigned signalfd_poll(struct file *file) {
    uint64_t pending = thread_current()->signals.pending.set |
                       __atomic_load_n(&signal_process.set, __ATOMIC_SEQ_CST);

    return pending & set_of(file) ? CAN_READ : 0;
}

static struct ready *signalfd_ready(struct file *file) {
    (void)file;
    return &sent;
}

static const struct file_ops signalfd_ops = {.read = signalfd_read,
                                             .poll = signalfd_poll,
                                             .ready = signalfd_ready,
                                             .name = "anon_inode:[signalfd]"};

static uint64_t allowed(uint64_t set) {
    return set & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
}

struct file *signalfd_make(uint64_t set, unsigned flags) {
    struct file *file = file_make(&signalfd_ops, O_RDWR | flags, NULL);

    signal_start();
    __atomic_store_n(&signal_was_sent, was_sent, __ATOMIC_SEQ_CST);
    if (file)
        file->word = allowed(set);
    return file;
}

long signalfd_change(struct file *file, uint64_t set) {
    if (file->ops != &signalfd_ops)
        return -EINVAL;
    __atomic_store_n(&file->word, allowed(set), __ATOMIC_SEQ_CST);
    was_sent();
    return 0;
}
