/* SPDX-License-Identifier: MIT */
/*
 * What the processor refuses becomes a signal with the code, the address and the trap
 * number that Linux gives; the handler leaves by a jump, so each can happen again.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "check.h"
#include "handlers.h"

enum { PAGE_FAULT = 14, PROTECTION = 13, WRITE = 2, USER = 4, FETCH = 16 };

static sigjmp_buf back;
static siginfo_t info;
static ucontext_t context;
static volatile char *page;
static volatile char *volatile near_null = (char *)8;
static char *const nowhere = (char *)0x123456789000;

static void keep(int signal, siginfo_t *given, void *uc) {
    info = *given;
    context = *(ucontext_t *)uc;
    siglongjmp(back, signal);
}

/* The signal that act caused; 0 if there was none. */
static int caught(void (*act)(void)) {
    int signal = sigsetjmp(back, 1);

    if (!signal) {
        memset(&info, 0x55, sizeof info);
        act();
    }
    return signal;
}

static uintptr_t rip(void) {
    return (uintptr_t)context.uc_mcontext.gregs[REG_RIP];
}

static void check_fault(int line, void (*act)(void), const volatile void *address, int code,
                        int error) {
    int good = caught(act) == SIGSEGV && info.si_signo == SIGSEGV && info.si_code == code &&
               info.si_addr == (void *)address && info.si_errno == 0;
    const greg_t *r = context.uc_mcontext.gregs;
    int told = (r[REG_ERR] & (WRITE | USER | FETCH)) == error &&
               r[REG_TRAPNO] == PAGE_FAULT && r[REG_CR2] == (greg_t)address;

    if (!check_at(good && told, line, "a page fault"))
        printf("    signal %d code %d at %p, expected code %d at %p; trap %ld error 0x%lx "
               "cr2 0x%lx\n",
               info.si_signo, info.si_code, info.si_addr, code, (void *)address,
               (long)r[REG_TRAPNO], (long)r[REG_ERR], (long)r[REG_CR2]);
}

static void read_null(void) {
    (void)*near_null;
}
static void read_nowhere(void) {
    (void)*(volatile char *)nowhere;
}
static void write_nowhere(void) {
    *(volatile char *)(nowhere + 77) = 1;
}
static void call_nowhere(void) {
    ((void (*)(void))(void *)nowhere)();
}
static void read_page(void) {
    (void)page[100];
}
static void write_page(void) {
    page[4095] = 1;
}
static void call_page(void) {
    ((void (*)(void))(void *)page)();
}
static void read_above(void) {
    (void)*(volatile char *volatile)0xffff888000000123;
}

static void test_page_faults(void) {
    page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    page[0] = (char)0xc3; /* a `ret` */
    check_fault(__LINE__, read_null, (void *)8, SEGV_MAPERR, USER);
    check_fault(__LINE__, read_nowhere, nowhere, SEGV_MAPERR, USER);
    check_fault(__LINE__, write_nowhere, nowhere + 77, SEGV_MAPERR, USER | WRITE);
    check_fault(__LINE__, call_nowhere, nowhere, SEGV_MAPERR, USER | FETCH);
    CHECK_EQUAL(rip(), nowhere);
    CHECK_EQUAL(caught(read_page), 0);
    check_fault(__LINE__, call_page, page, SEGV_ACCERR, USER | FETCH);
    mprotect((void *)page, 4096, PROT_READ);
    check_fault(__LINE__, write_page, page + 4095, SEGV_ACCERR, USER | WRITE);
    CHECK_EQUAL(caught(read_page), 0);
    mprotect((void *)page, 4096, PROT_NONE);
    check_fault(__LINE__, read_page, page + 100, SEGV_ACCERR, USER);
    check_fault(__LINE__, write_page, page + 4095, SEGV_ACCERR, USER | WRITE);
    mprotect((void *)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    CHECK_EQUAL(caught(call_page), 0);
    munmap((void *)page, 4096);
    check_fault(__LINE__, read_page, page + 100, SEGV_MAPERR, USER);
    check_fault(__LINE__, call_page, page, SEGV_MAPERR, USER | FETCH);
    munmap((void *)page, 8192);
    check_fault(__LINE__, read_above, (void *)0xffff888000000123, SEGV_MAPERR, USER);
}

static void read_impossible(void) {
    (void)*(volatile char *volatile)0x8000000000000000;
}
static void halt(void) {
    __asm__ volatile("hlt");
}
static void load_cr3(void) {
    __asm__ volatile("mov %%cr3, %%rax" ::: "rax");
}
static void other_interrupt(void) {
    __asm__ volatile("int $0x21");
}

/* Protection faults have no address. */
static void test_protection(void) {
    static void (*const acts[])(void) = {read_impossible, halt, load_cr3, other_interrupt};

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        int signal = caught(acts[i]);
        if (!CHECK(signal == SIGSEGV && info.si_code == SI_KERNEL && !info.si_addr &&
                   context.uc_mcontext.gregs[REG_TRAPNO] == PROTECTION))
            printf("    act %zu: signal %d code %d address %p trap %ld\n", i, signal,
                   info.si_code, info.si_addr, (long)context.uc_mcontext.gregs[REG_TRAPNO]);
    }
}

static void divide(void) {
    __asm__ volatile("xor %%ecx, %%ecx\n mov $1, %%eax\n cltd\n idiv %%ecx" ::
                         : "rax", "rcx", "rdx");
}
static void divide_too_large(void) {
    __asm__ volatile("mov $-1, %%ecx\n mov $0x80000000, %%eax\n cltd\n idiv %%ecx" ::
                         : "rax", "rcx", "rdx");
}
static void undefined(void) {
    __asm__ volatile("ud2");
}
static void breakpoint(void) {
    __asm__ volatile("int3");
}
static void single_step(void) {
    __asm__ volatile("pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n nop" ::: "cc", "memory");
}

static void test_instructions(void) {
    CHECK_EQUAL(caught(divide), SIGFPE);
    CHECK(info.si_code == FPE_INTDIV && (uintptr_t)info.si_addr == rip());
    CHECK_EQUAL(caught(divide_too_large), SIGFPE);
    CHECK(info.si_code == FPE_INTDIV && (uintptr_t)info.si_addr == rip());
    CHECK_EQUAL(context.uc_mcontext.gregs[REG_TRAPNO], 0);
    CHECK_EQUAL(caught(undefined), SIGILL);
    CHECK_EQUAL(info.si_code, ILL_ILLOPN);
    CHECK((uintptr_t)info.si_addr == rip() && !memcmp((void *)rip(), "\x0f\x0b", 2));
    CHECK_EQUAL(context.uc_mcontext.gregs[REG_TRAPNO], 6);
    CHECK_EQUAL(caught(breakpoint), SIGTRAP);
    CHECK_EQUAL(info.si_code, SI_KERNEL);
    CHECK_EQUAL(*(unsigned char *)(rip() - 1), 0xcc); /* it is behind the instruction */
    CHECK_EQUAL(context.uc_mcontext.gregs[REG_TRAPNO], 3);
    CHECK_EQUAL(caught(single_step), SIGTRAP);
    CHECK_EQUAL(info.si_code, TRAP_TRACE);
    CHECK((uintptr_t)info.si_addr == rip() && *(unsigned char *)(rip() - 1) == 0x90);
    CHECK(context.uc_mcontext.gregs[REG_EFL] & 0x100);
}

/* The x87 unit tells at its next instruction. */
static void x87_divide(void) {
    unsigned short control = 0x37f & ~4;

    __asm__ volatile("fninit\n fldcw %0\n fld1\n fldz\n fdivrp\n fwait" ::"m"(control));
}
static void x87_invalid(void) {
    unsigned short control = 0x37f & ~1;

    __asm__ volatile("fninit\n fldcw %0\n fldz\n fldz\n fdivrp\n fwait" ::"m"(control));
}
static void sse_divide(void) {
    unsigned control = 0x1f80 & ~0x200u;

    __asm__ volatile(
        "ldmxcsr %0\n xorps %%xmm1, %%xmm1\n pcmpeqd %%xmm0, %%xmm0\n"
        "pslld $25, %%xmm0\n psrld $2, %%xmm0\n divss %%xmm1, %%xmm0" ::"m"(control)
        : "xmm0", "xmm1");
}

static void test_floating_point(void) {
    CHECK_EQUAL(caught(x87_divide), SIGFPE);
    CHECK_EQUAL(info.si_code, FPE_FLTDIV);
    CHECK_EQUAL(caught(x87_invalid), SIGFPE);
    CHECK_EQUAL(info.si_code, FPE_FLTINV);
    CHECK_EQUAL(context.uc_mcontext.gregs[REG_TRAPNO], 16);
    __asm__ volatile("fninit");
    int signal = caught(sse_divide); /* an emulator may not have these */
    CHECK(!signal || (signal == SIGFPE && info.si_code == FPE_FLTDIV &&
                      (uintptr_t)info.si_addr == rip()));
    unsigned control = 0x1f80;
    __asm__ volatile("ldmxcsr %0" ::"m"(control));
}

int main(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        handle(signals[i], keep, 0);
    for (int round = 0; round < 3; round++) {
        test_page_faults();
        test_protection();
        test_instructions();
        test_floating_point();
    }
    return checks_end();
}
