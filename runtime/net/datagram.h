/* SPDX-License-Identifier: MIT */
/* UDP's sockets and raw ones: packets that came wait in a row, up to SO_RCVBUF. */
#ifndef ATMAN_NET_DATAGRAM_H
#define ATMAN_NET_DATAGRAM_H

#include "base/list.h"
#include "lwip/raw.h"
#include "lwip/udp.h"
#include "net/inet.h"

struct datagram_packet {
    struct list node;
    struct pbuf *data;
    struct end from;
    ip_addr_t to;
    uint64_t when; /* the wall clock's ns */
    uint8_t index; /* of the interface */
    uint8_t ttl, tos;
};

struct datagram {
    struct inet inet; /* must be first */
    struct udp_pcb *udp;
    struct raw_pcb *raw; /* either */
    struct list packets;
    size_t unread; /* bytes in them, and what they cost */
    bool is_connected;
};

static inline struct datagram *datagram_of(struct socket *socket) {
    return (struct datagram *)(void *)socket;
}

void datagram_tell(struct datagram *d, unsigned tell);
/* A port and a pcb, if it has none. */
long datagram_autobind(struct datagram *d);

/* datagramdata.c */
long datagram_send(struct socket *socket, struct message *message);
long datagram_receive(struct socket *socket, struct message *message);
void datagram_drop(struct datagram *d);
/* With the lock: one more. Takes the data over. */
void datagram_add(struct datagram *d, struct pbuf *data, const ip_addr_t *from,
                  uint16_t port);

/* What is asked for beside the data: where from, how far (control.c). */
struct control_wish {
    ip_addr_t source; /* any: none was said */
    uint8_t index;
    int ttl, tos; /* -1 */
};
long control_read(const struct inet *i, const struct message *message,
                  struct control_wish *wish);
void control_write(const struct inet *i, struct message *message,
                   const struct datagram_packet *packet);

#endif
