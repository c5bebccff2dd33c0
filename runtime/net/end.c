/* SPDX-License-Identifier: MIT */
/*
 * The end of the program closes its connections, as on Linux, where what it sent is on its
 * way all the same: the domain waits a moment until the others have it.
 */
#include "net/end.h"

#include "init/shutdown.h"
#include "lwip/priv/tcp_priv.h"
#include "net/loop.h"
#include "net/stack.h"
#include "net/stream.h"
#include "sched/clock.h"
#include "sched/thread.h"

#define PATIENCE_NS (2 * NS_PER_SEC)
#define PAUSE_NS (NS_PER_SEC / 500)

static bool is_far(const struct tcp_pcb *pcb) {
    return !net_is_own(&pcb->remote_ip);
}

/* What came and was not read is told by a reset. */
static void reset_unread(void) {
    for (struct tcp_pcb *pcb = tcp_active_pcbs, *next; pcb; pcb = next) {
        struct stream *s = pcb->callback_arg;
        next = pcb->next;
        if (pcb->state != SYN_RCVD && s && is_far(pcb) && s->unread)
            stream_abort(s);
    }
}

static void close_all(void) {
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next) {
        struct stream *s = pcb->callback_arg;
        if (pcb->state == SYN_RCVD || !s || !is_far(pcb))
            continue;
        s->ends = true;
        s->inet.closed = CLOSED_BOTH; /* others may still try */
        stream_push(s);
    }
}

static bool is_anything_left(void) {
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
        if (is_far(pcb) && pcb->state != SYN_SENT && (pcb->unsent || pcb->unacked))
            return true;
    return false;
}

static void say_farewell(void) {
    uint64_t until = clock_monotonic() + PATIENCE_NS, now;

    net_enter();
    bool has_links = netif_list && netif_list->next;
    if (has_links) {
        reset_unread();
        close_all();
    }
    net_leave();
    while (has_links && (now = clock_monotonic()) < until) {
        net_enter();
        bool is_left = is_anything_left();
        net_leave();
        if (!is_left)
            return;
        thread_prepare(false);
        thread_sleep(now + PAUSE_NS);
        thread_finish();
    }
}

void end_expect(void) {
    shutdown_farewell = say_farewell;
}
