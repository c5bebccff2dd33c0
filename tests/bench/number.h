/* SPDX-License-Identifier: MIT */
/* What one guest instruction does to the registers that carry a hypercall's number:
 * rax at the `syscall` itself, r9 on the way into the runtime's out-of-line stub.
 * A plugin cannot read registers, so the number is derived from the instructions that
 * ran; where that is not certain it is unknown, never guessed. */
#ifndef ATMAN_BENCH_NUMBER_H
#define ATMAN_BENCH_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_UNKNOWN UINT32_MAX

enum number_effect {
    NUMBER_NONE,      /* neither register, or nothing that matters here */
    NUMBER_R9_CONST,  /* r9 = value */
    NUMBER_R9_OTHER,  /* r9 may have changed to something unknown */
    NUMBER_RAX_CONST, /* rax = value */
    NUMBER_RAX_R9,    /* rax = r9 */
    NUMBER_PUSH,      /* value is on top of the stack */
    NUMBER_POP_R9,    /* r9 = what is on top of the stack */
    NUMBER_KEEPS,     /* rax is certainly as before; of few instructions is this said */
    NUMBER_SYSCALL,   /* the hypercall itself */
};

struct number_step {
    enum number_effect effect;
    uint32_t value; /* for the two _CONST effects and PUSH */
};

/* The effect of the instruction `code` of `size` bytes. `text` is its disassembly (any
 * syntax), used only to see whether it names r9 at all; NULL counts as naming it. */
struct number_step number_decode(const uint8_t *code, size_t size, const char *text);

/* What is known after the instructions that ran so far. */
struct number_state {
    uint32_t r9;
    uint32_t rax;
    uint64_t rax_when; /* guest instruction count up to which rax is known */
    uint32_t pushed;
    uint64_t push_when; /* guest instruction count at which that was */
    uint32_t last;      /* number of the last hypercall */
    uint64_t last_when;
};

/* Nothing known yet. */
void number_reset(struct number_state *state);

/* Is a `syscall` that runs as number `when` the last one once more? Xen breaks a long
 * hypercall off by pointing the guest at the same `syscall` again. */
int number_repeats(const struct number_state *state, uint64_t when);

/* Takes the step of a guest instruction that runs as number `when`. For
 * NUMBER_SYSCALL it returns the hypercall's number, if the instruction just before has set
 * rax, or only such as keep it are in between, or Xen repeats the call, else
 * NUMBER_UNKNOWN; for all others NUMBER_UNKNOWN. A hypercall in the guest's user mode comes
 * twice: first Xen turns it into a jump to the guest's kernel mode with all registers as
 * they were, and there it is made. */
uint32_t number_run(struct number_state *state, struct number_step step, uint64_t when);

#endif
