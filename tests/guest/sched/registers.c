/* SPDX-License-Identifier: MIT */
/*
 * Threads hold random patterns in every integer, x87, SSE and AVX register and in the
 * control words, while others preempt them, use those registers too and send signals whose
 * handlers do so; each register is compared bit for bit, until there were 100,000 switches.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
// timeout: 150
#define _GNU_SOURCE
#include "sched/hold.h"

#include <fenv.h>
#include <signal.h>
#include <sys/resource.h>

#include "random.h"
#include "thread/thread.h"

enum { MOST = 12, DISTURBERS = 4, SWITCHES = 100000, FIFO_PRIORITY = 20, LONGEST = 120 };

static volatile int stop, wakes, rounds, signals, wrong;
static int holders_count;
static pthread_t holders[MOST];
static _Thread_local uint64_t own;

static uint64_t next(uint64_t *state) {
    *state = *state * 6364136223846793005 + 1442695040888963407;
    return (*state >> 32 | *state << 32) * 0x9e3779b97f4a7c15;
}

static void make(struct registers *r, uint64_t *state) {
    static const uint16_t precisions[] = {0x000, 0x200, 0x300};

    for (int i = 0; i < 16; i++)
        r->integer[i] = next(state);
    for (int i = 0; i < 8; i++) { /* a normal number: no other survives a load */
        r->x87[i].fraction = next(state) | 1ul << 63;
        r->x87[i].exponent = (uint16_t)(next(state) % 0x7ffe + 1);
        r->x87[i].exponent |= (uint16_t)(next(state) & 0x8000);
    }
    for (int i = 0; i < 16 * 4; i++)
        r->vector[i] = next(state);
    r->mxcsr = 0x1f80 | (uint32_t)(next(state) & 0xe000); /* rounding, flush to zero */
    r->control = (uint16_t)(0x7f | (next(state) & 0xc00) | precisions[next(state) % 3]);
}

/* Says what is not as it was; %rsp is nobody's to choose. */
static int compare(const struct registers *a, const struct registers *b) {
    int different = 0;

    for (int i = 0; i < 16; i++)
        if (i != RSP && a->integer[i] != b->integer[i])
            different += printf("integer register %d: %016lx became %016lx\n", i,
                                a->integer[i], b->integer[i]);
    for (int i = 0; i < 8; i++)
        if (a->x87[i].fraction != b->x87[i].fraction ||
            a->x87[i].exponent != b->x87[i].exponent)
            different +=
                printf("st%d: %04x:%016lx became %04x:%016lx\n", i, a->x87[i].exponent,
                       a->x87[i].fraction, b->x87[i].exponent, b->x87[i].fraction);
    for (int i = 0; i < 16 * 4; i++)
        if ((i % 4 < 2 || has_avx) && a->vector[i] != b->vector[i])
            different += printf("vector register %d, quarter %d: %016lx became %016lx\n",
                                i / 4, i % 4, a->vector[i], b->vector[i]);
    if ((a->mxcsr & 0xffc0) != (b->mxcsr & 0xffc0))
        different += printf("mxcsr: %x became %x\n", a->mxcsr, b->mxcsr);
    if (a->control != b->control)
        different += printf("x87 control: %x became %x\n", a->control, b->control);
    return different;
}

static void hold_once(uint64_t *state, long turns) {
    struct registers before, after;

    memset(&after, 0, sizeof after);
    make(&before, state);
    hold(&before, &after, turns);
    if (compare(&before, &after) || own != (uint64_t)state) {
        fflush(stdout);
        add(&wrong, 1);
    }
    add(&rounds, 1);
}

static void *hold_registers(void *seed) {
    uint64_t state = (uint64_t)seed;

    own = (uint64_t)&state; /* %fs is a register too */
    while (!load(&stop))
        hold_once(&state, (long)(next(&state) % 5000) + 1);
    return NULL;
}

static void on_signal(int number) {
    uint64_t state = (uint64_t)number + (uint64_t)load(&signals), before = own;

    own = (uint64_t)&state;
    hold_once(&state, 1);
    own = before;
    add(&signals, 1);
}

/* Sleeps and wakes, and is more urgent than they. The control words live across calls. */
static void *disturb(void *seed) {
    uint64_t state = (uint64_t)seed;
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    struct sched_param parameters = {.sched_priority = FIFO_PRIORITY};

    own = (uint64_t)&state;
    syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &parameters); /* natively perhaps not */
    while (!load(&stop)) {
        struct timespec time = {.tv_nsec = 20000 + (long)(next(&state) % 100000)};
        int mode = modes[next(&state) % 4];

        fesetround(mode);
        nanosleep(&time, NULL);
        if (fegetround() != mode)
            wrong += printf("the rounding mode became another\n");
        fesetround(FE_TONEAREST);
        hold_once(&state, 1);
        if (next(&state) % 8 == 0)
            pthread_kill(holders[next(&state) % (uint64_t)holders_count], SIGUSR1);
        add(&wakes, 1);
    }
    return NULL;
}

int main(int argc, char **argv) {
    int wanted = argc > 1 ? atoi(argv[1]) : SWITCHES;
    struct sigaction action = {.sa_handler = on_signal};
    pthread_t disturbers[DISTURBERS];
    struct rusage usage;

    random_start();
    find_avx();
    sigaction(SIGUSR1, &action, NULL);
    holders_count = (int)sysconf(_SC_NPROCESSORS_ONLN) * 2 + 1;
    holders_count = holders_count < MOST ? holders_count : MOST;
    for (int i = 0; i < holders_count; i++)
        holders[i] = start(hold_registers, (void *)random_next());
    for (int i = 0; i < DISTURBERS; i++)
        disturbers[i] = start(disturb, (void *)random_next());
    const int64_t limit = now_ns(CLOCK_MONOTONIC) + LONGEST * SECOND;
    /* each time one wakes, somebody is interrupted and later goes on */
    while (load(&wakes) * 2 < wanted && !load(&wrong) && now_ns(CLOCK_MONOTONIC) < limit)
        sleep_ms(50);
    store(&stop, 1);
    for (int i = 0; i < DISTURBERS; i++)
        finish(disturbers[i]);
    for (int i = 0; i < holders_count; i++)
        finish(holders[i]);
    CHECK_EQUAL(wrong, 0);
    CHECK(wakes * 2 >= wanted || wrong);
    CHECK(rounds > holders_count && signals > 0);
    getrusage(RUSAGE_SELF, &usage);
    printf("AVX %d, %d wake-ups, %d signals, %d comparisons, switches %ld + %ld\n", has_avx,
           wakes, signals, rounds, usage.ru_nvcsw, usage.ru_nivcsw);
    return checks_end();
}
