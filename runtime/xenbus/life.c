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
#include "xen/suspend.h"
#include "xenbus/memory.h"
#include "xenbus/node.h"

enum { LIMIT_S = 30, ASKED_TO_END = 128 + SIGTERM };

/* To be done as soon as the request for it has been acknowledged. */
static bool suspend_is_wanted;

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

    suspend_is_wanted = !strcmp(node->value, "suspend");
    if (!suspend_is_wanted && !reboots && strcmp(node->value, "poweroff"))
        return;
    node_acknowledge(node);
    if (!suspend_is_wanted)
        end_with(reboots ? SHUTDOWN_reboot : SHUTDOWN_poweroff, end_orderly);
}

static void obey_key(struct node *node) {
    char key = *node->value;

    if (!key)
        return;
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

static void look_all(void) {
    wire_pump();
    node_look_all();
}

/* An answer that came at once is looked at with the event that tells of it. What came while
 * the domain was being suspended has no event any more. */
static void handle(void) {
    look_all();
    while (suspend_is_wanted) {
        suspend_is_wanted = false;
        suspend();
        look_all();
    }
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

/* What the store forgets with the connection: who watches, what can be asked for. */
static void present(void) {
    static const char *const features[] = {
        "control/feature-poweroff", "control/feature-reboot", "control/feature-suspend"};
    static struct wire_request said[ARRAY_SIZE(features)];

    node_watch_all();
    for (unsigned i = 0; i < ARRAY_SIZE(features); i++)
        node_send(&said[i], XS_WRITE, features[i], "1", 1);
}

static void go_on(bool is_elsewhere) {
    if (!is_elsewhere)
        return;
    if (event_early.port) {
        event_early.port = xen_start_info->store_evtchn;
        event_unmask(event_early.port);
    }
    present();
}

void life_start(void) {
    static struct node nodes[] = {{.path = "control/shutdown", .obey = obey},
                                  {.path = "control/sysrq", .obey = obey_key}};
    static struct suspend_step step = {.order = SUSPEND_WATCHES, .go_on = go_on};

    if (!wire_open())
        return;
    framelist_publish();
    suspend_add(&step);
    event_early.port = xen_start_info->store_evtchn;
    event_early.handler = handle;
    trap_handlers.upcall = handle_alone;
    mode_enable_upcalls();
    node_add(&nodes[0]);
    node_add(&nodes[1]);
    memory_start();
    present();
    event_unmask(event_early.port);
    events_on();
}
