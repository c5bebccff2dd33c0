/* SPDX-License-Identifier: MIT */
/*
 * Signals that come at any moment, into loops that never call anything: all registers are
 * as before afterwards, handlers nest, one interrupts another, and nothing is lost.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/time.h>
#include <ucontext.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, depth, deepest, stop, in_first, seen_in_first;
static volatile uint64_t scratch;

/* Uses what a compiler would use: integers, SSE and x87 registers. */
static void count(int signal, siginfo_t *info, void *context) {
    double x = calls;
    long double y = calls;

    (void)signal, (void)info, (void)context;
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm15, %%xmm15\n" ::
                         : "xmm0", "xmm15");
    scratch += (uint64_t)(x * 3.5 + (double)(y / 3));
    calls++;
}

/*
 * Holds patterns in every register until *ends is not less than count, without a call;
 * returns how many registers are not as they were.
 */
long hold_patterns(const volatile int *calls, long count);
__asm__(".text\n"
        "hold_patterns:\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "mov $0x0101010101010101, %rax\n"
        ".macro pattern n, r\n imul $\\n, %rax, \\r\n .endm\n"
        "pattern 3, %rbx\n pattern 5, %rcx\n pattern 7, %rdx\n pattern 11, %rbp\n"
        "pattern 13, %r8\n pattern 17, %r9\n pattern 19, %r10\n pattern 23, %r11\n"
        "pattern 29, %r12\n pattern 31, %r13\n pattern 37, %r14\n pattern 41, %r15\n"
        "movq %rbx, %xmm0\n movq %rcx, %xmm5\n movq %r15, %xmm15\n"
        "fninit\n fldpi\n fld1\n"
        "stc\n"
        "1: movslq (%rdi), %rax\n"
        "lea (%rax), %rax\n"
        "push %rax\n pop %rax\n" /* nothing below the stack pointer is used here */
        "jnc 3f\n"
        "sub %rsi, %rax\n"
        "js 2f\n"
        "jmp 4f\n"
        "2: stc\n jmp 1b\n"
        "3: mov $100, %eax\n jmp 5f\n"
        "4: xor %eax, %eax\n"
        ".macro compare n, r\n mov $0x0101010101010101, %rsi\n imul $\\n, %rsi\n"
        "cmp %rsi, \\r\n setne %sil\n movzbl %sil, %esi\n add %rsi, %rax\n .endm\n"
        "compare 3, %rbx\n compare 5, %rcx\n compare 7, %rdx\n compare 11, %rbp\n"
        "compare 13, %r8\n compare 17, %r9\n compare 19, %r10\n compare 23, %r11\n"
        "compare 29, %r12\n compare 31, %r13\n compare 37, %r14\n compare 41, %r15\n"
        "movq %xmm0, %rbx\n compare 3, %rbx\n movq %xmm5, %rbx\n compare 5, %rbx\n"
        "movq %xmm15, %rbx\n compare 41, %rbx\n"
        "fld1\n fcomip %st(1), %st\n setne %sil\n movzbl %sil, %esi\n add %rsi, %rax\n"
        "fstp %st\n"
        "fldpi\n fcomip %st(1), %st\n setne %sil\n movzbl %sil, %esi\n add %rsi, %rax\n"
        "fstp %st\n"
        "5: pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "ret\n");

static void every(int which, long microseconds) {
    struct itimerval t = {.it_interval.tv_usec = microseconds,
                          .it_value.tv_usec = microseconds};

    CHECK_EQUAL(setitimer(which, &t, NULL), 0);
}

static void test_registers(void) {
    calls = 0;
    handle(SIGALRM, count, 0);
    every(ITIMER_REAL, 1000);
    CHECK_EQUAL(hold_patterns(&calls, 200), 0);
    every(ITIMER_REAL, 0);
    CHECK(calls >= 200);
}

static void *send_often(void *argument) {
    pthread_t target = *(pthread_t *)argument;

    while (!stop) {
        pthread_kill(target, SIGUSR1);
        sleep_ns(MILLISECOND / 2);
    }
    return NULL;
}

/* The same by another thread, which has to get a processor first. */
static void test_from_thread(void) {
    pthread_t self = pthread_self(), thread;

    calls = stop = 0;
    handle(SIGUSR1, count, 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, send_often, &self), 0);
    CHECK_EQUAL(hold_patterns(&calls, 100), 0);
    stop = 1;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

static void go_deeper(int signal, siginfo_t *info, void *context) {
    volatile unsigned char mine[200];
    int here = ++depth;

    (void)info, (void)context;
    memset((void *)mine, here, sizeof mine);
    if (here > deepest)
        deepest = here;
    if (here < 100)
        raise(here % 2 && signal == SIGUSR1 ? SIGUSR2 : SIGUSR1);
    for (size_t i = 0; i < sizeof mine; i++)
        if (mine[i] != here) {
            CHECK(!"the frame is kept");
            break;
        }
    depth--;
}

static void test_nested(void) {
    depth = deepest = 0;
    handle(SIGUSR1, go_deeper, SA_NODEFER);
    handle(SIGUSR2, go_deeper, SA_NODEFER);
    raise(SIGUSR1);
    CHECK(deepest == 100 && depth == 0);
    CHECK(!is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
}

static void interrupt_first(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    if (in_first)
        seen_in_first++;
}

static void last_long(int signal, siginfo_t *info, void *context) {
    int64_t limit = read_clock(CLOCK_MONOTONIC) + 20 * SECOND;

    (void)signal, (void)info, (void)context;
    in_first = 1;
    while (seen_in_first < 5 && read_clock(CLOCK_MONOTONIC) < limit)
        ;
    in_first = 0;
}

/* A handler's own signal is held back; any other may interrupt it. */
static void test_handler_interrupted(void) {
    handle(SIGUSR1, last_long, 0);
    handle(SIGALRM, interrupt_first, 0);
    seen_in_first = 0;
    every(ITIMER_REAL, 2000);
    raise(SIGUSR1);
    every(ITIMER_REAL, 0);
    CHECK(seen_in_first >= 5);
}

/* The context of a loop that is interrupted may be changed as a trap's can. */
static volatile int leave_loop;

static void end_loop(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    if (leave_loop)
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 1;
}

static void test_context_changed(void) {
    long value = 0;

    handle(SIGALRM, end_loop, 0);
    leave_loop = 1;
    every(ITIMER_REAL, 2000);
    __asm__ volatile("1: test %0, %0\n jz 1b" : "+a"(value)::"cc");
    every(ITIMER_REAL, 0);
    leave_loop = 0;
    CHECK_EQUAL(value, 1);
}

int main(void) {
    for (int round = 0; round < 2; round++) {
        test_registers();
        test_from_thread();
        test_nested();
        test_handler_interrupted();
        test_context_changed();
    }
    return checks_end();
}
