/* SPDX-License-Identifier: MIT */
/* Host test of number.c: feeds it encoded instructions one after another, as the plugin
 * does, and checks which hypercall number it derives. Every case ends in `syscall`. */
#include "number.h"

#include <stdio.h>
#include <string.h>

struct insn {
    const char *code;
    size_t size;
    const char *text;
};
enum { INSNS = 8 };
#define INSN(code, text) {code, sizeof code - 1, text}

static const struct insn set_r9 = INSN("\x41\xb9\x11\x00\x00\x00", "movl $0x11, %r9d");
static const struct insn zero_r9 = INSN("\x45\x31\xc9", "xorl %r9d, %r9d");
static const struct insn pop_r9 = INSN("\x41\x59", "popq %r9");
static const struct insn other = INSN("\x49\x89\xca", "movq %rcx, %r10");
static const struct insn push = INSN("\x6a\x1a", "pushq $0x1a");
static const struct insn compare =
    INSN("\x48\x81\x7c\x24\x10\x00\x10\x40\x00", "cmpq $0x401000, 0x10(%rsp)");
static const struct insn not_equal = INSN("\x75\x0d", "jne 0x401234");
static const struct insn drop = INSN("\x48\x83\xc4\x10", "addq $0x10, %rsp");
static const struct insn call_stub = INSN("\xe8\x00\x00\x00\x00", "callq 0x401000");
static const struct insn back = INSN("\xc3", "retq");
static const struct insn mute = INSN("\x41\x59", NULL);
static const struct insn r9_to_rax = INSN("\x4c\x89\xc8", "movq %r9, %rax");
static const struct insn set_rax = INSN("\xb8\x01\x02\x00\x00", "movl $0x201, %eax");
static const struct insn call = INSN("\x0f\x05", "syscall");

static const struct {
    const char *what;
    uint32_t expected;
    const struct insn *insns[INSNS];
} cases[] = {
    {"nothing known", NUMBER_UNKNOWN, {&call}},
    {"through r9", 17, {&set_r9, &other, &r9_to_rax, &call}},
    {"r9 zeroed", 0, {&set_r9, &zero_r9, &r9_to_rax, &call}},
    {"r9 from memory", NUMBER_UNKNOWN, {&set_r9, &pop_r9, &r9_to_rax, &call}},
    {"no disassembly", NUMBER_UNKNOWN, {&set_r9, &mute, &r9_to_rax, &call}},
    {"r9 by way of the stack", 26, {&push, &pop_r9, &r9_to_rax, &call}},
    {"r9 from further up the stack",
     NUMBER_UNKNOWN,
     {&push, &other, &pop_r9, &r9_to_rax, &call}},
    {"by way of kernel mode",
     0x201,
     {&set_rax, &call, &compare, &not_equal, &drop, &call_stub, &call}},
    {"after a hypercall", NUMBER_UNKNOWN, {&set_rax, &call, &back, &call_stub, &call}},
    {"rax directly", 0x201, {&set_rax, &call}},
    {"something between", NUMBER_UNKNOWN, {&set_rax, &other, &call}},
    {"gone on by Xen", 0x201, {&set_rax, &call, &call}},
    {"a second call", NUMBER_UNKNOWN, {&set_rax, &call, &other, &call}},
};

int main(void) {
    int failures = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct number_state state;
        uint32_t found = NUMBER_UNKNOWN;

        number_reset(&state);
        for (uint64_t n = 0; n < INSNS && cases[i].insns[n]; n++) {
            const struct insn *insn = cases[i].insns[n];
            struct number_step step =
                number_decode((const uint8_t *)insn->code, insn->size, insn->text);
            found = number_run(&state, step, n + 100);
        }
        if (found != cases[i].expected) {
            printf("%s: number %#x, expected %#x\n", cases[i].what, found,
                   cases[i].expected);
            failures++;
        }
    }
    return failures != 0;
}
