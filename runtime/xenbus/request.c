/* SPDX-License-Identifier: MIT */
/* What the event's handler touches is the runtime's own memory: the call and the reply. */
#include <errno.h>

#include "xenbus/request.h"

#include "base/string.h"
#include "mm/heap.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "xenbus/number.h"

enum { NAME_ROOM = 16 }; /* for an error's name */

struct call {
    struct wire_request request;
    struct thread *thread;
    uint32_t transaction; /* the answer, if it was to begin one */
};

static void wake(struct wire_request *r) {
    thread_wake(LIST_RECORD(r, struct call, request)->thread, WAKE_EVENT);
}

/* The store's number is one of the connection that there is now. */
static void begun(struct wire_request *r) {
    struct call *call = LIST_RECORD(r, struct call, request);
    uint32_t id = 0;

    if (!r->result && r->length < r->room) {
        r->reply[r->length] = '\0';
        id = store_number(r->reply);
    }
    call->transaction = id ? wire_transactions.base + id : 0;
    if (call->transaction > wire_transactions.most)
        wire_transactions.most = call->transaction;
    wake(r);
}

/* The errno that the answer names. */
static long find_error(const char *answer, size_t length) {
    char name[NAME_ROOM] = "";

    memcpy(name, answer, MIN(length, sizeof name - 1));
    for (unsigned i = 0; i < ARRAY_SIZE(xsd_errors); i++)
        if (!strcmp(name, xsd_errors[i].errstring))
            return -xsd_errors[i].errnum;
    return -EIO;
}

/* The answer's length, or an error. The reply has at least NAME_ROOM bytes. */
static long carry_out(struct call *call) {
    struct wire_request *r = &call->request;

    scheduler_start();
    call->thread = thread_current();
    r->done = r->head.type == XS_TRANSACTION_START ? begun : wake;
    thread_prepare(false);
    wire_submit(r);
    thread_sleep(0);
    thread_finish();
    if (r->result > 0)
        return find_error(r->reply, r->length);
    return r->result ? r->result : (long)r->length;
}

/* Under the wire's limit, which would break the connection. */
static bool fits(const struct wire_part *first, const struct wire_part *second) {
    return first->size <= XENSTORE_PAYLOAD_MAX &&
           second->size <= XENSTORE_PAYLOAD_MAX - first->size;
}

static void copy_reply(char *to, size_t room, const char *from, size_t length) {
    memcpy(to, from, MIN(length, room));
    if (length < room)
        to[length] = '\0';
}

static long run(struct call *call, char *reply, size_t room) {
    struct wire_request *r = &call->request;
    size_t size = MIN(room, (size_t)XENSTORE_PAYLOAD_MAX);
    long result = -ENOMEM;

    if (!wire_is_open())
        return -ENODEV;
    if (!fits(&r->parts[0], &r->parts[1]))
        return -E2BIG;
    r->room = size < NAME_ROOM ? NAME_ROOM : size;
    r->reply = heap_alloc(r->room);
    if (r->reply)
        result = carry_out(call);
    if (result >= 0)
        copy_reply(reply, room, r->reply, (size_t)result);
    heap_free(r->reply);
    return result;
}

long request(uint32_t type, uint32_t transaction, struct wire_part first,
             struct wire_part second, char *reply, size_t room) {
    struct call *call = heap_alloc(sizeof *call);
    long result = -ENOMEM;

    if (call) {
        call->request.head.type = type;
        call->request.head.tx_id = transaction;
        call->request.parts[0] = first;
        call->request.parts[1] = second;
        result = run(call, reply, room);
    }
    heap_free(call);
    return result;
}

long request_begin(uint32_t *transaction) {
    struct call *call = heap_alloc(sizeof *call);
    long result = -ENOMEM;

    if (call) {
        call->request.head.type = XS_TRANSACTION_START;
        call->request.parts[0] = request_text("");
        result = run(call, NULL, 0);
        *transaction = call->transaction;
    }
    heap_free(call);
    return result;
}
