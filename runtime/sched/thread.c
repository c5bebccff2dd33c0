/* SPDX-License-Identifier: MIT */
/*
 * Where threads come from: records cut from kernel pages, each with its floating-point area
 * behind it, kept for reuse; and the table of all of them. Ids are given in turn, from 2
 * on.
 */
#include "sched/thread.h"

#include <limits.h>

#include "base/string.h"
#include "mm/page.h"

enum { FPU_ALIGNMENT = 64 };

struct lock threads_lock = LOCK_INIT(LOCK_THREADS);
struct tree threads;
unsigned thread_live = 1;
struct thread_past thread_past;
int thread_last;

static struct list unused = {&unused, &unused}; /* through ready */

static bool is_before(const struct tree_node *node, unsigned long tid) {
    return (unsigned long)TREE_RECORD(node, struct thread, by_tid)->tid < tid;
}

struct thread *thread_find(int tid) {
    struct tree_node *node = tree_find(&threads, is_before, (unsigned long)tid);
    struct thread *t = node ? TREE_RECORD(node, struct thread, by_tid) : NULL;

    return t && t->tid == tid ? t : NULL;
}

/* Under the lock. */
static void add(struct thread *t, int tid) {
    t->tid = tid;
    tree_insert(&threads, &t->by_tid, tree_find(&threads, is_before, (unsigned long)tid));
}

void thread_init(void) {
    lock_take(&threads_lock);
    thread_last = thread_main.tid;
    add(&thread_main, thread_last);
    lock_drop(&threads_lock);
}

static int next_tid(void) {
    do
        thread_last = thread_last == INT_MAX / 2 ? 2 : thread_last + 1;
    while (thread_find(thread_last));
    return thread_last;
}

static size_t record_size(void) {
    return ROUND_UP(sizeof(struct thread), FPU_ALIGNMENT) +
           ROUND_UP(fpu_size(), FPU_ALIGNMENT);
}

/* A record with arbitrary contents. Under the lock. */
static struct thread *take_record(void) {
    size_t size = record_size();

    if (list_is_empty(&unused)) {
        char *page = page_alloc_kernel();
        if (!page)
            return NULL;
        for (size_t at = 0; at + size <= PAGE_SIZE; at += size)
            list_insert(&((struct thread *)(page + at))->ready, &unused);
    }
    struct thread *t = LIST_RECORD(unused.next, struct thread, ready);
    list_remove(&t->ready);
    return t;
}

static void inherit(struct thread *t, const struct thread *from) {
    t->vcpu = from->vcpu;
    if (!from->policy.resets)
        t->policy = from->policy;
    t->rank = t->policy.priority;
    t->affinity = from->affinity;
    t->signals.blocked = from->signals.blocked;
    memcpy(t->name, from->name, sizeof t->name);
}

static void prepare(struct thread *t, const struct frame *frame) {
    t->frame = *frame;
    t->fpu = (char *)t + ROUND_UP(sizeof *t, FPU_ALIGNMENT);
    fpu_init(t->fpu);
    t->resume = (struct switch_stack){.mxcsr = MXCSR_DEFAULT,
                                      .x87_control = X87_CONTROL_DEFAULT,
                                      .rip = (unsigned long)switch_resume};
    t->sp = (unsigned long)&t->resume;
}

struct thread *thread_make_own(void (*run)(void), unsigned long stack_end) {
    struct frame frame = {.rip = (unsigned long)run,
                          .cs = FRAME_CS,
                          .rflags = FRAME_IF | 2,
                          .rsp = stack_end - 8, /* as after a call */
                          .ss = FRAME_SS};

    lock_take(&threads_lock);
    struct thread *t = take_record();
    lock_drop(&threads_lock);
    if (!t)
        return NULL;
    memset(t, 0, sizeof *t);
    t->vcpu = thread_current()->vcpu;
    t->affinity = ~0u;
    t->signals.blocked = ~0ul;
    prepare(t, &frame);
    return t;
}

struct thread *thread_make(const struct frame *frame, unsigned long fs_base) {
    lock_take(&threads_lock);
    struct thread *t = take_record();
    if (t) {
        memset(t, 0, sizeof *t);
        inherit(t, thread_current()); /* who finds it looks at that */
        add(t, next_tid());
    }
    lock_drop(&threads_lock);
    if (!t)
        return NULL;
    __atomic_fetch_add(&thread_live, 1, __ATOMIC_SEQ_CST);
    t->fs_base = fs_base;
    prepare(t, frame);
    return t;
}

void thread_free(struct thread *t) {
    lock_take(&threads_lock);
    tree_remove(&threads, &t->by_tid);
    thread_past.switches += t->switches;
    thread_past.preemptions += t->preemptions;
    if (t != &thread_main)
        list_insert(&t->ready, &unused);
    lock_drop(&threads_lock);
}
