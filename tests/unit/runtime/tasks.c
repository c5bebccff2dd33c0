/* SPDX-License-Identifier: MIT */
/* Whose turn it is, is in `turn`; a thread of the host that is not it waits for that. */
#include "tasks.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "mm/page.h"
#include "pv/access.h"
#include "random.h"
#include "require.h"
#include "sched/deadline.h"
#include "sched/schedule.h"

struct thread tasks[TASKS];
struct lock threads_lock;

static pthread_mutex_t baton = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed = PTHREAD_COND_INITIALIZER;
static unsigned turn;
static bool ended[TASKS], interrupts;
static void (*run)(void);

static struct lock *held[4];
static unsigned held_count;

unsigned task_number(void) {
    return turn;
}

struct thread *thread_current(void) {
    return &tasks[turn];
}

static bool sleeps(unsigned i) {
    return !ended[i] && tasks[i].state == THREAD_SLEEPING;
}

static unsigned pick(bool (*is)(unsigned i)) {
    unsigned found = TASKS, seen = 0;

    for (unsigned i = 0; i < TASKS; i++)
        if (is(i) && random_one_in(++seen))
            found = i;
    return found;
}

static bool is_ready(unsigned i) {
    return !ended[i] && !sleeps(i);
}

static void wake_one(void) {
    unsigned i = pick(sleeps);

    if (i < TASKS)
        thread_wake(&tasks[i], interrupts && random_one_in(2) ? WAKE_SIGNAL : WAKE_TIMEOUT);
}

/* Under the baton. */
static void pass(void) {
    unsigned self = turn;

    REQUIRE(!held_count);
    if (random_one_in(8) || pick(is_ready) == TASKS)
        wake_one();
    turn = pick(is_ready);
    pthread_cond_broadcast(&passed);
    while (turn != self && !ended[self])
        pthread_cond_wait(&passed, &baton);
}

void task_yield(void) {
    pass();
}

static void *host_thread(void *number) {
    unsigned self = (unsigned)(size_t)number;

    pthread_mutex_lock(&baton);
    while (turn != self)
        pthread_cond_wait(&passed, &baton);
    run();
    ended[self] = true;
    pass();
    pthread_mutex_unlock(&baton);
    return NULL;
}

void tasks_run(void (*body)(void), bool interrupted) {
    pthread_t runners[TASKS];

    run = body;
    interrupts = interrupted;
    turn = TASKS;
    for (unsigned i = 0; i < TASKS; i++) {
        tasks[i].tid = (int)i + 1;
        REQUIRE(!pthread_create(&runners[i], NULL, host_thread, (void *)(size_t)i));
    }
    pthread_mutex_lock(&baton);
    turn = 0;
    pthread_cond_broadcast(&passed);
    pthread_mutex_unlock(&baton);
    for (unsigned i = 0; i < TASKS; i++)
        REQUIRE(!pthread_join(runners[i], NULL));
}

/* Locks: two buckets in order of their addresses, none twice, none forgotten. */

void lock_take(struct lock *lock) {
    REQUIRE(held_count < ARRAY_SIZE(held));
    for (unsigned i = 0; i < held_count; i++)
        REQUIRE(held[i] != lock);
    held[held_count++] = lock;
}

void lock_drop(struct lock *lock) {
    unsigned i = 0;

    while (i < held_count && held[i] != lock)
        i++;
    REQUIRE(i < held_count);
    held[i] = held[--held_count];
}

/* Threads. */

struct thread *thread_find(int tid) {
    return tid >= 1 && tid <= TASKS ? &tasks[tid - 1] : NULL;
}

void thread_prepare(bool interruptible) {
    struct thread *t = thread_current();

    REQUIRE(held_count);
    t->interruptible = interruptible;
    t->state = THREAD_SLEEPING;
}

enum wake thread_sleep(uint64_t until) {
    struct thread *t = thread_current();

    (void)until;
    while (t->state == THREAD_SLEEPING)
        pass();
    return t->wake;
}

enum handled thread_finish(void) {
    return thread_current()->wake == WAKE_SIGNAL ? HANDLED_BREAK : HANDLED_NONE;
}

bool thread_wake(struct thread *t, enum wake reason) {
    bool woken = t->state == THREAD_SLEEPING;

    if (woken) {
        t->state = THREAD_READY;
        t->wake = (uint8_t)reason;
    }
    return woken;
}

void schedule_set_rank(struct thread *t, int rank) {
    t->rank = rank;
}

/* Memory: every address is the test's own. */

bool (*access_retry)(void);

long user_load32(const void *from, uint32_t *value) {
    *value = *(const uint32_t *)from;
    return 0;
}

long user_cas32(void *at, uint32_t old, uint32_t new, uint32_t *found) {
    uint32_t *word = at;

    *found = *word;
    if (*word == old)
        *word = new;
    return 0;
}

void *page_alloc_kernel(void) {
    return aligned_alloc(PAGE_SIZE, PAGE_SIZE);
}

long deadline_read(const struct timespec *limit, bool absolute, bool realtime,
                   uint64_t *until) {
    (void)limit, (void)absolute, (void)realtime;
    *until = 1;
    return 0;
}
