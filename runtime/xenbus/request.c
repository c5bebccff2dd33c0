/* SPDX-License-Identifier: MIT */
/* What the event's handler touches is the runtime's own memory: the call and the reply. */
#include <errno.h>

#include "xenbus/request.h"

#include "base/string.h"
#include "mm/heap.h"
#include "sched/hooks.h"
#include "sched/thread.h"

enum { NAME_ROOM = 16 }; /* for an error's name */

struct call {
    struct wire_request request;
    struct thread *thread;
};

static void wake(struct wire_request *r) {
    thread_wake(LIST_RECORD(r, struct call, request)->thread, WAKE_EVENT);
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
    r->done = wake;
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

long request(uint32_t type, uint32_t transaction, struct wire_part first,
             struct wire_part second, char *reply, size_t room) {
    size_t size = MIN(room, (size_t)XENSTORE_PAYLOAD_MAX);
    long result = -ENOMEM;

    if (!wire_is_open())
        return -ENODEV;
    if (!fits(&first, &second))
        return -E2BIG;
    size = size < NAME_ROOM ? NAME_ROOM : size;
    struct call *call = heap_alloc(sizeof *call);
    char *buffer = heap_alloc(size);
    if (call && buffer) {
        call->request.head.type = type;
        call->request.head.tx_id = transaction;
        call->request.parts[0] = first;
        call->request.parts[1] = second;
        call->request.reply = buffer;
        call->request.room = size;
        result = carry_out(call);
    }
    if (result >= 0)
        copy_reply(reply, room, buffer, (size_t)result);
    heap_free(buffer);
    heap_free(call);
    return result;
}
