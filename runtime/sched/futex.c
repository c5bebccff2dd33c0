/* SPDX-License-Identifier: MIT */
/* The operations of futex(2) but for those that lend priority (sched/futexpi.c). */
#include "sched/futex.h"

#include <errno.h>
#include <time.h>

#include "pv/access.h"
#include "sched/deadline.h"
#include "sched/futex_abi.h"
#include "sched/futexop.h"
#include "sched/futexpi.h"
#include "sched/futextable.h"

/* A call's arguments. Linux's REQUEUE and its like have a number where others have a time.
 */
struct call {
    uint32_t *word, *word2;
    int command;
    bool is_shared;
    uint32_t value, value2, value3;
    uint64_t until; /* 0: no limit */
};

/*
 * May there be a word? One that is only to be woken at need not be there any more, unless
 * it is said to be shared between processes: then Linux looks.
 */
static long check(const struct call *c, const uint32_t *word) {
    uint32_t ignored;

    if ((unsigned long)word % sizeof *word)
        return -EINVAL;
    if ((unsigned long)word >> 47)
        return -EFAULT;
    return c->is_shared ? user_load32(word, &ignored) : 0;
}

/* Who waits for a mutex that lends priority is woken by its owner alone. */
static long check_wake(const struct call *c) {
    long error = check(c, c->word);

    return error ? error : futexpi_is_awaited(c->word) ? -EINVAL : 0;
}

static long check_both(const struct call *c) {
    long error = check_wake(c);

    return error ? error : check(c, c->word2);
}

/* Linux counts after it has woken one, whatever the number is. */
static long at_least_one(uint32_t count) {
    return (int)count > 1 ? (int)count : 1;
}

/* Once. -EINTR is a signal's doing, 1 nobody's. */
static long wait_once(const struct call *c, uint32_t bits) {
    struct thread *t = thread_current();
    struct bucket *b = bucket_lock(c->word);
    uint32_t now;
    long error = user_load32(c->word, &now);

    if (error || now != c->value) {
        bucket_unlock(b);
        return error ? error : -EAGAIN;
    }
    thread_prepare(true);
    bucket_enter(b, t, c->word, bits);
    bucket_unlock(b);
    enum wake why = thread_sleep(c->until);
    bool woken = !bucket_leave(t);
    enum handled handled = thread_finish();
    if (woken)
        return 0;
    if (why == WAKE_TIMEOUT)
        return -ETIMEDOUT;
    return handled >= HANDLED_BREAK || (c->until && handled) ? -EINTR : 1;
}

static long wait(const struct call *c, uint32_t bits) {
    long result = bits ? check(c, c->word) : -EINVAL;

    if (result)
        return result;
    do
        result = wait_once(c, bits);
    while (result > 0);
    return result;
}

static long wake(const struct call *c, uint32_t bits) {
    long error = bits ? check_wake(c) : -EINVAL;

    return error ? error : futex_wake(c->word, at_least_one(c->value), bits);
}

long futex_wake(const uint32_t *word, long count, uint32_t bits) {
    struct bucket *b = bucket_lock(word);
    long woken = bucket_wake(b, word, count, bits);

    bucket_unlock(b);
    return woken;
}

static long requeue(const struct call *c, bool compare) {
    long result = (int)c->value < 0 || (int)c->value2 < 0 ? -EINVAL : check_both(c);
    uint32_t now;

    if (result)
        return result;
    struct buckets b = buckets_lock(c->word, c->word2);
    if (compare) {
        result = user_load32(c->word, &now);
        if (!result && now != c->value3)
            result = -EAGAIN;
    }
    if (!result) {
        result = bucket_wake(b.first, c->word, c->value, FUTEX_ALL_BITS);
        result += buckets_move(b, c->word, c->word2, c->value2);
    }
    buckets_unlock(b);
    return result;
}

static long wake_op(const struct call *c) {
    long result = check_both(c);

    if (result)
        return result;
    struct buckets b = buckets_lock(c->word, c->word2);
    result = futexop_do(c->word2, c->value3);
    if (result >= 0) {
        bool both = result;
        result = bucket_wake(b.first, c->word, at_least_one(c->value), FUTEX_ALL_BITS);
        if (both)
            result +=
                bucket_wake(b.second, c->word2, at_least_one(c->value2), FUTEX_ALL_BITS);
    }
    buckets_unlock(b);
    return result;
}

static long lock_pi(const struct call *c, bool only_try) {
    long error = check(c, c->word);

    return error ? error : futexpi_lock(c->word, c->until, only_try);
}

static long unlock_pi(const struct call *c) {
    long error = check(c, c->word);

    return error ? error : futexpi_unlock(c->word);
}

static bool has_limit(int command) {
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET ||
           command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2;
}

static bool may_be_realtime(int command) {
    return command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI2;
}

static long call(uint32_t *word, int operation, uint32_t value,
                 const struct timespec *limit, uint32_t *word2, uint32_t value3) {
    struct call c = {.word = word,
                     .word2 = word2,
                     .command = operation & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME),
                     .is_shared = !(operation & FUTEX_PRIVATE),
                     .value = value,
                     .value2 = (uint32_t)(unsigned long)limit,
                     .value3 = value3};
    bool realtime = operation & FUTEX_CLOCK_REALTIME;
    long error = 0;

    if (limit && has_limit(c.command))
        error = deadline_read(limit, c.command != FUTEX_WAIT,
                              realtime || c.command == FUTEX_LOCK_PI, &c.until);
    if (error)
        return error;
    if (realtime && !may_be_realtime(c.command))
        return -ENOSYS;
    switch (c.command) {
    case FUTEX_WAIT:
        return wait(&c, FUTEX_ALL_BITS);
    case FUTEX_WAIT_BITSET:
        return wait(&c, value3);
    case FUTEX_WAKE:
        return wake(&c, FUTEX_ALL_BITS);
    case FUTEX_WAKE_BITSET:
        return wake(&c, value3);
    case FUTEX_REQUEUE:
        return requeue(&c, false);
    case FUTEX_CMP_REQUEUE:
        return requeue(&c, true);
    case FUTEX_WAKE_OP:
        return wake_op(&c);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return lock_pi(&c, false);
    case FUTEX_TRYLOCK_PI:
        return lock_pi(&c, true);
    case FUTEX_UNLOCK_PI:
        return unlock_pi(&c);
    default:
        return -ENOSYS;
    }
}

/* Words are looked at under locks. */
long futex(uint32_t *word, int operation, uint32_t value, const struct timespec *limit,
           uint32_t *word2, uint32_t value3) {
    long result;

    do
        result = call(word, operation, value, limit, word2, value3);
    while (result == -EFAULT && user_retry());
    return result;
}
