/* SPDX-License-Identifier: MIT */
/*
 * 64 threads that do everything at once (mutexes, conditions, mmap, malloc, signals,
 * timers, cancellation, short-lived threads) for a time, with invariants checked all along
 * and at the end. Arguments: the seconds (default 3) and the seed (default: TEST_SEED,
 * which the runner makes fresh each time); the seed is printed. A worker that does not get
 * on for a minute is reported.
 */
// native: -pthread
// stdout-from: checks
// memory: 128M
// debug: all
// vcpus: 1 2 4
// timeout: 240
#define _GNU_SOURCE
#include "stress/stress.h"
#include "stress/life.h"
#include "stress/memory.h"
#include "stress/signals.h"
#include "stress/sync.h"

static void yield(void) {
    CHECK_EQUAL(sched_yield(), 0);
}

static void sleep_a_little(void) {
    sleep_us(below(1000));
}

static const struct {
    const char *name;
    void (*run)(void);
    unsigned weight;
} operations[] = {
    {"moving money", move_money, 20},
    {"using a queue", use_queue, 20},
    {"taking a seat", take_seat, 10},
    {"reading or writing", read_or_write, 15},
    {"spinning", spin_a_little, 5},
    {"using a region", use_region, 40},
    {"using the heap", use_heap, 30},
    {"sending a signal", send_signal, 10},
    {"blocking signals", block_signals, 4},
    {"using a timer", use_timer, 4},
    {"joining a child", join_child, 4},
    {"detaching a child", detach_child, 4},
    {"cancelling a child", cancel_child, 4},
    {"inheriting a mutex", inherit, 6},
    {"changing vCPU", change_processor, 2},
    {"changing priority", change_priority, 2},
    {"yielding", yield, 4},
    {"sleeping", sleep_a_little, 4},
};

static pthread_barrier_t beginning, end;

static void work_once(unsigned weights) {
    unsigned chosen = below(weights), i = 0;

    while (chosen >= operations[i].weight)
        chosen -= operations[i++].weight;
    self->doing = operations[i].name;
    operations[i].run();
    self->operations++;
}

static void *work(void *argument) {
    unsigned weights = 0;

    self = argument;
    self->tid = gettid_now();
    for (size_t i = 0; i < LENGTH(operations); i++)
        weights += operations[i].weight;
    self->doing = "beginning";
    pthread_barrier_wait(&beginning);
    while (!load(&stop)) {
        work_once(weights);
        if (!CHECK(self == argument && self->tid == gettid_now()))
            break;
    }
    self->doing = "ending";
    pthread_barrier_wait(&end); /* nobody sends to anybody any more */
    signals_end();
    for (int i = 0; i < BLOCKS; i++)
        free_block(self->blocks[i]);
    return NULL;
}

/* True if every worker got on since the last call, and remembers where they are. */
static int all_get_on(int *seen) {
    int fine = 1;

    for (int i = 0; i < WORKERS; i++) {
        if (workers[i].operations == seen[i]) {
            printf("worker %d is stuck: %s (operation %d)\n", i, workers[i].doing, seen[i]);
            fine = 0;
        }
        seen[i] = workers[i].operations;
    }
    return fine;
}

static void supervise(long seconds) {
    static int seen[WORKERS];
    const int64_t minute = 60 * SECOND;
    int64_t finish_at = now_ns(CLOCK_MONOTONIC) + seconds * SECOND;
    int64_t look_at = now_ns(CLOCK_MONOTONIC) + minute;

    while (now_ns(CLOCK_MONOTONIC) < finish_at && checks_failed == 0) {
        sleep_ms(20);
        if (now_ns(CLOCK_MONOTONIC) < look_at)
            continue;
        if (!CHECK(all_get_on(seen)))
            break;
        look_at = now_ns(CLOCK_MONOTONIC) + minute;
    }
}

static void join_workers(void) {
    struct timespec limit = from_now(CLOCK_REALTIME, 60000);

    for (int i = 0; i < WORKERS; i++) {
        int error;

        while ((error = pthread_timedjoin_np(workers[i].thread, NULL, &limit)) == EINTR)
            ;
        if (error == 0)
            continue;
        for (int j = i; j < WORKERS; j++)
            printf("worker %d has not ended: %s\n", j, workers[j].doing);
        CHECK(!"all workers ended");
        checks_end();
        fflush(stdout);
        _exit(1);
    }
}

int main(int argc, char **argv) {
    const char *seed_text = argc > 2 ? argv[2] : getenv("TEST_SEED");
    long seconds = argc > 1 ? atol(argv[1]) : 3, total = 0;
    uint64_t seed = seed_text ? strtoull(seed_text, NULL, 10) : 1;

    printf("%ld seconds, seed %lu\n", seconds, (unsigned long)seed);
    fflush(stdout);
    pthread_barrier_init(&beginning, NULL, WORKERS + 1);
    pthread_barrier_init(&end, NULL, WORKERS);
    sync_start();
    life_start();
    memory_start();
    for (int i = 0; i < WORKERS; i++) {
        workers[i].random = seed * WORKERS + (uint64_t)i;
        workers[i].thread = start(work, &workers[i]);
    }
    signals_start(); /* before anybody sends one */
    pthread_barrier_wait(&beginning);
    supervise(seconds);
    store(&stop, 1);
    join_workers();
    sync_end();
    life_end();
    for (size_t i = 0; i < LENGTH(wandering); i++)
        free_block(wandering[i]);
    for (int i = 0; i < WORKERS; i++)
        total += workers[i].operations;
    printf("%ld operations, %d alarms\n", total, alarms);
    return checks_end();
}
