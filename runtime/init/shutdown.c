/* SPDX-License-Identifier: MIT */
/* Ends the domain. Whatever goes wrong on the way, the last step is Xen's. */
#include "init/shutdown.h"

#include "base/format.h"
#include "console/console.h"
#include "log/log.h"
#include "sched/hooks.h"
#include "trace/trace.h"
#include "xen/domain.h"
#include "xen/hypercall.h"
#include "xenbus/wire.h"

static _Noreturn void shut_down(unsigned status, unsigned reason) {
    struct sched_shutdown shutdown = {.reason = reason};
    char text[12];

#ifdef ATMAN_TRACE
    trace_end();
#endif
    if (scheduler)
        scheduler->account();
    log_debug("exit status %u", status);
    console_drain();
    if (!xen_is_initial_domain()) {
        size_t n = format(text, sizeof text, "%u", status);
        wire_write("data/atman/exit-status", text, n);
    }
    console_exit(status);
    for (;;)
        xen_sched_op(SCHEDOP_shutdown, &shutdown);
}

void (*shutdown_prepare)(void);
void (*shutdown_farewell)(void);
void (*shutdown_rescue)(void);
unsigned shutdown_reason = SHUTDOWN_poweroff;

void shutdown_with_status(int status) {
    if (shutdown_farewell)
        shutdown_farewell();
    if (shutdown_prepare)
        shutdown_prepare();
    shut_down((unsigned)status & 0xff, shutdown_reason);
}

void shutdown_by_signal(int signal) {
    void (*rescue)(void) = shutdown_rescue;

    shutdown_rescue = NULL; /* it may fail itself */
    if (rescue)
        rescue();
    shut_down(128 + (unsigned)signal, SHUTDOWN_crash);
}
