/* SPDX-License-Identifier: MIT */
/*
 * lwIP's timers. TCP's runs as long as there is a connection, the others as long as there
 * is an interface beside the loopback: an idle guest sleeps.
 */
#include "lwip/dhcp.h"
#include "lwip/dhcp6.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "net/stack.h"
#include "net/syn.h"
#include "sched/clock.h"

#define MS 1000000ul

static struct net_timer {
    void (*run)(void);
    uint32_t interval; /* ms */
    uint64_t due;
} timers[] = {
    {.run = ip_reass_tmr, .interval = IP_TMR_INTERVAL},
    {.run = etharp_tmr, .interval = ARP_TMR_INTERVAL},
    {.run = dhcp_coarse_tmr, .interval = DHCP_COARSE_TIMER_MSECS},
    {.run = dhcp_fine_tmr, .interval = DHCP_FINE_TIMER_MSECS},
    {.run = igmp_tmr, .interval = IGMP_TMR_INTERVAL},
    {.run = nd6_tmr, .interval = ND6_TMR_INTERVAL},
    {.run = ip6_reass_tmr, .interval = IP6_REASS_TMR_INTERVAL},
    {.run = mld6_tmr, .interval = MLD6_TMR_INTERVAL},
    {.run = dhcp6_tmr, .interval = DHCP6_TIMER_MSECS},
};

static struct net_timer tcp = {.run = tcp_tmr, .interval = TCP_TMR_INTERVAL};
static bool tcp_runs;

u32_t sys_now(void) {
    return (u32_t)(clock_monotonic() / MS);
}

void tcp_timer_needed(void) {
    if (tcp_runs)
        return;
    tcp_runs = true;
    tcp.due = clock_monotonic() + tcp.interval * MS;
    stack_wake();
}

/* What was missed is not caught up with. */
static void run(struct net_timer *t, uint64_t now, uint64_t *next) {
    if (t->due <= now) {
        if (t->due)
            t->run();
        t->due = t->due + 2 * t->interval * MS < now ? now : t->due + t->interval * MS;
    }
    if (!*next || t->due < *next)
        *next = t->due;
}

uint64_t timers_run(void) {
    uint64_t now = clock_monotonic(), next = 0;

    if (tcp_runs) {
        run(&tcp, now, &next);
        syn_trim();
        tcp_runs = tcp_active_pcbs || tcp_tw_pcbs;
        if (!tcp_runs)
            next = 0;
    }
    if (netif_list && netif_list->next)
        for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
            run(&timers[i], now, &next);
    return next;
}
