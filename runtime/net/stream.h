/* SPDX-License-Identifier: MIT */
/*
 * TCP's sockets. A stream and lwIP's pcb know each other until one of the two is gone: lwIP
 * tells of a pcb that goes, and a stream that is closed by the program stays until the peer
 * has acknowledged what was sent.
 */
#ifndef ATMAN_NET_STREAM_H
#define ATMAN_NET_STREAM_H

#include "base/list.h"
#include "lwip/tcp.h"
#include "net/buffer.h"
#include "net/inet.h"

enum stream_state {
    STREAM_IDLE,
    STREAM_LISTENS,
    STREAM_CONNECTING,
    STREAM_CONNECTED,
    STREAM_OVER
};

/* pbufs in a row that are not chains of lwIP's: tot_len means nothing. */
struct chain {
    struct pbuf *first, *last;
};

struct stream {
    struct inet inet; /* must be first */
    struct tcp_pcb *pcb;
    uint8_t state;
    bool is_gone;   /* closed by the program */
    bool ends;      /* the end is to be told when all has been pushed */
    uint8_t corked; /* 1: more was announced; 2: TCP_CORK */
    bool is_told;   /* the program knows that it was connected */
    bool is_fresh;  /* accepted, and its name not told yet */
    bool no_delay, quick;

    /* What came, in arrival's order: the reader's, and behind it lwIP's. */
    struct chain taken, in;
    size_t unread; /* bytes of both */

    /* What goes. The next byte for lwIP is in `push`, at push_at. */
    struct buffer *first, *last, *push;
    uint32_t push_at;
    size_t queued, unpushed;

    /* Who listens: how many wait to be accepted. */
    unsigned backlog, waiting;
    struct list pending;    /* those; a stream's place is in_pending */
    struct list in_pending; /* {NULL}: in none */
    struct stream *listener;

    int keep_idle, keep_interval, keep_count, user_timeout, defer,
        max_segment; /* options */
    int linger2, syn_count;
    char congestion[16];
};

static inline struct stream *stream_of(struct socket *socket) {
    return (struct stream *)(void *)socket;
}

/* With the lock: what is true now; tell as inet_tell's. */
void stream_tell(struct stream *s, unsigned tell);

/* How many bytes it may have in its buffer. */
size_t stream_room(const struct stream *s);

/* The pcb is told of all options. */
void stream_apply(struct stream *s);

/* streamdata.c */
long stream_send(struct socket *socket, struct message *message);
long stream_receive(struct socket *socket, struct message *message);
/* With the lock. As much as lwIP takes goes there, and then the end, if that is to be told.
 */
void stream_push(struct stream *s);
/* What nobody needs any more is given back. all: even what lwIP knows. */
void stream_drop_sent(struct stream *s, bool all);
void stream_drop_received(struct stream *s);
/* lwIP's */
err_t stream_on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error);
err_t stream_on_sent(void *arg, struct tcp_pcb *pcb, u16_t size);
err_t stream_on_poll(void *arg, struct tcp_pcb *pcb);

/* listen.c */
long stream_listen(struct socket *socket, int backlog);
long stream_accept(struct socket *socket, struct socket **accepted);
void stream_stop_listening(struct stream *s);

/* stream.c */
struct stream *stream_alloc(int family);
/* For a pcb that no stream is to hear of. */
extern const struct tcp_ext_arg_callbacks stream_no_callbacks;

void stream_attach(struct stream *s, struct tcp_pcb *pcb);
void stream_detach(struct stream *s);
/* The pcb ends at once, and the peer is told if it must be. */
void stream_abort(struct stream *s);
/* As if the peer had ended it, for that reason (positive). */
void stream_fail(struct stream *s, int reason);
void stream_free(struct stream *s);
long stream_get_pcb(struct stream *s);
void stream_close(struct stream *s);
/* A port, if it has none. */
long stream_autobind(struct stream *s);

/* tcpoptions.c */
long stream_set(struct socket *socket, int level, int name, const void *value,
                unsigned size);
long stream_get(struct socket *socket, int level, int name, void *value, unsigned *size);

#endif
