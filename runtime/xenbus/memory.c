/* SPDX-License-Identifier: MIT */
/*
 * memory/target (docs/misc/xenstore-paths of Xen) says how many KiB. Each time that it is
 * read some steps are made, so that events are not off for long, and it is read until the
 * domain is as large. What cannot be had now is tried again later, if there are timers.
 */
#include "xenbus/memory.h"

#include "mm/balloon.h"
#include "sched/hooks.h"
#include "sched/timer.h"
#include "xen/time.h"
#include "xenbus/node.h"

enum { KIB_IN_PAGE = PAGE_SIZE / 1024, STEPS = 32 };

static void obey(struct node *node);

static struct node target = {.path = "memory/target", .obey = obey};

static void try_again(struct timer *timer) {
    (void)timer;
    node_read_again(&target);
    node_look_all();
}

static void wait(void) {
    static struct timer timer = {.fire = try_again};

    if (scheduler && !timer.queued)
        scheduler->set_timer(&timer, xen_time_system() + NS_PER_SEC);
}

/* What is no number is left alone, as is one with a sign or a unit. */
static void obey(struct node *node) {
    uint64_t kib = 0;

    if (!*node->value)
        return;
    for (const char *at = node->value; *at; at++) {
        if (*at < '0' || *at > '9')
            return;
        kib = kib * 10 + (uint64_t)(*at - '0');
    }
    enum balloon balloon = BALLOON_GOES_ON;
    for (unsigned i = 0; i < STEPS && balloon == BALLOON_GOES_ON; i++)
        balloon = balloon_step(kib / KIB_IN_PAGE);
    if (balloon == BALLOON_GOES_ON)
        node_read_again(node);
    else if (balloon == BALLOON_WAITS)
        wait();
}

void memory_start(void) {
    node_add(&target);
}
