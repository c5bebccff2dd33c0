/* SPDX-License-Identifier: MIT */
/* System calls: signals. */
#include "signal/signal.h"

#include <errno.h>
#include <signal.h>

#include "sys/calls.h"

long atman_sys_rt_sigaction(int signal, const struct signal_action *new,
                            struct signal_action *old, size_t mask_size) {
    return mask_size == sizeof(uint64_t) ? signal_set_action(signal, new, old) : -EINVAL;
}

long atman_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old, size_t size) {
    return size == sizeof(uint64_t) ? signal_change_mask(how, set, old) : -EINVAL;
}

long atman_sys_rt_sigpending(uint64_t *set, size_t size) {
    if (size > sizeof(uint64_t))
        return -EINVAL;
    *set = signal_pending();
    return 0;
}

/* The program is process 1 and group 1; -1 is everybody else, and there is nobody. */
long atman_sys_kill(int pid, int signal) {
    return pid == THE_PROCESS || pid == 0 || pid == -THE_PROCESS
               ? signal_send(signal, SI_USER)
               : -ESRCH;
}

long atman_sys_tkill(int tid, int signal) {
    return tid == THE_PROCESS ? signal_send(signal, SI_TKILL) : -ESRCH;
}

long atman_sys_tgkill(int pid, int tid, int signal) {
    return pid == THE_PROCESS ? atman_sys_tkill(tid, signal) : -ESRCH;
}
