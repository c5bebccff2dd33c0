/* SPDX-License-Identifier: MIT */
/*
 * Where things are in the runtime's structures, for atman-gdb.py: an image holds no types.
 * This file is compiled to assembly, of which the lines with #@ are read.
 */
#include "sched/thread.h"

void gdb_offsets(void);

#define VALUE(name, value) __asm__ __volatile__("#@ " name " %c0" : : "i"(value))
#define OFFSET(name, type, member) VALUE(name, __builtin_offsetof(struct type, member))

void gdb_offsets(void) {
    OFFSET("thread.by_tid", thread, by_tid);
    OFFSET("thread.frame", thread, frame);
    OFFSET("thread.futex", thread, futex.address);
    OFFSET("thread.name", thread, name);
    OFFSET("thread.sp", thread, sp);
    OFFSET("thread.state", thread, state);
    OFFSET("thread.tid", thread, tid);
    OFFSET("node.child", tree_node, child);
    OFFSET("tree.root", tree, root);
    OFFSET("line.thread", line, thread);
    VALUE("line.size", sizeof(struct line));
    VALUE("lines", VCPUS_MAX);
    OFFSET("switch.r15", switch_stack, r15);
    OFFSET("switch.r14", switch_stack, r14);
    OFFSET("switch.r13", switch_stack, r13);
    OFFSET("switch.r12", switch_stack, r12);
    OFFSET("switch.rbx", switch_stack, rbx);
    OFFSET("switch.rbp", switch_stack, rbp);
    OFFSET("switch.rip", switch_stack, rip);
    VALUE("switch.size", sizeof(struct switch_stack));
    OFFSET("frame.r15", frame, r15);
    OFFSET("frame.r14", frame, r14);
    OFFSET("frame.r13", frame, r13);
    OFFSET("frame.r12", frame, r12);
    OFFSET("frame.rbp", frame, rbp);
    OFFSET("frame.rbx", frame, rbx);
    OFFSET("frame.r10", frame, r10);
    OFFSET("frame.r9", frame, r9);
    OFFSET("frame.r8", frame, r8);
    OFFSET("frame.rdi", frame, rdi);
    OFFSET("frame.rsi", frame, rsi);
    OFFSET("frame.rdx", frame, rdx);
    OFFSET("frame.rax", frame, rax);
    OFFSET("frame.r11", frame, r11);
    OFFSET("frame.rcx", frame, rcx);
    OFFSET("frame.rip", frame, rip);
    OFFSET("frame.rsp", frame, rsp);
}
