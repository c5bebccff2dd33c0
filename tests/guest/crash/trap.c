/* SPDX-License-Identifier: MIT */
/* Processor traps other than page faults: each has Linux's signal, and a report. */
// case: division by zero
// args: divide
// exit: 136
// stderr-like: ^atman: fatal: .*division.* \(SIGFPE\)$
// stderr-like: #0 0x[0-9a-f]{16} in divide at .*crash/trap\.c:@{divide}$
// case: division overflow
// args: overflow
// exit: 136
// stderr-like: ^atman: fatal: .* \(SIGFPE\)$
// case: an x87 exception let through
// args: x87
// exit: 136
// stderr-like: ^atman: fatal: .*floating-point.* \(SIGFPE\)$
// stderr-like: #0 0x[0-9a-f]{16} in x87 at .*crash/trap\.c
// case: an invalid instruction
// args: invalid
// exit: 132
// stderr-like: ^atman: fatal: .*instruction.* \(SIGILL\)$
// stderr-like: #0 0x[0-9a-f]{16} in invalid at .*crash/trap\.c:@{invalid}$
// case: a compiler's trap
// args: unreachable
// exit: 132
// stderr-like: ^atman: fatal: .* \(SIGILL\)$
// case: a breakpoint
// args: breakpoint
// exit: 133
// stderr-like: ^atman: fatal: .*breakpoint.* \(SIGTRAP\)$
// stderr-like: in breakpoint at .*crash/trap\.c:@{breakpoint}$
// case: a privileged instruction
// args: privileged
// exit: 139
// stderr-like: ^atman: fatal: .* \(SIGSEGV\)$
// stderr-like: #0 0x[0-9a-f]{16} in privileged at .*crash/trap\.c
// case: an unaligned SSE operand
// args: unaligned
// exit: 139
// stderr-like: ^atman: fatal: .* \(SIGSEGV\)$
// case: registers in the report
// args: registers
// exit: 132
// stderr-like: rbp 0x[0-9a-f]{16}
// stderr-like: rax 0x0000000000000a01  rbx 0x0000000000000b02  rcx 0x0000000000000c03
// stderr-like: rdx 0x0000000000000d04  rsi 0x0000000000000e05  rdi 0x0000000000000f06
// stderr-like: r8  0x0000000000000808  r9  0x0000000000000909  r10 0x0000000000001010
// stderr-like: r11 0x0000000000001111  r12 0x0000000000001212  r13 0x0000000000001313
// stderr-like: r14 0x0000000000001414  r15 0x0000000000001515
#include <limits.h>
#include <string.h>

static volatile int sink;

__attribute__((noinline)) static void divide(volatile int by) {
    sink = 1000 / by; /* here: divide */
}

static void do_divide(void) {
    divide(0);
}

static void overflow(void) {
    volatile int a = INT_MIN, b = -1;

    sink = a / b;
}

__attribute__((noinline)) static void x87(void) {
    unsigned short control = 0x37f & ~0x4;

    __asm__ volatile("fldcw %0" : : "m"(control));
    __asm__ volatile("fldz; fld1; fdivp; fwait; fstp %%st(0)" : : : "st", "st(1)");
}

__attribute__((noinline)) static void invalid(void) {
    __asm__ volatile("ud2"); /* here: invalid */
}

__attribute__((noinline)) static void unreachable(void) {
    __builtin_trap();
}

__attribute__((noinline)) static void breakpoint(void) {
    __asm__ volatile("int3; nop"); /* here: breakpoint */
}

__attribute__((noinline)) static void privileged(void) {
    __asm__ volatile("lgdt (%0)" : : "r"("0123456789"));
}

static void unaligned(void) {
    static char place[64] __attribute__((aligned(16)));

    __asm__ volatile("movaps %%xmm0, (%0)" : : "r"(place + 8) : "memory");
}

static void registers(void) {
    __asm__ volatile("mov $0xa01, %%eax\n mov $0xb02, %%ebx\n mov $0xc03, %%ecx\n"
                     "mov $0xd04, %%edx\n mov $0xe05, %%esi\n mov $0xf06, %%edi\n"
                     "mov $0x808, %%r8d\n mov $0x909, %%r9d\n mov $0x1010, %%r10d\n"
                     "mov $0x1111, %%r11d\n mov $0x1212, %%r12d\n mov $0x1313, %%r13d\n"
                     "mov $0x1414, %%r14d\n mov $0x1515, %%r15d\n ud2"
                     :
                     :
                     : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                       "r12", "r13", "r14", "r15");
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*act)(void);
    } acts[] = {
        {"divide", do_divide},
        {"overflow", overflow},

        {"x87", x87},
        {"invalid", invalid},
        {"unreachable", unreachable},
        {"breakpoint", breakpoint},
        {"privileged", privileged},
        {"unaligned", unaligned},
        {"registers", registers},
    };

    for (size_t i = 0; argc == 2 && i < sizeof acts / sizeof *acts; i++)
        if (!strcmp(argv[1], acts[i].name))
            acts[i].act();
    return 99;
}
