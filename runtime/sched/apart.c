/* SPDX-License-Identifier: MIT */
#include "sched/apart.h"

#include "mm/space.h"
#include "sched/schedule.h"

/* The rank is above every thread's of the program. */
enum { STACK = 8 * PAGE_SIZE, RANK = 100 };

bool run_apart(void (*run)(void)) {
    unsigned long stack = space_make_own_stack(STACK);
    struct thread *t = stack ? thread_make_own(run, stack + STACK) : NULL;

    if (!t) {
        if (stack)
            space_free_own_stack(stack, STACK);
        return false;
    }
    t->rank = RANK;
    schedule_add(t);
    return true;
}
