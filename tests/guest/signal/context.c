/* SPDX-License-Identifier: MIT */
/*
 * A handler sees every general register of what it interrupted and can change each of them,
 * the instruction pointer and the flags too; flags it should not see are clear in it. The
 * mask, the stack and the floating-point state are in the context as well.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <ucontext.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

/* In the order in which trap_with_registers loads and stores them. */
static const int order[] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI,
                            REG_RDI, REG_RBP, REG_R8,  REG_R9,  REG_R10,
                            REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
enum {
    REGISTERS = sizeof order / sizeof *order,
    CARRY = 1,
    DIRECTION = 0x400,
    STATUS = 0x8d5
};

static long loaded[REGISTERS + 1], stored[REGISTERS + 1]; /* the last: flags */
static long seen[REGISTERS + 1], stack_seen, flags_inside;
static int change;
static volatile int calls;

/* Loads all registers, executes an undefined instruction of two bytes, stores them. */
void trap_with_registers(const long *from, long *to);
__asm__(".text\n"
        "trap_with_registers:\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "push %rsi\n"
        "push 120(%rdi)\n popfq\n"
        "mov (%rdi), %rax\n mov 8(%rdi), %rbx\n mov 16(%rdi), %rcx\n mov 24(%rdi), %rdx\n"
        "mov 32(%rdi), %rsi\n mov 48(%rdi), %rbp\n mov 56(%rdi), %r8\n mov 64(%rdi), %r9\n"
        "mov 72(%rdi), %r10\n mov 80(%rdi), %r11\n mov 88(%rdi), %r12\n"
        "mov 96(%rdi), %r13\n mov 104(%rdi), %r14\n mov 112(%rdi), %r15\n"
        "mov 40(%rdi), %rdi\n"
        "ud2\n"
        "xchg (%rsp), %rdi\n" /* rdi: where to; the stack: rdi's value */
        "mov %rax, (%rdi)\n mov %rbx, 8(%rdi)\n mov %rcx, 16(%rdi)\n mov %rdx, 24(%rdi)\n"
        "mov %rsi, 32(%rdi)\n mov %rbp, 48(%rdi)\n mov %r8, 56(%rdi)\n mov %r9, 64(%rdi)\n"
        "mov %r10, 72(%rdi)\n mov %r11, 80(%rdi)\n mov %r12, 88(%rdi)\n"
        "mov %r13, 96(%rdi)\n mov %r14, 104(%rdi)\n mov %r15, 112(%rdi)\n"
        "pop %rax\n mov %rax, 40(%rdi)\n"
        "pushfq\n pop %rax\n mov %rax, 120(%rdi)\n cld\n"
        "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "ret\n");

static long flags(void) {
    long value;

    __asm__ volatile("pushfq\n pop %0" : "=r"(value));
    return value;
}

static void look(int signal, siginfo_t *info, void *context) {
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal, (void)info;
    flags_inside = flags();
    calls++;
    for (int i = 0; i < REGISTERS; i++) {
        seen[i] = r[order[i]];
        if (change)
            r[order[i]] = ~seen[i] ^ 0x3333;
    }
    seen[REGISTERS] = r[REG_EFL];
    if (change)
        r[REG_EFL] ^= STATUS | DIRECTION;
    stack_seen = r[REG_RSP];
    r[REG_RIP] += 2;
}

static void test_registers(int with_direction) {
    long flag_bits = CARRY | (with_direction ? DIRECTION : 0);

    for (int i = 0; i < REGISTERS; i++)
        loaded[i] = (long)(0x1122334455667788ul * (unsigned)(i + 3));
    loaded[REGISTERS] = 0x202 | flag_bits;
    memset(seen, 0, sizeof seen);
    trap_with_registers(loaded, stored);
    for (int i = 0; i < REGISTERS; i++) {
        CHECK_EQUAL(seen[i], loaded[i]);
        CHECK_EQUAL(stored[i], change ? ~loaded[i] ^ 0x3333 : loaded[i]);
    }
    CHECK_EQUAL(seen[REGISTERS] & (STATUS | DIRECTION), flag_bits);
    CHECK_EQUAL(stored[REGISTERS] & (STATUS | DIRECTION),
                change ? flag_bits ^ (STATUS | DIRECTION) : flag_bits);
    CHECK_EQUAL(flags_inside & DIRECTION, 0);
    CHECK(labs(stack_seen - (long)__builtin_frame_address(0)) < 4096);
}

static stack_t stack_in_context;
static sigset_t mask_in_context;
static long selectors;
static ucontext_t *link_in_context;

static void look_at_rest(int signal, siginfo_t *info, void *context) {
    ucontext_t *uc = context;

    (void)signal, (void)info;
    calls++;
    stack_in_context = uc->uc_stack;
    memcpy(&mask_in_context, &uc->uc_sigmask, 8);
    selectors = uc->uc_mcontext.gregs[REG_CSGSFS];
    link_in_context = uc->uc_link;
    sigdelset(&uc->uc_sigmask, SIGHUP);
    sigaddset(&uc->uc_sigmask, SIGUSR2);
    sigaddset(&uc->uc_sigmask, SIGKILL); /* is not taken over */
}

static void test_rest(void) {
    static char other[32768];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other},
            off = {.ss_flags = SS_DISABLE};

    handle(SIGUSR1, look_at_rest, 0);
    block(SIGHUP);
    calls = 0;
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 1);
    CHECK(sigismember(&mask_in_context, SIGHUP) && !sigismember(&mask_in_context, SIGUSR1));
    CHECK(!is_blocked(SIGHUP) && is_blocked(SIGUSR2) && !is_blocked(SIGUSR1));
    CHECK(!is_blocked(SIGKILL));
    unblock(SIGUSR2);
    CHECK_EQUAL(stack_in_context.ss_size, 0); /* there is none */
    CHECK_EQUAL(selectors & 3, 3);            /* user mode */
    CHECK(!link_in_context);
    CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
    raise(SIGUSR1);
    CHECK(stack_in_context.ss_sp == other && stack_in_context.ss_size == sizeof other);
    CHECK(!(stack_in_context.ss_flags & (SS_ONSTACK | SS_DISABLE)));
    CHECK_EQUAL(sigaltstack(&off, NULL), 0);
    unblock(SIGUSR2);
}

static const float *wanted;
static unsigned control_seen;

static void change_floats(int signal, siginfo_t *info, void *context) {
    ucontext_t *uc = context;
    fpregset_t f = uc->uc_mcontext.fpregs;

    (void)signal, (void)info;
    calls++;
    if (CHECK(f != NULL && (uintptr_t)f % 16 == 0)) {
        control_seen = f->mxcsr;
        CHECK(!memcmp(&f->_xmm[7], wanted, 16));
        memcpy(&f->_xmm[7], wanted + 4, 16);
        f->mxcsr = 0x1f80 | 0x6000; /* towards zero */
        CHECK_EQUAL(f->cwd, 0x27f);
        f->cwd = 0x37f;
    }
    uc->uc_mcontext.gregs[REG_RIP] += 2;
}

/* The state is where the context points, and what the handler writes there comes back. */
static void test_floats(void) {
    _Alignas(16) static const float values[8] = {1, 2, 3, 4, 50, 60, 70, 80};
    _Alignas(16) float after[4];
    unsigned control = 0x1f80 | 0x4000, control_after;
    unsigned short x87 = 0x27f, x87_after;

    wanted = values;
    calls = 0;
    handle(SIGILL, change_floats, 0);
    __asm__ volatile("ldmxcsr %3\n fldcw %5\n movaps %4, %%xmm7\n ud2\n"
                     "movaps %%xmm7, %0\n stmxcsr %1\n fnstcw %2\n"
                     : "=m"(after), "=m"(control_after), "=m"(x87_after)
                     : "m"(control), "m"(values), "m"(x87)
                     : "xmm7", "memory");
    CHECK_EQUAL(calls, 1);
    CHECK(!memcmp(after, values + 4, 16));
    CHECK_EQUAL(control_seen, control);
    CHECK_EQUAL(control_after, 0x1f80 | 0x6000);
    CHECK_EQUAL(x87_after, 0x37f);
    control = 0x1f80;
    __asm__ volatile("ldmxcsr %0" ::"m"(control));
}

int main(void) {
    for (int round = 0; round < 4; round++) {
        handle(SIGILL, look, 0);
        change = round % 2;
        test_registers(round / 2);
        test_rest();
        test_floats();
    }
    return checks_end();
}
