/* SPDX-License-Identifier: MIT */
/*
 * xenbus/wire.c: an honest store gets the request whole and its answer is understood,
 * whatever the sizes and however the bytes come; one that is gone, or talks nonsense
 * without end, is given up after a few seconds, and nothing outside of the ring is
 * touched.
 */
#include "xenbus/wire.h"

#include "console/console.h"

#include <stdlib.h>

#include "peer.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "step.h"
#include "test.h"
#include "xen/interface.h"

#include <xen/io/xs_wire.h>

enum {
    LARGEST = XENSTORE_PAYLOAD_MAX,
};

static const uint64_t longest_ns = 10 * NS_PER_SEC; /* "a few seconds" */

static const char path[] = "data/atman/exit-status";

static volatile struct xenstore_domain_interface *ring;
static char request[sizeof(struct xsd_sockmsg) + LARGEST];
static size_t request_size; /* bytes that have come */
static char answer[sizeof(struct xsd_sockmsg) + LARGEST];
static size_t answer_size, answered;
static uint32_t answer_type, answer_length;
static unsigned lines; /* in the log */

static uint32_t random_start_index(void) {
    return random_one_in(2) ? ~0u - (uint32_t)random_below(100) : (uint32_t)random_next();
}

static void start(bool (*act)(void)) {
    ring = peer_start(act);
    ring->req_cons = ring->req_prod = random_start_index();
    ring->rsp_cons = ring->rsp_prod = random_start_index();
    request_size = answer_size = answered = 0;
    REQUIRE(wire_open());
}

/* What the runtime says when it gives up. */
void console_log(const char *line, size_t size) {
    (void)line, (void)size;
    lines++;
}

/* --- an honest store ---------------------------------------------------------------- */

static bool take_request(void) {
    uint32_t waiting = ring->req_prod - ring->req_cons;
    size_t n = random_below(waiting + 1);

    REQUIRE(waiting <= XENSTORE_RING_SIZE);
    if (random_one_in(2))
        n = waiting;
    REQUIRE(request_size + n <= sizeof request);
    for (size_t i = 0; i < n; i++) {
        request[request_size++] = ring->req[MASK_XENSTORE_IDX(ring->req_cons)];
        ring->req_cons++;
    }
    if (n < waiting)
        peer_go_on();
    return n > 0;
}

/* The answer, once the request is whole. */
static void make_answer(void) {
    struct xsd_sockmsg message;

    if (answer_size || request_size < sizeof message)
        return;
    memcpy(&message, request, sizeof message);
    REQUIRE(message.len <= LARGEST);
    if (request_size < sizeof message + message.len)
        return;
    message.type = answer_type;
    message.len = answer_length;
    memcpy(answer, &message, sizeof message);
    for (size_t i = 0; i < answer_length; i++)
        answer[sizeof message + i] = (char)random_next();
    answer_size = sizeof message + answer_length;
}

static bool put_answer(void) {
    uint32_t room = XENSTORE_RING_SIZE - (ring->rsp_prod - ring->rsp_cons);
    size_t n = random_below(MIN(room, answer_size - answered) + 1);

    REQUIRE(room <= XENSTORE_RING_SIZE);
    for (size_t i = 0; i < n; i++) {
        ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod)] = answer[answered++];
        ring->rsp_prod++;
    }
    if (answered < answer_size)
        peer_go_on();
    return n > 0;
}

static bool act_as_store(void) {
    bool took = take_request();

    make_answer();
    return put_answer() || took;
}

static void check_request(const char *value, size_t size) {
    struct xsd_sockmsg message;

    memcpy(&message, request, sizeof message);
    REQUIRE(message.type == XS_WRITE && message.len == sizeof path + size);
    REQUIRE(request_size == sizeof message + message.len);
    REQUIRE(!memcmp(request + sizeof message, path, sizeof path));
    REQUIRE(!memcmp(request + sizeof message + sizeof path, value, size));
}

/* The store has its turn between two instructions. */
static void act_sometimes(void) {
    if (random_one_in(200))
        peer_interrupt();
}

/* One write of size bytes; the answer is a good one, or not. */
static void write_once(size_t size, bool stepped) {
    char *value = malloc(size + !size);

    for (size_t i = 0; i < size; i++)
        value[i] = (char)random_next();
    answer_type = random_one_in(3) ? XS_ERROR : XS_WRITE;
    answer_length =
        answer_type == XS_WRITE && !random_one_in(4) ? 3 : (uint32_t)random_below(60);
    request_size = answer_size = answered = 0;
    if (stepped)
        step_start(act_sometimes);
    bool good = wire_write(path, value, size);
    step_stop();
    REQUIRE_SAYING(good == (answer_type == XS_WRITE), "%zu bytes: %d", size, good);
    check_request(value, size);
    REQUIRE(answered == answer_size && ring->rsp_cons == ring->rsp_prod);
    free(value);
}

static void run_small_values(void) {
    start(act_as_store);
    for (int i = 0; i < 300; i++)
        write_once(random_below(random_one_in(4) ? 900 : 12), false);
}

/* The request is larger than the ring: the store has to be told on the way. */
static void run_large_values(void) {
    start(act_as_store);
    for (int i = 0; i < 50; i++)
        write_once(random_between(900, LARGEST - sizeof path), false);
}

static void run_stepped(void) {
    start(act_as_store);
    for (int i = 0; i < 2; i++)
        write_once(random_between(1, 3), true);
}

/* --- others --------------------------------------------------------------------------- */

/* Calls with a store that never makes it succeed; it must come back all the same. */
static void give_up(size_t size) {
    char *value = calloc(1, size);
    uint64_t before = peer_now;

    lines = 0;
    REQUIRE(wire_open());
    REQUIRE(!wire_write(path, value, size));
    REQUIRE(peer_now - before < longest_ns && lines == 1);
    before = peer_now; /* it has given up for good, and said so once */
    REQUIRE(!wire_write(path, value, size) && lines == 1);
    REQUIRE(peer_now - before < NS_PER_SEC);
    free(value);
}

static bool act_as_nobody(void) {
    return false;
}

static void run_nobody(void) {
    start(act_as_nobody);
    give_up(3);
    REQUIRE(peer_waits < 1000);
    give_up(3000);
}

static bool act_as_listener(void) {
    return take_request();
}

static void run_no_answer(void) {
    start(act_as_listener);
    give_up(3);
    give_up(3000);
}

/* Says that a long answer comes, and goes on sending it for ever. */
static bool act_as_talker(void) {
    bool took = take_request();

    answer_type = XS_WRITE;
    make_answer();
    if (answer_size)
        ((struct xsd_sockmsg *)(void *)answer)->len = ~0u;
    while (answer_size && ring->rsp_prod - ring->rsp_cons < XENSTORE_RING_SIZE) {
        ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod)] =
            answered < answer_size ? answer[answered++] : 'x';
        ring->rsp_prod++;
    }
    return took || answer_size;
}

static void run_talker(void) {
    start(act_as_talker);
    peer_be_restless();
    give_up(3);
}

static volatile uint32_t *random_index(void) {
    volatile uint32_t *const indices[] = {&ring->req_cons, &ring->req_prod, &ring->rsp_cons,
                                          &ring->rsp_prod};

    return indices[random_below(ARRAY_SIZE(indices))];
}

/* Any index becomes any number, or one not far from another; and answers are nonsense. */
static bool do_harm(void) {
    volatile uint32_t *index = random_index();

    if (random_one_in(2))
        *index = (uint32_t)random_next();
    else
        *index = *random_index() + (uint32_t)random_below(2500) - 1250;
    ring->rsp[random_below(XENSTORE_RING_SIZE)] = (char)random_next();
    return random_one_in(2);
}

static void do_harm_sometimes(void) {
    if (random_one_in(50))
        peer_interrupt();
}

/* Whether it believes to have succeeded does not matter; it comes back. */
static void write_to_enemy(bool stepped) {
    size_t size = random_between(1, 8);
    char *value = calloc(1, size);
    uint64_t before = peer_now;

    REQUIRE(wire_open());
    if (stepped)
        step_start(do_harm_sometimes);
    wire_write(path, value, size);
    step_stop();
    REQUIRE(peer_now - before < longest_ns);
    free(value);
}

static void run_enemy(void) {
    start(do_harm);
    peer_be_restless();
    for (int i = 0; i < 100; i++)
        write_to_enemy(false);
}

static void run_enemy_stepped(void) {
    start(do_harm);
    peer_be_restless();
    write_to_enemy(true);
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(small_values, 6)
SCENARIO(large_values, 6)
SCENARIO(stepped, 2)
SCENARIO(nobody, 2)
SCENARIO(no_answer, 2)
SCENARIO(talker, 1)
SCENARIO(enemy, 4)
SCENARIO(enemy_stepped, 2)
