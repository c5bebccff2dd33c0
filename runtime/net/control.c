/* SPDX-License-Identifier: MIT */
/* Control messages: what goes along with a datagram. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/time.h>

#include "base/string.h"
#include "net/datagram.h"
#include "pv/access.h"
#include "sched/clock.h"

/* Linux's struct cmsghdr; the C library's has a padding. */
struct header {
    size_t size; /* with this */
    int level, type;
};

#define SPACE(n) ROUND_UP(sizeof(struct header) + (n), sizeof(long))

/* One message for the program, as far as there is room. */
static void put(struct message *m, int level, int type, const void *data, size_t size) {
    struct header h = {sizeof h + size, level, type};

    if (m->control_size < sizeof h) {
        m->told |= MSG_CTRUNC;
        return;
    }
    if (m->control_size < h.size) {
        m->told |= MSG_CTRUNC;
        h.size = m->control_size;
    }
    if (user_write(m->control, &h, sizeof h) ||
        user_write((char *)m->control + sizeof h, data, h.size - sizeof h)) {
        m->told |= MSG_CTRUNC;
        return;
    }
    size_t space = MIN(SPACE(size), m->control_size);
    m->control = (char *)m->control + space;
    m->control_size -= space;
}

static void put_info4(struct message *m, const struct datagram_packet *p) {
    struct in_pktinfo info = {.ipi_ifindex = p->index};

    info.ipi_addr.s_addr = info.ipi_spec_dst.s_addr = ip_2_ip4(&p->to)->addr;
    put(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static void put_info6(struct message *m, const struct datagram_packet *p) {
    struct in6_pktinfo info = {.ipi6_ifindex = p->index};

    inet_mapped(&p->to, &info.ipi6_addr);
    put(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

static void put_time(struct message *m, const struct datagram_packet *p) {
    struct timeval t = {(long)(p->when / NS_PER_SEC), (long)(p->when % NS_PER_SEC / 1000)};

    put(m, SOL_SOCKET, SO_TIMESTAMP, &t, sizeof t);
}

void control_write(const struct inet *i, struct message *m,
                   const struct datagram_packet *p) {
    const struct inet_options *o = &i->options;
    int ttl = p->ttl, tos = p->tos;
    bool is4 = IP_IS_V4(&p->to);

    if (!m->control)
        return;
    if (i->socket.options >> SO_TIMESTAMP & 1)
        put_time(m, p);
    if (o->tells_info4 && is4)
        put_info4(m, p);
    if (o->tells_ttl && is4)
        put(m, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    if (o->tells_tos && is4)
        put(m, IPPROTO_IP, IP_TOS, &p->tos, sizeof p->tos);
    if (i->socket.family != AF_INET6)
        return;
    if (o->tells_info6)
        put_info6(m, p);
    if (o->tells_hops && !is4)
        put(m, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, sizeof ttl);
    if (o->tells_class && !is4)
        put(m, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
}

static long read_info4(const void *at, size_t size, struct control_wish *wish) {
    struct in_pktinfo info;

    if (size < sizeof info)
        return -EINVAL;
    if (user_read(&info, at, sizeof info))
        return -EFAULT;
    wish->index = (uint8_t)info.ipi_ifindex;
    ip_addr_set_ip4_u32(&wish->source, info.ipi_spec_dst.s_addr);
    return 0;
}

static long read_info6(const void *at, size_t size, struct control_wish *wish) {
    struct in6_pktinfo info;
    uint32_t words[4];

    if (size < sizeof info)
        return -EINVAL;
    if (user_read(&info, at, sizeof info))
        return -EFAULT;
    wish->index = (uint8_t)info.ipi6_ifindex;
    memcpy(words, &info.ipi6_addr, sizeof words);
    if (!words[0] && !words[1] && words[2] == PP_HTONL(0xffff))
        ip_addr_set_ip4_u32(&wish->source, words[3]);
    else
        IP_ADDR6(&wish->source, words[0], words[1], words[2], words[3]);
    return 0;
}

static long read_one(const struct header *h, const void *at, struct control_wish *wish) {
    size_t size = h->size - sizeof *h;
    int number = 0;

    if (h->level == IPPROTO_IP && h->type == IP_PKTINFO)
        return read_info4(at, size, wish);
    if (h->level == IPPROTO_IPV6 && h->type == IPV6_PKTINFO)
        return read_info6(at, size, wish);
    if (h->level != IPPROTO_IP && h->level != IPPROTO_IPV6)
        return 0;
    if (size < 1 || user_read(&number, at, MIN(size, sizeof number)))
        return size < 1 ? -EINVAL : -EFAULT;
    if (number < 0 || number > 255)
        return -EINVAL;
    if (h->type == (h->level == IPPROTO_IP ? IP_TTL : IPV6_HOPLIMIT))
        wish->ttl = number;
    else if (h->type == (h->level == IPPROTO_IP ? IP_TOS : IPV6_TCLASS))
        wish->tos = number;
    else
        return -EINVAL;
    return 0;
}

long control_read(const struct inet *i, const struct message *m,
                  struct control_wish *wish) {
    size_t at = 0;
    struct header h;
    long error = 0;

    *wish = (struct control_wish){.ttl = -1, .tos = -1};
    inet_any(i, &wish->source);
    while (!error && at + sizeof h <= m->control_size) {
        const char *from = (const char *)m->control + at;
        if (user_read(&h, from, sizeof h))
            return -EFAULT;
        if (h.size < sizeof h || h.size > m->control_size - at)
            return -EINVAL;
        error = read_one(&h, from + sizeof h, wish);
        at += ROUND_UP(h.size, sizeof(long));
    }
    return error;
}
