/* SPDX-License-Identifier: MIT */
/*
 * sched/timer.c on several vCPUs, with a hypervisor whose time goes by when the test says
 * so, against a list of what was asked for. Invariants: no timer fires before its time, or
 * later than the hypervisor's interrupt after it; each as often as it was set; those of a
 * vCPU in the order of their times; and none that was taken back.
 */
#include "sched/timer.h"

#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "random.h"
#include "require.h"
#include "scenario.h"
#include "sched/vcpu.h"
#include "test.h"
#include "xen/hypercall.h"
#include "xen/time.h"

enum { VCPUS = 3, TIMERS = 40 };

/* Beyond this the hypervisor takes a time for a mistake. */
#define XEN_FARTHEST (1ul << 50)

static struct place {
    struct vcpu_info info __attribute__((aligned(PAGE_SIZE)));
    struct line line __attribute__((aligned(PAGE_SIZE)));
} places[VCPUS];

static struct vcpu vcpus[VCPUS];
static uint64_t interrupts[VCPUS]; /* when the hypervisor makes one; 0: not */
static unsigned here, locked, yields;
static uint64_t now;

/* What should be. */
static struct {
    struct timer timer;
    uint64_t when; /* 0: it is not set */
    unsigned vcpu;
    bool again; /* its fire sets it again */
} model[TIMERS];
static unsigned fired;
static uint64_t last; /* the time of what was fired last by this interrupt */

static void go_to(unsigned vcpu) {
    here = vcpu;
    places[here].line.vcpu = &vcpus[here];
    syscall(SYS_arch_prctl, ARCH_SET_GS, &places[here]);
}

uint64_t xen_time_system(void) {
    return now;
}

/* Xen's own time is another one. */
uint64_t xen_time_own(uint64_t system) {
    return system;
}

void events_on(void) {
    places[here].line.depth--;
}

void lock_take(struct lock *lock) {
    REQUIRE(!lock->word);
    lock->word = 1;
    locked++;
}

void lock_drop(struct lock *lock) {
    REQUIRE(lock->word);
    lock->word = 0;
    locked--;
}

/* Another vCPU's fire comes to an end while somebody waits for it. */
long hypercall(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
               unsigned long a5, unsigned long number) {
    (void)a2, (void)a3, (void)a4, (void)a5;
    if (number == __HYPERVISOR_set_timer_op) {
        REQUIRE(a1 && (a1 <= now || a1 - now < XEN_FARTHEST));
        interrupts[here] = a1;
        return 0;
    }
    REQUIRE(number == __HYPERVISOR_sched_op && a1 == SCHEDOP_yield && !locked);
    if (++yields % 3 == 0)
        for (unsigned i = 0; i < VCPUS; i++)
            vcpus[i].firing = NULL;
    return 0;
}

static unsigned index_of(const struct timer *timer) {
    for (unsigned i = 0; i < TIMERS; i++)
        if (timer == &model[i].timer)
            return i;
    require_failed(__FILE__, __LINE__, "a timer of ours", "");
}

static uint64_t random_time(void) {
    if (random_one_in(20))
        return random_magnitude() >> 1;
    return random_one_in(8) ? now - random_below(100) : now + random_below(1000);
}

static void set(unsigned i, uint64_t when) {
    model[i].when = when ? when : 1;
    model[i].vcpu = here;
    timer_set(&model[i].timer, when);
}

static void fire(struct timer *timer) {
    unsigned i = index_of(timer);

    fired++;
    REQUIRE(!locked && model[i].when && model[i].vcpu == here);
    REQUIRE_SAYING(model[i].when <= now, "%lu at %lu", model[i].when, now);
    REQUIRE(model[i].when >= last);
    last = model[i].when;
    model[i].when = 0;
    if (model[i].again && random_one_in(2))
        set(i, now + 1 + random_below(500));
    if (random_one_in(5)) { /* of others as well */
        unsigned other = (unsigned)random_below(TIMERS);
        if (!model[other].when) {
            set(other, now + 1 + random_below(100));
        } else if (model[other].when > now) {
            REQUIRE(timer_remove(&model[other].timer));
            model[other].when = 0;
        }
    }
}

/* What the hypervisor does as time goes by. */
static void pass(uint64_t until) {
    for (;;) {
        unsigned next = VCPUS;
        for (unsigned i = 0; i < VCPUS; i++)
            if (interrupts[i] && interrupts[i] <= until &&
                (next == VCPUS || interrupts[i] < interrupts[next]))
                next = i;
        if (next == VCPUS)
            break;
        if (now < interrupts[next])
            now = interrupts[next];
        interrupts[next] = 0;
        last = 0;
        go_to(next);
        timer_run();
        REQUIRE(!vcpus[next].firing);
    }
    now = until;
}

static void verify(void) {
    uint64_t first[VCPUS] = {0};

    REQUIRE(!locked);
    for (unsigned i = 0; i < TIMERS; i++) {
        uint64_t when = model[i].when, *least = &first[model[i].vcpu];
        REQUIRE(model[i].timer.queued == !!when);
        REQUIRE(!when || model[i].timer.vcpu == &vcpus[model[i].vcpu]);
        if (when && (!*least || when < *least))
            *least = when;
    }
    for (unsigned i = 0; i < VCPUS; i++) {
        REQUIRE(places[i].line.depth == 0);
        REQUIRE(!first[i] || interrupts[i]);
        REQUIRE(!first[i] || interrupts[i] <= first[i] || first[i] <= now);
    }
}

static void take_back(unsigned i) {
    bool was = model[i].when, waits = random_one_in(2), running = random_one_in(3);
    unsigned before = yields;

    if (waits && running && model[i].timer.vcpu)
        model[i].timer.vcpu->firing = &model[i].timer; /* there, at this moment */
    bool is = waits ? timer_cancel(&model[i].timer) : timer_remove(&model[i].timer);
    REQUIRE(is == was);
    REQUIRE(!waits || !model[i].timer.vcpu || !model[i].timer.vcpu->firing);
    REQUIRE(!waits || !running || !model[i].timer.vcpu || yields > before);
    model[i].when = 0;
}

static void run(void) {
    now = 1000;
    for (unsigned i = 0; i < TIMERS; i++) {
        model[i].timer.fire = fire;
        model[i].again = random_one_in(3);
    }
    for (unsigned step = 0; step < 20000; step++) {
        unsigned i = (unsigned)random_below(TIMERS);
        go_to((unsigned)random_below(VCPUS));
        if (random_one_in(3))
            pass(now + random_below(random_one_in(50) ? 5000 : 100));
        else if (model[i].when || random_one_in(10))
            take_back(i);
        else
            set(i, random_time());
        if (random_one_in(200)) { /* an interrupt for nothing */
            last = 0;
            timer_run();
        }
        verify();
    }
    pass(~0ul >> 1); /* all but those that set themselves again come to an end */
    REQUIRE(fired > 1000);
}

TEST(any_order) {
    CHECK(scenario_run("any order", run, 6, random_seed()));
}
