/* SPDX-License-Identifier: MIT */
/*
 * A `syscall` instruction changes rax, rcx and r11 and nothing else: no integer, SSE, AVX
 * or x87 register, no flag, nothing below the stack pointer, whatever the call does and
 * whatever happens meanwhile. The stack pointer need not even point to a stack.
 */
// native: -pthread
// flags: -fno-stack-protector
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "raw/raw.h"

#include <limits.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum { WORDS = 16, RED = 16, FLAGS = 0xcd5 };

/*
 * In: rax rdi rsi rdx r10 r8 r9, then rbx rbp r12 r13 r14 r15; out: the same, then rcx,
 * r11, the flags after it. [16] to [31] are put below the stack pointer and read back.
 */
struct state {
    uint64_t r[WORDS], red[RED];
    _Alignas(32) float vector[16][8];
    uint64_t flags, next; /* of the instruction after it */
};

void call_with(const struct state *in, struct state *out, int use_avx);
__asm__(".text\n"
        "call_with:\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "push %rdx\n push %rsi\n mov %rdi, %r11\n"
        "sub $256, %rsp\n"
        ".macro vectors op, from, to, base, reg\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "\\op 256+32*\\n(%r11), %\\reg\\()\\n\n .endr\n .endm\n"
        "test %edx, %edx\n jz 1f\n"
        "vectors vmovups, 0, 0, 0, ymm\n jmp 2f\n"
        "1: vectors movups, 0, 0, 0, xmm\n"
        "2: push 768(%r11)\n popfq\n" /* from here on only what leaves flags alone */
        ".set i, 0\n .rept 16\n mov 128+8*i(%r11), %rcx\n mov %rcx, -128+8*i(%rsp)\n"
        ".set i, i+1\n .endr\n"
        "mov (%r11), %rax\n mov 8(%r11), %rdi\n mov 16(%r11), %rsi\n"
        "mov 24(%r11), %rdx\n mov 32(%r11), %r10\n mov 40(%r11), %r8\n mov 48(%r11), %r9\n"
        "mov 56(%r11), %rbx\n mov 64(%r11), %rbp\n mov 72(%r11), %r12\n"
        "mov 80(%r11), %r13\n mov 88(%r11), %r14\n mov 96(%r11), %r15\n"
        "syscall\n"
        "3:\n"
        "mov %r11, -136(%rsp)\n" /* below the red zone */
        "mov 256(%rsp), %r11\n"
        "mov %rax, (%r11)\n mov %rdi, 8(%r11)\n mov %rsi, 16(%r11)\n mov %rdx, 24(%r11)\n"
        "mov %r10, 32(%r11)\n mov %r8, 40(%r11)\n mov %r9, 48(%r11)\n"
        "mov %rbx, 56(%r11)\n mov %rbp, 64(%r11)\n mov %r12, 72(%r11)\n"
        "mov %r13, 80(%r11)\n mov %r14, 88(%r11)\n mov %r15, 96(%r11)\n"
        "mov %rcx, 104(%r11)\n mov -136(%rsp), %rcx\n mov %rcx, 112(%r11)\n"
        ".set i, 0\n .rept 16\n mov -128+8*i(%rsp), %rcx\n mov %rcx, 128+8*i(%r11)\n"
        ".set i, i+1\n .endr\n"
        "pushfq\n pop %rcx\n mov %rcx, 768(%r11)\n cld\n"
        "lea 3b(%rip), %rcx\n mov %rcx, 776(%r11)\n"
        ".macro keep op, reg\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "\\op %\\reg\\()\\n, 256+32*\\n(%r11)\n .endr\n .endm\n"
        "cmpl $0, 264(%rsp)\n je 4f\n"
        "keep vmovups, ymm\n jmp 5f\n"
        "4: keep movups, xmm\n"
        "5: add $272, %rsp\n"
        "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n");
_Static_assert(__builtin_offsetof(struct state, red) == 128, "as in the assembly");
_Static_assert(__builtin_offsetof(struct state, vector) == 256, "as in the assembly");
_Static_assert(__builtin_offsetof(struct state, flags) == 768, "as in the assembly");

static struct timespec little = {.tv_nsec = 2 * MILLISECOND}, now;
static volatile int handled;

static void clobber(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    handled++;
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n movaps %%xmm0, %%xmm9\n fninit\n fldz" ::
                         : "xmm0", "xmm9", "st");
    __asm__ volatile("fstp %%st(0)" ::: "st");
}

static void test_call(const long *arguments, long wanted, uint64_t flags) {
    struct state in, out;
    int use_avx = __builtin_cpu_supports("avx") != 0;

    memset(&in, 0, sizeof in);
    memset(&out, 0x77, sizeof out);
    for (int i = 0; i < WORDS; i++)
        in.r[i] = i < 7 ? (uint64_t)arguments[i] : 0x1122334455667788ul * (unsigned)i;
    for (int i = 0; i < RED; i++)
        in.red[i] = 0xfedcba9876543210ul ^ (uint64_t)i;
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 8; j++)
            in.vector[i][j] = (float)(100 * i + j);
    if (!use_avx)
        for (int i = 0; i < 16; i++) {
            memset(&in.vector[i][4], 0, 16);
            memset(&out.vector[i][4], 0, 16);
        }
    in.flags = flags;
    unsigned control = 0x1f80 | 0x4000, control_after, usual = 0x1f80;
    unsigned short x87 = 0x27f, x87_after;
    long double pi = 0;
    __asm__ volatile("ldmxcsr %0\n fldcw %1" ::"m"(control), "m"(x87));
    __asm__ volatile("fldpi" ::: "st");
    call_with(&in, &out, use_avx);
    __asm__ volatile("fstpt %0" : "=m"(pi)::"st");
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(control_after), "=m"(x87_after));
    __asm__ volatile("ldmxcsr %0\n fninit" ::"m"(usual));
    if (wanted != LONG_MIN)
        CHECK_EQUAL(out.r[0], wanted);
    for (int i = 1; i < 13; i++)
        if (!CHECK(out.r[i] == in.r[i]))
            printf("    call %ld, register %d: 0x%lx, was 0x%lx\n", arguments[0], i,
                   (long)out.r[i], (long)in.r[i]);
    CHECK_EQUAL(out.r[13], out.next); /* rcx: where it goes on */
    CHECK_EQUAL(out.r[14] & FLAGS, flags & FLAGS);
    CHECK_EQUAL(out.flags & FLAGS, flags & FLAGS);
    CHECK(!memcmp(in.red, out.red, sizeof in.red));
    for (int i = 0; i < 16; i++)
        if (!CHECK(!memcmp(in.vector[i], out.vector[i], sizeof in.vector[i])))
            printf("    call %ld, vector register %d\n", arguments[0], i);
    CHECK(control_after == control && x87_after == x87);
    CHECK(pi == 3.14159265358979323846264338327950288L);
}

static void test_calls(void) {
    static char text[] = "";
    const long calls[][8] = {
        {SYS_getpid, 1, 2, 3, 4, 5, 6, getpid()},
        {999, 1, 2, 3, 4, 5, 6, -ENOSYS},
        {SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 3, 4, 5, 6, 0},
        {SYS_clock_gettime, CLOCK_REALTIME, 16, 3, 4, 5, 6, -EFAULT},
        {SYS_nanosleep, (long)&little, 0, 3, 4, 5, 6, 0},
        {SYS_write, 1, (long)text, 0, 4, 5, 6, 0},
        {SYS_mmap, 0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, LONG_MIN},
        {SYS_sched_yield, 1, 2, 3, 4, 5, 6, 0},
        {SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1, 4, 5, 6, 0},
        {SYS_kill, getpid(), SIGURG, 3, 4, 5, 6, 0},
        {SYS_futex, (long)&handled, 128, 0x7777, 0, 5, 6, -EAGAIN},
    };
    static const uint64_t flags[] = {0x202, 0x202 | 1, 0x202 | 0x400, 0x202 | 0x8d5};

    handle(SIGUSR1, clobber, 0);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
            test_call(calls[i], calls[i][7], flags[f]);
}

/* With a timer's signals in between. */
static void test_disturbed(void) {
    struct itimerval often = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    const long calls[][7] = {{SYS_getpid, 1, 2, 3, 4, 5, 6},
                             {SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 3, 4, 5, 6}};

    handle(SIGALRM, clobber, 0);
    handled = 0;
    CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
    while (handled < 30)
        for (int i = 0; i < 2; i++)
            test_call(calls[i], i ? 0 : getpid(), 0x202);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &off, NULL), 0);
}

/* getpid where the stack pointer is what it is given. */
static long call_with_stack(unsigned long stack) {
    long result;

    __asm__ volatile("mov %%rsp, %%rbx\n mov %1, %%rsp\n syscall\n mov %%rbx, %%rsp"
                     : "=a"(result)
                     : "r"(stack), "a"(SYS_getpid)
                     : "rbx", "rcx", "r11", "memory");
    return result;
}

static void test_stack_pointers(void) {
    unsigned long here = (unsigned long)__builtin_frame_address(0) - 4096;

    for (unsigned i = 0; i < 16; i++)
        CHECK_EQUAL(call_with_stack(here - i), getpid());
    CHECK_EQUAL(call_with_stack(0), getpid());
    CHECK_EQUAL(call_with_stack(8), getpid());
    CHECK_EQUAL(call_with_stack(0x123456789000), getpid());
    char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQUAL(call_with_stack((unsigned long)p + 2048), getpid());
    munmap(p, 4096);
}

static volatile int full;

/* Nothing of another's x87 registers is there: a stack of 8 is free, and no exception. */
static void *use_x87(void *argument) {
    while (full >= 0) {
        long double sum = 0;
        __asm__ volatile("fnclex\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n"
                         "faddp\n faddp\n faddp\n faddp\n faddp\n faddp\n faddp\n fstpt %0"
                         : "=m"(sum)
                         :
                         : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
                           "st(7)");
        CHECK(sum == 8);
        sched_yield();
        sleep_ns(100000);
    }
    return argument;
}

/* Calls that wait, with a full stack of registers and an exception that is still to come.
 */
static void test_x87(void) {
    static struct timespec moment = {.tv_nsec = 200000};
    pthread_t beside[2];

    full = 0;
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(pthread_create(&beside[i], NULL, use_x87, NULL), 0);
    for (int i = 0; i < 100; i++) {
        unsigned short divide = 0x37b, usual = 0x37f, status = 0;
        long result, last = 0;
        __asm__ volatile("fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fldz\n fld1\n"
                         "fldcw %[divide]\n fdiv %%st(1), %%st\n syscall\n"
                         "fnstsw %[status]\n fnclex\n fldcw %[usual]\n"
                         "fstp %%st\n fstp %%st\n fistpll %[last]\n fninit"
                         : "=a"(result), [status] "=m"(status), [last] "=m"(last)
                         : "a"((long)(i % 2 ? SYS_nanosleep : SYS_sched_yield)),
                           "D"(&moment), "S"(NULL), [divide] "m"(divide), [usual] "m"(usual)
                         : "rcx", "r11", "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)",
                           "st(5)", "st(6)", "st(7)");
        CHECK_EQUAL(result, 0);
        CHECK_EQUAL(status & 0x84, 0x84); /* division by zero, unmasked */
        CHECK_EQUAL(last, 1);
    }
    full = -1;
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(pthread_join(beside[i], NULL), 0);
}

static void *run(void *argument) {
    test_calls();
    test_disturbed();
    test_stack_pointers();
    test_x87();
    return argument;
}

/* While others put other things into the registers. */
static void *run_beside(void *argument) {
    double x = 1 + (double)(long)argument;

    for (int i = 0; i < 5; i++) {
        test_calls();
        for (int j = 0; j < 1000; j++)
            __asm__ volatile("addsd %0, %0\n mulsd %1, %0" : "+x"(x) : "x"(0.5));
    }
    CHECK(x == 1 + (double)(long)argument);
    return argument;
}

int main(void) {
    pthread_t thread, beside[4];

    __builtin_cpu_init();
    run(NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    for (long i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&beside[i], NULL, run_beside, (void *)i), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_join(beside[i], NULL), 0);
    return checks_end();
}
