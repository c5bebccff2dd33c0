/* SPDX-License-Identifier: MIT */
/*
 * A code is four bits of operation, the first of which makes the operand the number of a
 * bit, four of comparison, and twelve each for the operand and what is compared with, which
 * are signed.
 */
#include "sched/futexop.h"

#include <errno.h>

#include "pv/access.h"

enum { OP_SET, OP_ADD, OP_OR, OP_AND_NOT, OP_XOR, OP_SHIFT = 8 };
enum { IS_EQUAL, IS_NOT_EQUAL, IS_LESS, IS_NOT_MORE, IS_MORE, IS_NOT_LESS };

/* The twelve bits from that one on. */
static int32_t extract(uint32_t code, unsigned bit) {
    return (int32_t)(code << (20 - bit)) >> 20;
}

static uint32_t operand(uint32_t code) {
    int32_t given = extract(code, 12);

    return code >> 28 & OP_SHIFT ? 1u << (given & 31) : (uint32_t)given;
}

static long change(uint32_t code, uint32_t old, uint32_t *new) {
    uint32_t with = operand(code);

    switch (code >> 28 & ~OP_SHIFT) {
    case OP_SET:
        *new = with;
        return 0;
    case OP_ADD:
        *new = old + with;
        return 0;
    case OP_OR:
        *new = old | with;
        return 0;
    case OP_AND_NOT:
        *new = old & ~with;
        return 0;
    case OP_XOR:
        *new = old ^ with;
        return 0;
    default:
        return -ENOSYS;
    }
}

static long compare(uint32_t code, int32_t old) {
    int32_t with = extract(code, 0);

    switch (code >> 24 & 15) {
    case IS_EQUAL:
        return old == with;
    case IS_NOT_EQUAL:
        return old != with;
    case IS_LESS:
        return old < with;
    case IS_NOT_MORE:
        return old <= with;
    case IS_MORE:
        return old > with;
    case IS_NOT_LESS:
        return old >= with;
    default:
        return -ENOSYS;
    }
}

long futexop_do(uint32_t *word, uint32_t code) {
    uint32_t old, new, found;
    long error = user_load32(word, &found);

    do {
        old = found;
        if (!error)
            error = change(code, old, &new);
        if (!error)
            error = user_cas32(word, old, new, &found);
    } while (!error && found != old);
    return error ? error : compare(code, (int32_t)old);
}
