/* SPDX-License-Identifier: MIT */
/*
 * sched/futex.c and its table against a list: who is woken by what, in which order, how
 * many a call says that it woke or moved, and what a wait that ends for another reason
 * returns, also if it was woken between that and its return.
 */
#include "sched/futex.h"

#include <errno.h>
#include <time.h>

#include "pv/access.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "sched/futex_abi.h"
#include "sched/futexop.h"
#include "tasks.h"
#include "test.h"

enum { WORDS = 4, STEPS = 300, NOWHERE = -1 };

static uint32_t words[WORDS * 1024];

/* What should be: where each waits, and since when. */
static struct {
    int word; /* or NOWHERE */
    uint32_t bits;
    int rank;
    unsigned arrival;
} model[TASKS];
static unsigned arrivals;

/* Some are neighbours, some far apart. */
static uint32_t *word_at(int i) {
    return &words[i % 2 ? i : i * 1000];
}

static int find_first(int word, uint32_t bits) {
    int best = NOWHERE;

    for (int i = 0; i < TASKS; i++)
        if (model[i].word == word && model[i].bits & bits &&
            (best == NOWHERE || model[i].rank > model[best].rank ||
             (model[i].rank == model[best].rank && model[i].arrival < model[best].arrival)))
            best = i;
    return best;
}

static long model_wake(int word, long count, uint32_t bits) {
    long woken = 0;

    for (int i; woken < count && (i = find_first(word, bits)) != NOWHERE; woken++)
        model[i].word = NOWHERE;
    return woken;
}

static long count_waiting(int word) {
    long count = 0;

    for (int i = 0; i < TASKS; i++)
        count += model[i].word == word;
    return count;
}

static long model_move(int from, int to, long count) {
    long moved = 0;

    if (from == to)
        return MIN(count, count_waiting(from));
    for (int i; moved < count && (i = find_first(from, ~0u)) != NOWHERE; moved++) {
        model[i].word = to;
        model[i].arrival = arrivals++;
    }
    return moved;
}

static void verify(void) {
    for (int i = 0; i < TASKS; i++)
        REQUIRE_SAYING(tasks[i].futex.address ==
                           (model[i].word == NOWHERE ? NULL : word_at(model[i].word)),
                       "thread %d, word %d", i, model[i].word);
}

static void wait_at(int word) {
    unsigned self = task_number();
    uint32_t bits = random_one_in(2) ? ~0u : 1u << random_below(3);
    struct timespec limit = {0};

    tasks[self].rank = (int)random_below(3);
    model[self].word = word;
    model[self].bits = bits;
    model[self].rank = tasks[self].rank;
    model[self].arrival = arrivals++;
    long result =
        futex(word_at(word), FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 0, &limit, NULL, bits);
    if (model[self].word == NOWHERE) {
        REQUIRE_SAYING(result == 0, "%ld", result);
    } else {
        REQUIRE_SAYING(result == (tasks[self].wake == WAKE_SIGNAL ? -EINTR : -ETIMEDOUT),
                       "%ld", result);
        model[self].word = NOWHERE;
    }
}

static void wake_at(int word) {
    uint32_t bits = random_one_in(2) ? ~0u : 1u << random_below(3);
    long count = (long)random_between(1, 4);

    long wanted = model_wake(word, count, bits);
    REQUIRE(futex(word_at(word), FUTEX_WAKE_BITSET | FUTEX_PRIVATE, (uint32_t)count, NULL,
                  NULL, bits) == wanted);
}

static void requeue(int from, int to) {
    size_t wakes = random_below(3), moves = random_below(4);

    long wanted = model_wake(from, (long)wakes, ~0u);
    wanted += model_move(from, to, (long)moves);
    REQUIRE(futex(word_at(from), FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, (uint32_t)wakes,
                  (const struct timespec *)moves, word_at(to), 0) == wanted);
}

/* The second word is left as it is, 0; the comparison is right every other time. */
static void wake_both(int first, int second) {
    bool both = random_one_in(2);
    size_t count = random_between(1, 3), count2 = random_between(1, 3);
    uint32_t code = 1u << 28 | (both ? 0u : 1u) << 24; /* adds 0; is equal, or not, to 0 */

    long wanted = model_wake(first, (long)count, ~0u);
    if (both)
        wanted += model_wake(second, (long)count2, ~0u);
    REQUIRE(futex(word_at(first), FUTEX_WAKE_OP | FUTEX_PRIVATE, (uint32_t)count,
                  (const struct timespec *)count2, word_at(second), code) == wanted);
}

static void any_calls(void) {
    for (int i = 0; i < STEPS; i++) {
        int word = (int)random_below(WORDS), other = (int)random_below(WORDS);
        switch (random_below(8)) {
        case 0:
            wake_at(word);
            break;
        case 1:
            requeue(word, other);
            break;
        case 2:
            wake_both(word, other);
            break;
        case 3:
            task_yield();
            break;
        default:
            wait_at(word);
        }
        verify();
    }
}

static void run_any_calls(void) {
    for (int i = 0; i < TASKS; i++)
        model[i].word = NOWHERE;
    tasks_run(any_calls, true);
    REQUIRE(count_waiting(NOWHERE) == TASKS);
}

TEST(any_calls) {
    CHECK(scenario_run("any calls", run_any_calls, 10, random_seed()));
}

static long call(uint32_t *word, int operation, uint32_t value, uint32_t *word2,
                 uint32_t value3) {
    return futex(word, operation, value, NULL, word2, value3);
}

TEST(errors) {
    uint32_t *odd = (uint32_t *)((char *)words + 2), *high = (uint32_t *)(1ul << 60);

    CHECK_EQ(call(odd, FUTEX_WAIT, 0, NULL, 0), -EINVAL);
    CHECK_EQ(call(odd, FUTEX_WAKE, 1, NULL, 0), -EINVAL);
    CHECK_EQ(call(high, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, 0), -EFAULT);
    CHECK_EQ(call(words, FUTEX_WAIT, 1, NULL, 0), -EAGAIN);
    CHECK_EQ(call(words, FUTEX_WAIT_BITSET, 1, NULL, 0), -EINVAL);
    CHECK_EQ(call(words, FUTEX_WAKE_BITSET, 1, NULL, 0), -EINVAL);
    CHECK_EQ(call(words, FUTEX_REQUEUE, ~0u, words, 0), -EINVAL);
    CHECK_EQ(call(words, FUTEX_CMP_REQUEUE, 1, words, 1), -EAGAIN);
    CHECK_EQ(call(words, FUTEX_CMP_REQUEUE, 1, odd, 0), -EINVAL);
    CHECK_EQ(call(words, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, 0), -ENOSYS);
    CHECK_EQ(call(words, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, NULL, 0), -ENOSYS);
    CHECK_EQ(call(words, FUTEX_WAIT_REQUEUE_PI, 0, words, 0), -ENOSYS);
    CHECK_EQ(call(words, 2, 0, NULL, 0), -ENOSYS);
}

/* Against the definition in futex(2), with wider numbers. */
TEST(operations) {
    random_start(random_seed());
    for (int i = 0; i < 20000; i++) {
        unsigned op = (unsigned)random_below(8), shift = (unsigned)random_below(2);
        unsigned cmp = (unsigned)random_below(8);
        int64_t operand = (int64_t)random_below(4096) - 2048;
        int64_t with = (int64_t)random_below(4096) - 2048;
        uint32_t old = random_one_in(3) ? (uint32_t)with : (uint32_t)random_next();
        uint32_t word = old, code = (shift << 3 | op) << 28 | cmp << 24 |
                                    ((uint32_t)operand & 0xfff) << 12 |
                                    ((uint32_t)with & 0xfff);
        uint32_t by = shift ? 1u << (operand & 31) : (uint32_t)operand;
        const uint32_t results[] = {by, old + by, old | by, old & ~by, old ^ by};
        int64_t was = (int32_t)old;
        const bool answers[] = {was == with, was != with, was<with, was <= with, was> with,
                                was >= with};
        long result = futexop_do(&word, code);

        CHECK_EQ(word, op < ARRAY_SIZE(results) ? results[op] : old);
        if (op >= ARRAY_SIZE(results) || cmp >= ARRAY_SIZE(answers))
            CHECK_EQ(result, -ENOSYS);
        else
            CHECK_EQ(result, answers[cmp]);
    }
}
