/* SPDX-License-Identifier: MIT */
/* Derives a hypercall's number from the guest instructions that ran before it.
 * rax is believed only when the instruction immediately before `syscall` set it, but for
 * the few that are known to keep it; r9 from a constant until any other instruction names
 * r9 in a way not known to be a read.
 * No x86 instruction but those that name it writes r9, so a known number is right. */
#include "number.h"

#include <string.h>

static uint32_t little32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* Does the instruction equal these bytes, all of them? */
static int is(const uint8_t *code, size_t size, const char *bytes, size_t length) {
    return size == length && memcmp(code, bytes, length) == 0;
}
#define IS(bytes) is(code, size, bytes, sizeof bytes - 1)

/* What the way through the guest's kernel mode consists of, and jumps to the one `syscall`:
 * call, jmp, jne; cmpq $imm32,N(%rsp); add $imm8,%rsp. */
static int keeps_rax(const uint8_t *code, size_t size) {
    return (size == 5 && (code[0] == 0xe8 || code[0] == 0xe9)) ||
           (size == 2 && (code[0] == 0xeb || code[0] == 0x75)) ||
           (size == 9 && memcmp(code, "\x48\x81\x7c\x24", 4) == 0) ||
           (size == 4 && memcmp(code, "\x48\x83\xc4", 3) == 0);
}

struct number_step number_decode(const uint8_t *code, size_t size, const char *text) {
    if (IS("\x0f\x05"))
        return (struct number_step){NUMBER_SYSCALL, 0};
    if (size == 5 && code[0] == 0xb8) /* mov $imm32,%eax */
        return (struct number_step){NUMBER_RAX_CONST, little32(code + 1)};
    if (IS("\x31\xc0") || IS("\x33\xc0")) /* xor %eax,%eax */
        return (struct number_step){NUMBER_RAX_CONST, 0};
    if (IS("\x4c\x89\xc8") || IS("\x49\x8b\xc1") || IS("\x44\x89\xc8") ||
        IS("\x41\x8b\xc1")) /* mov %r9,%rax; mov %r9d,%eax */
        return (struct number_step){NUMBER_RAX_R9, 0};
    if (size == 6 && code[0] == 0x41 && code[1] == 0xb9) /* mov $imm32,%r9d */
        return (struct number_step){NUMBER_R9_CONST, little32(code + 2)};
    if (IS("\x45\x31\xc9") || IS("\x45\x33\xc9")) /* xor %r9d,%r9d */
        return (struct number_step){NUMBER_R9_CONST, 0};
    if (IS("\x41\x59"))
        return (struct number_step){NUMBER_POP_R9, 0};
    if (!text || strstr(text, "r9"))
        return (struct number_step){NUMBER_R9_OTHER, 0};
    if (size == 2 && code[0] == 0x6a) /* push $imm8 */
        return (struct number_step){NUMBER_PUSH, (uint32_t)(int8_t)code[1]};
    if (keeps_rax(code, size))
        return (struct number_step){NUMBER_KEEPS, 0};
    return (struct number_step){NUMBER_NONE, 0};
}

void number_reset(struct number_state *state) {
    *state = (struct number_state){.r9 = NUMBER_UNKNOWN, .rax = NUMBER_UNKNOWN};
}

int number_repeats(const struct number_state *state, uint64_t when) {
    return state->last_when && state->last_when + 1 == when;
}

uint32_t number_run(struct number_state *state, struct number_step step, uint64_t when) {
    switch (step.effect) {
    case NUMBER_NONE:
        break;
    case NUMBER_R9_CONST:
        state->r9 = step.value;
        break;
    case NUMBER_R9_OTHER:
        state->r9 = NUMBER_UNKNOWN;
        break;
    case NUMBER_RAX_CONST:
        state->rax = step.value;
        state->rax_when = when;
        break;
    case NUMBER_RAX_R9:
        state->rax = state->r9;
        state->rax_when = when;
        break;
    case NUMBER_PUSH:
        state->pushed = step.value;
        state->push_when = when;
        break;
    case NUMBER_POP_R9:
        state->r9 = state->push_when + 1 == when ? state->pushed : NUMBER_UNKNOWN;
        break;
    case NUMBER_KEEPS:
        if (state->rax_when + 1 == when)
            state->rax_when = when;
        break;
    case NUMBER_SYSCALL:
        if (!number_repeats(state, when))
            state->last = state->rax_when + 1 == when ? state->rax : NUMBER_UNKNOWN;
        state->last_when = when;
        state->rax = state->last;
        state->rax_when = when;
        return state->last;
    }
    return NUMBER_UNKNOWN;
}
