/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for what xenstore says: the input is what a store does, and when the
 * domain asks something. Whatever comes, each request is done once and nothing outside of
 * its reply is written.
 */
#include "xenbus/wire.h"

#include <stdlib.h>
#include <string.h>

#include "console/console.h"
#include "peer.h"
#include "require.h"

enum { REQUESTS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The page before the ring cannot be read, also not by who looks for leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}

static struct wire_request requests[REQUESTS];
static bool is_busy[REQUESTS];
static volatile struct xenstore_domain_interface *ring;
static const uint8_t *input, *input_end;

void console_log(const char *line, size_t size) {
    (void)line, (void)size;
}

static bool act(void) {
    return false;
}

static unsigned next(void) {
    return input < input_end ? *input++ : 0;
}

static void done(struct wire_request *r) {
    REQUIRE(is_busy[r - requests]);
    is_busy[r - requests] = false;
}

static void watched(const char *token) {
    REQUIRE(strlen(token) <= WIRE_TOKEN);
}

static void submit(unsigned i, size_t room) {
    static const char path[] = "a/path";
    struct wire_request *r = &requests[i];

    if (is_busy[i])
        return;
    free(r->reply);
    *r = (struct wire_request){.head.type = XS_READ, .room = room, .done = done};
    r->parts[0] = (struct wire_part){path, sizeof path};
    r->reply = malloc(room);
    is_busy[i] = true;
    wire_submit(r);
}

static void send(const void *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod)] = ((const char *)data)[i];
        ring->rsp_prod++;
    }
}

/* A head that may be right; what follows may be less, or more. */
static void send_head(unsigned type, unsigned i, unsigned length) {
    struct xsd_sockmsg head = {type, requests[i].head.req_id, 0, length};

    send(&head, sizeof head);
}

static void send_input(size_t size) {
    size_t left = (size_t)(input_end - input);

    size = MIN(size, left);
    send(input, size);
    input += size;
}

static void step(void) {
    unsigned what = next();

    switch (what % 8) {
    case 0:
        submit(what / 8 % REQUESTS, next());
        break;
    case 1:
        send_head(XS_READ, what / 8 % REQUESTS, next());
        break;
    case 2:
        send_head(XS_ERROR, what / 8 % REQUESTS, next() * 16);
        break;
    case 3:
        send_head(XS_WATCH_EVENT, 0, next());
        break;
    case 4:
        send_input(what / 8);
        break;
    case 5:
        ring->req_cons += next();
        break;
    case 6:
        ring->req_cons = ring->req_prod;
        break;
    default:
        wire_pump();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ring = peer_start(act);
    input = data;
    input_end = data + size;
    wire_watched = watched;
    REQUIRE(wire_open());
    while (input < input_end)
        step();
    ring->rsp_prod += XENSTORE_RING_SIZE + 1;
    wire_pump();
    for (unsigned i = 0; i < REQUESTS; i++)
        REQUIRE(!is_busy[i]);
    return 0;
}
