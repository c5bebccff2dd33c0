/* SPDX-License-Identifier: MIT */
/*
 * console/ring.c: with an honest other side every byte arrives once and in order, and no
 * signal is missed; with one that writes anything anywhere at any time nothing outside of
 * the ring and the caller's buffer is touched, and draining ends.
 */
#include "console/ring.h"

#include <stdlib.h>

#include "console/console.h"
#include "peer.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "step.h"
#include "test.h"
#include "xen/interface.h"

static volatile struct xencons_interface *ring;
static uint64_t sent, taken, typed, read_in; /* bytes: of output and of input */
static uint64_t to_type;

/* What byte number n of a stream is. */
static char byte_of(uint64_t n) {
    return (char)(n * 31 + n / 251);
}

/* As the console daemon does it: takes output, puts input; not always all at once. */
static bool act_as_console(void) {
    uint32_t waiting = ring->out_prod - ring->out_cons, left = waiting;
    uint32_t room = (uint32_t)(sizeof ring->in - (ring->in_prod - ring->in_cons));
    bool did = waiting > 0;

    REQUIRE(waiting <= sizeof ring->out && room <= sizeof ring->in);
    for (left -= (uint32_t)random_below(waiting + 1); waiting > left; waiting--) {
        REQUIRE(ring->out[MASK_XENCONS_IDX(ring->out_cons, ring->out)] == byte_of(taken));
        taken++;
        ring->out_cons++;
    }
    for (size_t n = random_below(MIN(room, to_type - typed) + 1); n; n--, did = true) {
        ring->in[MASK_XENCONS_IDX(ring->in_prod, ring->in)] = byte_of(typed++);
        ring->in_prod++;
    }
    if (waiting || typed < to_type)
        peer_go_on();
    return did;
}

/* Indices start anywhere; they wrap. */
static void start(bool (*act)(void)) {
    ring = peer_start(act);
    ring->out_cons = ring->out_prod = (uint32_t)random_next();
    ring->in_cons = ring->in_prod = random_one_in(2) ? ~0u - 100 : (uint32_t)random_next();
    sent = taken = typed = read_in = 0;
}

/* Calls are made with something between their instructions if there is such a thing. */
static void (*between)(void);

static void write_stepped(const char *data, size_t size) {
    if (between)
        step_start(between);
    REQUIRE(ring_write(data, size) == (long)size);
    step_stop();
}

static size_t read_stepped(char *data, size_t size) {
    if (between)
        step_start(between);
    long n = ring_read(data, size);

    step_stop();
    REQUIRE(n > 0);
    return (size_t)n;
}

static void write_some(size_t most) {
    size_t size = random_below(most + 1);
    char *data = malloc(size + !size);

    for (size_t i = 0; i < size; i++)
        data[i] = byte_of(sent + i);
    write_stepped(data, size);
    sent += size;
    REQUIRE(taken + (ring->out_prod - ring->out_cons) == sent);
    free(data);
}

static void read_some(size_t most) {
    size_t size = random_between(1, most);
    char *data = malloc(size);
    size_t n = read_stepped(data, size);

    REQUIRE(n >= 1 && n <= size);
    for (size_t i = 0; i < n; i++)
        REQUIRE(data[i] == byte_of(read_in + i));
    read_in += n;
    free(data);
}

static void run_output(void) {
    start(act_as_console);
    to_type = 0;
    for (int i = 0; i < 400; i++)
        write_some(random_one_in(4) ? 10000 : 100);
    ring_drain();
    REQUIRE(taken == sent && ring->out_cons == ring->out_prod);
}

static void run_input(void) {
    start(act_as_console);
    to_type = 60000;
    peer_be_restless();
    while (read_in < to_type) {
        read_some(random_one_in(4) ? 5000 : 50);
        if (random_one_in(3))
            write_some(300);
    }
    ring_drain();
    REQUIRE(taken == sent && typed == read_in);
}

/* The other side acts between two instructions: no signal is lost. */
static void act_sometimes(void) {
    if (random_one_in(100))
        peer_interrupt();
}

static void run_output_stepped(void) {
    start(act_as_console);
    to_type = 0;
    ring->out_cons = ring->out_prod - (uint32_t)sizeof ring->out + 6; /* nearly full */
    taken -= sizeof ring->out - 6;
    for (uint32_t i = ring->out_cons; i != ring->out_prod; i++)
        ring->out[MASK_XENCONS_IDX(i, ring->out)] = byte_of(taken + (i - ring->out_cons));
    between = act_sometimes;
    for (int i = 0; i < 12; i++)
        write_some(10);
    between = NULL;
    ring_drain();
    REQUIRE(taken == sent);
}

/* A console that is gone: what is written until the ring is full is kept, and no more. */
static bool act_as_nobody(void) {
    return false;
}

static void run_drain_alone(void) {
    start(act_as_nobody);
    to_type = 0;
    write_some(2000);
    write_some(48);
    uint64_t before = peer_now;
    ring_drain();
    REQUIRE(sent == 0 ||
            (peer_now - before >= NS_PER_SEC && peer_now - before < 60 * NS_PER_SEC));
    REQUIRE(peer_waits < 1000);
}

/* --- an enemy ----------------------------------------------------------------------- */

static volatile uint32_t *random_index(void) {
    volatile uint32_t *const indices[] = {&ring->in_cons, &ring->in_prod, &ring->out_cons,
                                          &ring->out_prod};

    return indices[random_below(ARRAY_SIZE(indices))];
}

/* Any of the four indices becomes any number, or one not far from another. */
static bool do_harm(void) {
    volatile uint32_t *index = random_index();

    if (random_one_in(2))
        *index = (uint32_t)random_next();
    else
        *index = *random_index() + (uint32_t)random_below(5000) - 2500;
    if (random_one_in(3))
        ring->out_cons = ring->out_prod; /* so that it goes on now and then */
    return true;
}

static void do_harm_sometimes(void) {
    if (random_one_in(20))
        peer_interrupt();
}

/* What is written and read is not looked at: the enemy sees to that. */
static void call_once(void) {
    size_t size = random_between(1, 12);
    char *data = malloc(size);

    for (size_t i = 0; i < size; i++)
        data[i] = 'x';
    if (random_one_in(2)) {
        write_stepped(data, size);
    } else {
        size_t n = read_stepped(data, size);
        REQUIRE(n >= 1 && n <= size);
    }
    free(data);
}

static void drain_from_enemy(void) {
    uint64_t before = peer_now;

    ring_drain();
    REQUIRE(peer_now - before < 60 * NS_PER_SEC);
}

static void run_enemy(void) {
    start(do_harm);
    peer_be_restless();
    for (int i = 0; i < 3000; i++) {
        do_harm();
        call_once();
        if (random_one_in(10))
            drain_from_enemy();
    }
}

static void run_enemy_stepped(void) {
    start(do_harm);
    peer_be_restless();
    between = do_harm_sometimes;
    for (int i = 0; i < 16; i++)
        call_once();
    between = NULL;
    drain_from_enemy();
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(output, 6)
SCENARIO(input, 6)
SCENARIO(output_stepped, 4)
SCENARIO(drain_alone, 6)
SCENARIO(enemy, 4)
SCENARIO(enemy_stepped, 4)
