/* SPDX-License-Identifier: MIT */
/*
 * All of this runs in the store's event, in a kernel entry: a watch's event asks for its
 * node to be read, the answer is acknowledged and obeyed. However often that comes, one
 * read of each node is under way at a time.
 */
#include "xenbus/life.h"

#include <signal.h>

#include "base/panic.h"
#include "base/string.h"
#include "init/config.h"
#include "init/shutdown.h"
#include "log/log.h"
#include "pv/framelist.h"
#include "pv/mode.h"
#include "pv/trap.h"
#include "sched/hooks.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/lock.h"
#include "xenbus/wire.h"

enum { LIMIT_S = 30, ASKED_TO_END = 128 + SIGTERM };

/*
 * One request after the other: the watch, then reads and acknowledgements as events come.
 * The token of a node's watch is its number as a capital letter.
 */
static struct node {
    struct wire_request request;
    const char *path;
    bool is_wanted, is_busy, has_come; /* under the wire's lock */
    char value[16];
} nodes[2];

static void note_event(const char *token) {
    unsigned i = (unsigned char)*token - 'A';

    if (i < ARRAY_SIZE(nodes))
        nodes[i].is_wanted = true;
}

static void note_done(struct wire_request *r) {
    struct node *node = LIST_RECORD(r, struct node, request);

    node->has_come = r->head.type == XS_READ && !r->result && r->length;
    node->value[MIN(r->length, r->room)] = '\0';
    __atomic_store_n(&node->is_busy, false, __ATOMIC_RELEASE);
}

static void ask(struct wire_request *r, uint32_t type, const char *path, const char *value,
                size_t size) {
    r->head.type = type;
    r->parts[0] = (struct wire_part){path, strlen(path) + 1};
    r->parts[1] = (struct wire_part){value, size};
    wire_submit(r);
}

static void ask_of(struct node *node, uint32_t type, const char *token, size_t size) {
    node->is_busy = true;
    ask(&node->request, type, node->path, token, size);
}

/* An empty value says that the last one was seen. */
static void acknowledge(struct node *node) {
    ask_of(node, XS_WRITE, NULL, 0);
}

static void end(void) {
    shutdown_with_status(ASKED_TO_END);
}

/* With a scheduler, files may have to be written first, which takes a thread. */
static void end_now(void) {
    if (!scheduler || !scheduler->run_apart(end))
        end();
}

/* The program is asked, if it can be. */
static void end_orderly(void) {
    uint64_t limit = config.shutdown_limit ? config.shutdown_limit : LIMIT_S;
    int signal = config.shutdown_by_interrupt ? SIGINT : SIGTERM;

    if (!signals || !signals->terminate(signal, limit * NS_PER_SEC, end_now))
        end_now();
}

static void end_with(unsigned reason, void (*end_so)(void)) {
    shutdown_reason = reason;
    end_so();
}

/* What is not known is left as it is: the toolstack sees that nobody has taken it. */
static void obey(struct node *node) {
    bool reboots = !strcmp(node->value, "reboot");

    if (!reboots && strcmp(node->value, "poweroff"))
        return;
    acknowledge(node);
    end_with(reboots ? SHUTDOWN_reboot : SHUTDOWN_poweroff, end_orderly);
}

static void obey_key(struct node *node) {
    char key = *node->value;

    acknowledge(node);
    if (key == 'b')
        end_with(SHUTDOWN_reboot, end_now);
    else if (key == 'c')
        panic("xl sysrq");
    else if (key == 'e')
        end_with(SHUTDOWN_poweroff, end_orderly);
    else if (key == 'o')
        end_with(SHUTDOWN_poweroff, end_now);
    else
        log_error("sysrq: b (reboot), c (crash), e (end) or o (power off)");
}

/* A value that has come stays until the node's next request. */
static void look(struct node *node, void (*obey_it)(struct node *node)) {
    if (node->has_come) {
        node->has_come = false;
        obey_it(node);
    }
    if (__atomic_load_n(&node->is_busy, __ATOMIC_ACQUIRE))
        return;
    if (__atomic_exchange_n(&node->is_wanted, false, __ATOMIC_SEQ_CST))
        ask_of(node, XS_READ, NULL, 0);
}

/* An answer that came at once is looked at with the event that tells of it. */
static void handle(void) {
    wire_pump();
    look(&nodes[0], obey);
    look(&nodes[1], obey_key);
}

/* As long as there is no scheduler: no other port has a handler. */
static void handle_alone(struct frame *f, unsigned vector) {
    struct vcpu_info *info = &xen_shared_info.vcpu_info[0];

    (void)f, (void)vector;
    __atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    event_clear(event_early.port);
    handle();
}

static void attend(struct node *node, const char *path, const char *token) {
    node->path = path;
    node->request.reply = node->value;
    node->request.room = sizeof node->value - 1;
    node->request.done = note_done;
    ask_of(node, XS_WATCH, token, 2);
}

void life_start(void) {
    static struct wire_request features[2];

    if (!wire_open())
        return;
    framelist_publish();
    event_early.port = xen_start_info->store_evtchn;
    event_early.handler = handle;
    wire_watched = note_event;
    trap_handlers.upcall = handle_alone;
    mode_enable_upcalls();
    attend(&nodes[0], "control/shutdown", "A");
    attend(&nodes[1], "control/sysrq", "B");
    ask(&features[0], XS_WRITE, "control/feature-poweroff", "1", 1);
    ask(&features[1], XS_WRITE, "control/feature-reboot", "1", 1);
    event_unmask(event_early.port);
    events_on();
}
