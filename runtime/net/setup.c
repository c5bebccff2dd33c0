/* SPDX-License-Identifier: MIT */
#include "net/setup.h"

#include "base/string.h"
#include "fs/etc.h"
#include "fs/host.h"
#include "init/config.h"
#include "log/log.h"
#include "lwip/dhcp.h"
#include "lwip/dhcp6.h"
#include "lwip/netif.h"
#include "net/netif.h"
#include "net/resolver.h"
#include "net/stack.h"
#include "sched/hooks.h"

static void begin4(struct netif *netif, const struct setup *s) {
    if (ip4_addr_isany(&s->address))
        dhcp_start(netif);
    else
        netif_set_addr(netif, &s->address, &s->mask, &s->gateway);
}

static void begin6(struct netif *netif, const struct setup *s) {
    netif_create_ip6_linklocal_address(netif, 1);
    netif_set_ip6_autoconfig_enabled(netif, 1);
    dhcp6_enable_stateless(netif);
    if (ip6_addr_isany(&s->address6))
        return;
    netif_ip6_addr_set(netif, 1, &s->address6);
    netif_ip6_addr_set_state(netif, 1, IP6_ADDR_PREFERRED);
}

/* Adds what text says of that interface; others' is left out. */
static void add(struct setup *all, unsigned number, const char *text) {
    struct setup s;

    if (!setup_read(&s, text)) {
        log_error("atman.ip=%s: not ADDRESS/BITS,gw=ADDRESS,dns=ADDRESS or none", text);
        return;
    }
    if (s.interface != number)
        return;
    all->is_none |= s.is_none;
    if (!ip4_addr_isany(&s.address)) {
        all->address = s.address;
        all->mask = s.mask;
    }
    if (!ip4_addr_isany(&s.gateway))
        all->gateway = s.gateway;
    if (!ip6_addr_isany(&s.address6))
        all->address6 = s.address6;
    resolver_say(s.names, s.name_count);
}

void setup_begin(struct netif *netif, unsigned number, const char *said) {
    struct setup s;

    memset(&s, 0, sizeof s);
    if (*said && !config.addresses[0] && !setup_read(&s, said)) {
        log_error("eth%u: what its node `ip` says is no address; ignored", number);
        memset(&s, 0, sizeof s);
    }
    resolver_say(s.names, s.name_count);
    for (unsigned i = 0; i < CONFIG_ADDRESSES && config.addresses[i]; i++)
        add(&s, number, config.addresses[i]);
    netif_set_hostname(netif, host_name());
    netif_set_up(netif);
    if (s.is_none)
        return;
    begin4(netif, &s);
    begin6(netif, &s);
}

/* Names are to be asked: so somewhere it must stand whom. */
static void expect_resolver(void) {
    scheduler_start();
    if (!stack_start())
        netifs_settle();
}

void setup_linked(void) {
    etc_expect_resolver = expect_resolver;
}
