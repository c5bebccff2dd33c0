/* SPDX-License-Identifier: MIT */
/* Alternate stacks (sigaltstack). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>

#include "pv/access.h"
#include "signal/internal.h"

/* One that disarms itself is never in use: the handler may set another. */
bool signal_is_on_stack(const struct signal_stack *stack, unsigned long sp) {
    return !(stack->flags & SS_AUTODISARM) && sp > stack->start &&
           sp - stack->start <= stack->size;
}

static long set_stack(const stack_t *new, unsigned long sp) {
    struct signal_stack *s = &thread_current()->signals.stack;
    unsigned mode = (unsigned)new->ss_flags & ~SS_AUTODISARM;

    if (signal_is_on_stack(s, sp))
        return -EPERM;
    if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
        return -EINVAL;
    if (mode == SS_DISABLE) {
        *s = (struct signal_stack){0};
        return 0;
    }
    if (new->ss_size < MINSIGSTKSZ)
        return -ENOMEM;
    s->start = (unsigned long)new->ss_sp;
    s->size = new->ss_size;
    s->flags = (unsigned)new->ss_flags & SS_AUTODISARM;
    return 0;
}

void signal_restore_stack(unsigned long start, size_t size, unsigned flags,
                          unsigned long sp) {
    set_stack(&(stack_t){.ss_sp = (void *)start, .ss_size = size, .ss_flags = (int)flags},
              sp);
}

long signal_set_stack(const stack_t *new, stack_t *old, unsigned long sp) {
    const struct signal_stack *s = &thread_current()->signals.stack;
    unsigned use = signal_is_on_stack(s, sp) ? SS_ONSTACK : s->size ? 0 : SS_DISABLE;
    stack_t now = {
        .ss_sp = (void *)s->start, .ss_size = s->size, .ss_flags = (int)(use | s->flags)};
    stack_t wanted;
    long error = 0;

    if (new)
        error = user_read(&wanted, new, sizeof wanted);
    if (new && !error)
        error = set_stack(&wanted, sp);
    if (old && !error)
        error = user_write(old, &now, sizeof now);
    return error;
}
