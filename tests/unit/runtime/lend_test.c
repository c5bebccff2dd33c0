/* SPDX-License-Identifier: MIT */
/*
 * sched/futexpi.c and sched/lend.c against the definition: a thread's rank is the highest
 * of its own and of all that wait for it, directly or not; a mutex goes to the highest of
 * those that wait; who would wait for itself is refused.
 */
#include "sched/futexpi.h"

#include <errno.h>

#include "random.h"
#include "require.h"
#include "scenario.h"
#include "sched/futex_abi.h"
#include "tasks.h"
#include "test.h"

enum { MUTEXES = 5, STEPS = 300, NONE = -1 };

static uint32_t words[MUTEXES];

/* What should be. */
static int owner[MUTEXES], awaited[TASKS];

static int next_in_chain(int task) {
    return awaited[task] == NONE ? NONE : owner[awaited[task]];
}

static int wanted_rank(int task) {
    int rank = 0;

    for (int i = 0; i < TASKS; i++)
        for (int at = i; at != NONE; at = next_in_chain(at))
            if (at == task && tasks[i].policy.priority > rank)
                rank = tasks[i].policy.priority;
    return rank;
}

static void verify(void) {
    for (int m = 0; m < MUTEXES; m++) {
        bool any = false;
        for (int i = 0; i < TASKS; i++)
            any = any || awaited[i] == m;
        REQUIRE((int)(words[m] & FUTEX_TID_MASK) == owner[m] + 1);
        REQUIRE(!any || words[m] & FUTEX_WAITERS);
        REQUIRE(any == futexpi_is_awaited(&words[m]));
    }
    for (int i = 0; i < TASKS; i++)
        REQUIRE_SAYING(tasks[i].rank == wanted_rank(i), "thread %d: %d, not %d", i,
                       tasks[i].rank, wanted_rank(i));
}

static bool would_wait_for(int self, int at) {
    while (at != NONE && at != self)
        at = next_in_chain(at);
    return at == self;
}

/* Time limits end some waits. */
static void lock(int m, bool only_try) {
    int self = (int)task_number();
    long result;

    if (owner[m] == NONE) {
        owner[m] = self;
        REQUIRE(futexpi_lock(&words[m], 1, only_try) == 0);
    } else if (owner[m] == self) {
        REQUIRE(futexpi_lock(&words[m], 1, only_try) == -EDEADLK);
    } else if (only_try) {
        REQUIRE(futexpi_lock(&words[m], 1, true) == -EAGAIN);
    } else if (would_wait_for(self, owner[m])) {
        REQUIRE(futexpi_lock(&words[m], 1, false) == -EDEADLK);
    } else {
        awaited[self] = m;
        result = futexpi_lock(&words[m], 1, false);
        REQUIRE_SAYING(result == (owner[m] == self ? 0 : -ETIMEDOUT), "%ld", result);
        awaited[self] = NONE;
    }
}

/* Whoever has it now is one of those that should: what is known of ties is their order. */
static void note_next(int m) {
    int next = (int)(words[m] & FUTEX_TID_MASK) - 1;
    int highest = NONE;

    for (int i = 0; i < TASKS; i++)
        if (awaited[i] == m && (highest == NONE || wanted_rank(i) > wanted_rank(highest)))
            highest = i;
    REQUIRE((next == NONE) == (highest == NONE));
    if (next != NONE) {
        REQUIRE(awaited[next] == m && wanted_rank(next) == wanted_rank(highest));
        awaited[next] = NONE;
    }
    owner[m] = next;
}

static void unlock(int m) {
    bool mine = owner[m] == (int)task_number();

    REQUIRE(futexpi_unlock(&words[m]) == (mine ? 0 : -EPERM));
    if (mine)
        note_next(m);
}

static void set_priority(int task) {
    struct thread_policy policy = {.priority = (int)random_below(4)};

    REQUIRE(futexpi_set_policy(task + 1, &policy) == 0);
}

static void any_calls(void) {
    int self = (int)task_number();

    for (int i = 0; i < STEPS; i++) {
        int m = (int)random_below(MUTEXES);
        switch (random_below(6)) {
        case 0:
            set_priority((int)random_below(TASKS));
            break;
        case 1:
            task_yield();
            break;
        case 2:
            lock(m, random_one_in(2));
            break;
        case 3:
            lock(m, false);
            break;
        default:
            unlock(m);
        }
        verify();
    }
    for (int m = 0; m < MUTEXES; m++)
        if (owner[m] == self)
            unlock(m);
    verify();
}

static void start(void) {
    for (int m = 0; m < MUTEXES; m++)
        owner[m] = NONE;
    for (int i = 0; i < TASKS; i++)
        awaited[i] = NONE;
}

static void run_any_calls(void) {
    start();
    tasks_run(any_calls, false);
    for (int m = 0; m < MUTEXES; m++)
        REQUIRE(!(words[m] & FUTEX_TID_MASK) && !futexpi_is_awaited(&words[m]));
}

TEST(any_calls) {
    CHECK(scenario_run("any calls", run_any_calls, 10, random_seed()));
}

/* Half of them end with what they hold: it goes on to others, marked. */
static void lock_and_end(void) {
    int self = (int)task_number();

    for (int i = 0; i < 20; i++) {
        lock((int)random_below(MUTEXES), false);
        if (random_one_in(3))
            task_yield();
        verify();
    }
    if (self % 2) {
        futexpi_end(&tasks[self]);
        for (int m = 0; m < MUTEXES; m++) {
            if (owner[m] != self)
                continue;
            bool passed = (int)(words[m] & FUTEX_TID_MASK) != self + 1;
            REQUIRE(!passed || words[m] & FUTEX_OWNER_DIED);
            if (!passed)
                words[m] = 0; /* nobody waits: that is the robust list's business */
            note_next(m);
        }
    }
    for (int m = 0; m < MUTEXES; m++)
        if (owner[m] == self)
            unlock(m);
    verify();
}

static void run_lock_and_end(void) {
    start();
    tasks_run(lock_and_end, false);
}

TEST(lock_and_end) {
    CHECK(scenario_run("lock and end", run_lock_and_end, 10, random_seed()));
}

/* The caller is thread 1, and alone. */
TEST(words_that_are_wrong) {
    uint32_t word = 0x3ffffff0;

    tasks[0].tid = 1;
    CHECK_EQ(futexpi_lock(&word, 0, false), -ESRCH);
    CHECK_EQ(word, 0x3ffffff0);
    CHECK_EQ(futexpi_unlock(&word), -EPERM);
    word = FUTEX_OWNER_DIED | FUTEX_WAITERS;
    CHECK_EQ(futexpi_lock(&word, 0, false), 0);
    CHECK_EQ(word, FUTEX_OWNER_DIED | 1);
    CHECK_EQ(futexpi_lock(&word, 0, true), -EDEADLK);
    CHECK_EQ(futexpi_unlock(&word), 0);
    CHECK_EQ(word, 0);
}
