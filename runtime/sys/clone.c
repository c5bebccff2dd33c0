/* SPDX-License-Identifier: MIT */
/* System calls: the beginning and the end of threads. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

#include "init/shutdown.h"
#include "pv/access.h"
#include "pv/mode.h"
#include "sched/hooks.h"
#include "sched/schedule.h"
#include "sys/calls.h"
#include "xenbus/processor.h"

/* What makes a thread; less would be a process, and there is only one. */
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* What is kept apart by each, there is no second one of. */
#define NAMESPACE_FLAGS                                                                    \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |         \
     CLONE_NEWPID | CLONE_NEWNET)

/* Linux's EINVAL for what contradicts itself comes before the ENOSYS for a process. */
static long check(unsigned long flags, unsigned long tls) {
    if ((flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) ||
        (flags & CLONE_SIGHAND && !(flags & CLONE_VM)) ||
        (flags & CLONE_THREAD && flags & (NAMESPACE_FLAGS | CLONE_PIDFD)) ||
        (flags & CLONE_FS && flags & (CLONE_NEWNS | CLONE_NEWUSER)))
        return -EINVAL;
    if ((flags & THREAD_FLAGS) != THREAD_FLAGS)
        return atman_sys_missing(SYS_clone);
    return flags & CLONE_SETTLS && tls >> 47 ? -EPERM : 0;
}

/* The thread of that frame, with its id where the flags want it. It may end at once. */
static long start(struct frame *frame, unsigned long flags, unsigned long tls, int *parent,
                  int *child) {
    scheduler_start();
    processors_follow();
    vcpu_start_next();
    struct thread *t = thread_make(
        frame, flags & CLONE_SETTLS ? tls : mode_get_fs(thread_current()->fs_base));
    if (!t)
        return -EAGAIN;
    if (thread_current()->raw) /* all registers are the same in the child */
        fpu_save(t->fpu);
    int tid = t->tid;
    /* Linux does not look whether these could be written either. */
    if (flags & CLONE_PARENT_SETTID)
        user_write(parent, &tid, sizeof tid);
    if (flags & CLONE_CHILD_SETTID)
        user_write(child, &tid, sizeof tid);
    if (flags & CLONE_CHILD_CLEARTID)
        t->clear_tid = child;
    schedule_add(t);
    return tid;
}

static _Noreturn void begin(void *argument, int (*run)(void *)) {
    atman_sys_exit(run(argument));
}

long atman_clone(int (*run)(void *), void *stack, unsigned long flags, void *argument,
                 int *parent, void *tls, int *child) {
    struct frame frame = {
        .rip = (unsigned long)begin,
        .rdi = (unsigned long)argument,
        .rsi = (unsigned long)run,
        .cs = FRAME_CS,
        .rflags = FRAME_IF | 2,
        .rsp = ROUND_DOWN((unsigned long)stack, 16) - 8, /* as after a call */
        .ss = FRAME_SS,
    };
    long error = check(flags, (unsigned long)tls);

    return error ? error : start(&frame, flags, (unsigned long)tls, parent, child);
}

long clone_frame(const struct frame *frame) {
    struct frame child = *frame;
    long error = check(frame->rdi, frame->r8);

    child.rax = 0;
    if (frame->rsi)
        child.rsp = frame->rsi;
    return error
               ? error
               : start(&child, frame->rdi, frame->r8, (int *)frame->rdx, (int *)frame->r10);
}

void atman_futex_start(void) {
    scheduler_start();
}

void atman_exit_unmap(void *start_, size_t size) {
    struct thread *t = thread_current();

    t->unmap_start = (unsigned long)start_;
    t->unmap_size = size;
    atman_sys_exit(0);
}
