/* SPDX-License-Identifier: MIT */
/*
 * Floating point across handlers: what the interrupted code has in its SSE, AVX and x87
 * registers and in their control words comes back, whatever the handler does; the handler
 * itself begins with a clean state (Linux).
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <immintrin.h>
#include <sys/time.h>
#include <ucontext.h>

#include "check.h"
#include "handlers.h"

static volatile int calls;
static volatile unsigned control_inside;
static volatile unsigned short x87_inside, tags_inside;

static unsigned control(void) {
    unsigned value;

    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value;
}

static void set_control(unsigned value) {
    __asm__ volatile("ldmxcsr %0" ::"m"(value));
}

__attribute__((target("avx"))) static void clobber_avx(void) {
    __asm__ volatile(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
                     "vcmptrueps %%ymm\\n, %%ymm\\n, %%ymm\\n\n .endr" ::
                         : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                           "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                           "xmm15");
}

static void clobber(int signal, siginfo_t *info, void *context) {
    struct {
        unsigned short control, filler, status, filler2, tags, filler3;
        unsigned rest[4];
    } environment;

    (void)info;
    control_inside = control();
    __asm__ volatile("fnstenv %0\n fldenv %0" : "=m"(environment));
    x87_inside = environment.control;
    tags_inside = environment.tags;
    set_control(0x1f80 | 0x2000); /* downwards */
    __asm__ volatile("fninit\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz");
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm15, %%xmm15" ::
                         : "xmm0", "xmm15");
    if (__builtin_cpu_supports("avx"))
        clobber_avx();
    if (signal == SIGILL)
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
    calls++;
}

static long wrong;

/* All sixteen registers loaded, a signal by undefined instruction or some time, compared.
 */
#define CHECK_REGISTERS(op, kind, size, between)                                           \
    do {                                                                                   \
        __asm__ volatile(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n" op " \\n*" size  \
                         "(%1), %%" kind "\\n\n .endr\n"                                   \
                         "fninit\n fldpi\n fldl2e\n" between                               \
                         ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n" op " %%" kind    \
                         "\\n, \\n*" size "(%2)\n .endr\n"                                 \
                         "fstpt 512(%2)\n fstpt 528(%2)\n fninit\n"                        \
                         : "=m"(out)                                                       \
                         : "r"(&in), "r"(&out), "m"(in), "r"(&calls), "m"(calls)           \
                         : "memory", "rax", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",  \
                           "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",       \
                           "xmm12", "xmm13", "xmm14", "xmm15");                            \
    } while (0)
#define TRAP "ud2\n"
#define WAIT "mov (%4), %%eax\n 88: cmp (%4), %%eax\n je 88b\n"

struct state {
    float vectors[16][8];
    long double x87[2];
};
static struct state in, out;

static void compare(size_t vector_bytes) {
    wrong += memcmp(&in, &out, 16 * vector_bytes) != 0;
    wrong += out.x87[0] != 1.44269504088896340735992468100189214L;
    wrong += out.x87[1] != 3.14159265358979323846264338327950288L;
}

static void prepare(int round, size_t vector_bytes) {
    memset(&in, 0, sizeof in);
    memset(&out, 0, sizeof out);
    for (size_t i = 0; i < 16 * vector_bytes / 4; i++)
        (&in.vectors[0][0])[i] = (float)(round * 1000) + (float)i;
}

static void use_sse(int round) {
    prepare(round, 16);
    CHECK_REGISTERS("movups", "xmm", "16", TRAP);
    compare(16);
    prepare(round, 16);
    CHECK_REGISTERS("movups", "xmm", "16", WAIT);
    compare(16);
}

__attribute__((target("avx"))) static void use_avx(int round) {
    prepare(round, 32);
    CHECK_REGISTERS("vmovups", "ymm", "32", TRAP);
    compare(32);
    prepare(round, 32);
    CHECK_REGISTERS("vmovups", "ymm", "32", WAIT);
    compare(32);
    __asm__ volatile("vzeroupper");
}

static void test_registers(void) {
    struct itimerval often = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};

    calls = 0;
    CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
    for (int round = 0; round < 50; round++) {
        use_sse(round);
        if (__builtin_cpu_supports("avx"))
            use_avx(round);
    }
    CHECK_EQUAL(setitimer(ITIMER_REAL, &off, NULL), 0);
    CHECK(calls >= 100);
    CHECK_EQUAL(wrong, 0);
}

static void test_control(void) {
    unsigned short x87 = 0x27f, after;

    calls = 0;
    set_control(0x1f80 | 0x6000 | 1); /* towards zero, and a flag */
    __asm__ volatile("fldcw %0" ::"m"(x87));
    raise(SIGUSR1);
    __asm__ volatile("ud2");
    CHECK_EQUAL(control(), 0x1f80 | 0x6000 | 1);
    __asm__ volatile("fnstcw %0" : "=m"(after));
    CHECK_EQUAL(after, 0x27f);
    CHECK_EQUAL(calls, 2);
    CHECK_EQUAL(control_inside, 0x1f80); /* begun afresh */
    CHECK_EQUAL(x87_inside, 0x37f);
    CHECK_EQUAL(tags_inside, 0xffff); /* with an empty stack */
    set_control(0x1f80);
    __asm__ volatile("fninit");
}

int main(void) {
    __builtin_cpu_init();
    handle(SIGILL, clobber, 0);
    handle(SIGALRM, clobber, 0);
    handle(SIGUSR1, clobber, 0);
    test_registers();
    test_control();
    return checks_end();
}
