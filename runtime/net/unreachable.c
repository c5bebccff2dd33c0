/* SPDX-License-Identifier: MIT */
#include "lwip/opt.h"

#include LWIP_HOOK_FILENAME

int net_look4(struct pbuf *p, struct netif *from) {
    (void)p, (void)from;
    return 0;
}

int net_look6(struct pbuf *p, struct netif *from) {
    (void)p, (void)from;
    return 0;
}
