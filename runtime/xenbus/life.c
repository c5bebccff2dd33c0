/* SPDX-License-Identifier: MIT */
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
#include "xenbus/memory.h"
#include "xenbus/node.h"

enum { LIMIT_S = 30, ASKED_TO_END = 128 + SIGTERM };

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
    node_acknowledge(node);
    end_with(reboots ? SHUTDOWN_reboot : SHUTDOWN_poweroff, end_orderly);
}

static void obey_key(struct node *node) {
    char key = *node->value;

    node_acknowledge(node);
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

/* An answer that came at once is looked at with the event that tells of it. */
static void handle(void) {
    wire_pump();
    node_look_all();
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

void life_start(void) {
    static struct node nodes[] = {{.path = "control/shutdown", .obey = obey},
                                  {.path = "control/sysrq", .obey = obey_key}};
    static struct wire_request features[2];

    if (!wire_open())
        return;
    framelist_publish();
    event_early.port = xen_start_info->store_evtchn;
    event_early.handler = handle;
    trap_handlers.upcall = handle_alone;
    mode_enable_upcalls();
    node_add(&nodes[0]);
    node_add(&nodes[1]);
    memory_start();
    node_send(&features[0], XS_WRITE, "control/feature-poweroff", "1", 1);
    node_send(&features[1], XS_WRITE, "control/feature-reboot", "1", 1);
    event_unmask(event_early.port);
    events_on();
}
