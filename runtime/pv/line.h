/* SPDX-License-Identifier: MIT */
/*
 * What a vCPU finds by %gs alone: its own slot of shared_info.vcpu_info at offset 0 and, a
 * page further, its line, of the same size. So one instruction masks events (%gs:1),
 * without a moment in which the thread could be moved to another vCPU.
 */
#ifndef ATMAN_PV_LINE_H
#define ATMAN_PV_LINE_H

/* Offsets from %gs, for assembly. */
#define GS_PENDING 0
#define GS_MASK 1
#define GS_FAULT_ADDRESS 16
#define GS_THREAD 4096
#define GS_DEPTH 4104
#define GS_KERNEL_SP 4112

#ifndef __ASSEMBLER__

#    include "base.h"

enum { VCPUS_MAX = 32 }; /* shared_info has no more slots */

struct thread;
struct vcpu;
struct lock;

struct line {
    struct thread *thread;   /* that runs here */
    unsigned long depth;     /* events_off without their events_on; a kernel entry counts */
    unsigned long kernel_sp; /* the end of the stack of the kernel entries */
    struct vcpu *vcpu;       /* sched/vcpu.h; NULL until threads are on */
    struct lock *waits_for;  /* xen/lock.c */
    struct lock *held;       /* the lock taken last; in a debug build only */
    unsigned index;          /* of the vCPU */
    unsigned wake_port;      /* event channel that ends the wait; 0 if there is none */
    bool resched;            /* a better thread may be ready */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct line) == 64, "as large as a struct vcpu_info");

/* All of them, behind shared_info (pv/start.S). */
extern struct line vcpu_lines[VCPUS_MAX];

/* What may change under the reader's feet is read with events off. */
#    define THIS_LINE ((struct line __attribute__((address_space(256))) *)GS_THREAD)

/*
 * This vCPU has something to see to as soon as events are on: it gets an upcall, even if no
 * event has come.
 */
static inline void line_want_upcall(void) {
    __asm__ __volatile__("movb $1, %%gs:%c0" : : "i"(GS_PENDING) : "memory");
}

/* The thread that runs this very code: the same before and after it was moved. */
static inline struct thread *thread_current(void) {
    struct thread *t;

    __asm__("mov %%gs:%c1, %0" : "=r"(t) : "i"(GS_THREAD));
    return t;
}

#endif
#endif
