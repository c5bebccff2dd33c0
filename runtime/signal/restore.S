/* SPDX-License-Identifier: MIT */
/*
 * Where signal handlers return to: a trap, at whose end signal/deliver.c finds the thread
 * here and loads what the frame on the stack says. If the thread is moved away first, it
 * comes back to the jump.
 *
 * The stack pointer is at the ucontext_t; debuggers and unwinders are told by the notes
 * below where in it the registers are. They look for the address before the one that is
 * returned to, hence the nop.
 */
#define TRAP_EVENTS 128 /* pv/trap.h */
#define GREGS 40        /* of ucontext_t */
#define GREG_RSP 15
#define GREG_RIP 16

    /* Register number of the psABI, place in gregs: DW_CFA_expression, DW_OP_breg7. */
    .macro saved register, place
    .if GREGS + 8 * \place < 64
    .cfi_escape 0x10, \register, 2, 0x77, GREGS + 8 * \place
    .else
    .cfi_escape 0x10, \register, 3, 0x77, ((GREGS + 8 * \place) & 0x7f) | 0x80, (GREGS + 8 * \place) >> 7
    .endif
    .endm

    .section .text.signal_restorer,"ax",@progbits
    .cfi_sections .eh_frame
    .cfi_startproc simple
    .cfi_signal_frame
    /* DW_CFA_def_cfa_expression: DW_OP_breg7 of rsp's place, DW_OP_deref */
    .cfi_escape 0x0f, 4, 0x77, ((GREGS + 8 * GREG_RSP) & 0x7f) | 0x80, (GREGS + 8 * GREG_RSP) >> 7, 0x06
    saved 0, 13
    saved 1, 12
    saved 2, 14
    saved 3, 11
    saved 4, 9
    saved 5, 8
    saved 6, 10
    saved 8, 0
    saved 9, 1
    saved 10, 2
    saved 11, 3
    saved 12, 4
    saved 13, 5
    saved 14, 6
    saved 15, 7
    saved 16, GREG_RIP
    nop
    .globl signal_restorer
    .type signal_restorer,@function
signal_restorer:
    int $TRAP_EVENTS
    .globl signal_restorer_trap
signal_restorer_trap:
    jmp signal_restorer
    .size signal_restorer, . - signal_restorer
    .cfi_endproc

    .section .note.GNU-stack,"",@progbits
