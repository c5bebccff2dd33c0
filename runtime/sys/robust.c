/* SPDX-License-Identifier: MIT */
/* System calls: each thread's list of robust mutexes, which is looked at when it ends. */
#include "sched/robust.h"

#include <errno.h>

#include "pv/access.h"
#include "sys/calls.h"

long atman_sys_set_robust_list(void *list, size_t size) {
    if (size != sizeof(struct robust_list))
        return -EINVAL;
    thread_current()->robust = list;
    return 0;
}

long atman_sys_get_robust_list(int tid, void **list, size_t *size) {
    struct thread *t = thread_current();
    size_t found_size = sizeof(struct robust_list);
    void *found = NULL;

    lock_take(&threads_lock);
    if (tid && tid != t->tid)
        t = thread_find(tid);
    if (t)
        found = t->robust;
    lock_drop(&threads_lock);
    if (!t)
        return -ESRCH;
    long error = user_write(size, &found_size, sizeof found_size);
    return error ? error : user_write(list, &found, sizeof found);
}
