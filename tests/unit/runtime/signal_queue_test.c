/* SPDX-License-Identifier: MIT */
/*
 * signal/queue.c against a plain array of what was put in. Invariants after every call: a
 * signal is in the set if and only if one of it is pending, the records are those of the
 * model in the order of arrival, and the list's end is its last record.
 */
#include "signal/queue.h"

#include <signal.h>

#include "random.h"
#include "test.h"

enum { MOST = 200, STEPS = 20000 };

static struct signal_record records[MOST], *model[MOST];
static size_t count;
static uint64_t without_record; /* signals that are pending with nothing known */
static struct signal_queue queue;

static uint64_t set_of_model(void) {
    uint64_t set = without_record;

    for (size_t i = 0; i < count; i++)
        set |= signal_bit(model[i]->info.signal);
    return set;
}

static void compare(void) {
    struct signal_record *at = queue.first, *last = NULL;

    CHECK_EQ(queue.set, set_of_model());
    for (size_t i = 0; i < count && at; i++, at = at->next) {
        CHECK(at == model[i]);
        CHECK(at->queue == &queue);
        last = at;
    }
    CHECK(!at && queue.last == last && (count == 0) == (last == NULL));
}

static void forget(size_t i) {
    CHECK(!model[i]->queue);
    count--;
    for (; i < count; i++)
        model[i] = model[i + 1];
}

static void put(int signal) {
    struct signal_record *record = &records[random_below(MOST)];

    if (random_one_in(8)) {
        /* As a sender does without memory; a record that comes later tells for it. */
        if (!(queue.set & signal_bit(signal))) {
            without_record |= signal_bit(signal);
            signal_queue_put(&queue, signal, NULL);
        }
        return;
    }
    if (record->queue || signal_queue_merges(&queue, signal) ||
        without_record & signal_bit(signal))
        return;
    record->info.signal = signal;
    signal_queue_put(&queue, signal, record);
    model[count++] = record;
}

static void take(int signal) {
    if (!(queue.set & signal_bit(signal)))
        return;
    struct signal_record *record = signal_queue_take(&queue, signal);
    for (size_t i = 0; i < count; i++)
        if (model[i]->info.signal == signal) {
            CHECK(record == model[i]);
            forget(i);
            return;
        }
    CHECK(!record);
    without_record &= ~signal_bit(signal);
}

static void take_out(void) {
    if (!count)
        return;
    size_t i = random_below(count);
    signal_queue_remove(model[i]);
    forget(i);
}

TEST(random_calls) {
    random_start(random_seed());
    for (unsigned step = 0; step < STEPS; step++) {
        int signal = (int)random_between(1, random_one_in(4) ? 64 : 40);
        switch (random_below(step / 1000 % 2 ? 3 : 5)) {
        case 0:
            take(signal);
            break;
        case 1:
            take_out();
            break;
        default:
            put(signal);
        }
        compare();
    }
    while (queue.set)
        take(signal_first_of(queue.set));
    compare();
    CHECK_EQ(count, 0);
}

TEST(standard_signals_merge) {
    struct signal_queue q = {0};
    struct signal_record a = {.info.signal = SIGUSR1}, b = {.info.signal = 34},
                         c = {.info.signal = 34};

    CHECK(!signal_queue_merges(&q, SIGUSR1));
    signal_queue_put(&q, SIGUSR1, &a);
    CHECK(signal_queue_merges(&q, SIGUSR1) && !signal_queue_merges(&q, SIGUSR2));
    signal_queue_put(&q, 34, &b);
    CHECK(!signal_queue_merges(&q, 34));
    signal_queue_put(&q, 34, &c);
    CHECK(signal_queue_take(&q, 34) == &b && q.set & signal_bit(34));
    CHECK(signal_queue_take(&q, 34) == &c && !(q.set & signal_bit(34)));
    CHECK(signal_queue_take(&q, SIGUSR1) == &a && !q.set && !q.first && !q.last);
}

TEST(what_is_first) {
    static const int traps[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};

    for (int signal = 1; signal <= SIGNALS; signal++)
        CHECK_EQ(signal_first_of(signal_bit(signal)), signal);
    CHECK_EQ(signal_first_of(signal_bit(64) | signal_bit(SIGTERM) | signal_bit(SIGUSR1)),
             SIGUSR1);
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
        CHECK_EQ(
            signal_first_of(signal_bit(traps[i]) | signal_bit(SIGHUP) | signal_bit(64)),
            traps[i]);
    CHECK_EQ(signal_first_of(~0ul), SIGILL);
}
