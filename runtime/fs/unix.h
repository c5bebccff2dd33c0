/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX. All that one socket knows of others, and its queue, is under one spin lock,
 * unix_lock, which is held for a few instructions at a time; data are copied without it.
 * The first packets of a queue are only taken away by who has the socket's `reading`.
 */
#ifndef ATMAN_FS_UNIX_H
#define ATMAN_FS_UNIX_H

#include <sys/un.h>

#include "fs/socket.h"

struct ucred_of { /* Linux's struct ucred */
    int pid;
    unsigned uid, gid;
};

enum { RIGHTS_MOST = 253 };

/* What goes along with data. */
struct rights {
    uint16_t count;
    bool in_flight; /* rights_send */
    struct file *files[RIGHTS_MOST];
};

struct unix_name {
    unsigned size; /* of path, 0: it has none */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct fragment {
    struct fragment *next;
    uint16_t start, size, room;
    char data[];
};

struct packet {
    struct list node;
    struct unix_socket *from; /* a reference */
    struct fragment *first, *last;
    size_t size;    /* bytes left */
    size_t charged; /* of what `from` may have on the way */
    struct rights *rights;
    struct ucred_of credentials;
    bool tells_credentials; /* they were given */
};

enum unix_state { UNIX_APART, UNIX_LISTENS, UNIX_CONNECTED };
enum { SHUT_IN = 1, SHUT_OUT = 2, SHUT_BOTH = 3 };

struct unix_socket {
    struct socket socket; /* must be first */
    uint32_t references;
    struct mutex reading;
    struct mutex naming; /* bind */

    uint8_t state, shut;
    bool dead;                /* closed */
    struct unix_socket *peer; /* a reference */
    struct list packets;
    unsigned count;    /* of packets */
    size_t queued;     /* bytes in them */
    size_t on_the_way; /* bytes that it sent and nobody has taken */
    struct ucred_of peer_credentials;

    unsigned backlog, waiting; /* of who listens: how many wait to be accepted */
    struct list pending;       /* those; a socket's place is in_pending */
    struct list in_pending;

    struct list crowd;    /* of datagrams: who would send to it when there is room */
    struct list in_crowd; /* a socket's place there; {NULL}: in none */

    struct unix_name name;
    struct list by_name; /* abstract ones; {NULL}: it is not there */
    struct vnode *vnode; /* where it is bound, a reference */

    /* fs/unixrights.c */
    struct file *file;  /* its own, without a reference */
    unsigned in_flight; /* how often that is in a queue */
    struct list flying; /* if so, of all such */
    unsigned inside;    /* counted by the collector */
    bool is_reached, is_new;
};

extern struct lock unix_lock;

static inline struct unix_socket *unix_of(struct socket *socket) {
    return (struct unix_socket *)(void *)socket;
}

static inline struct unix_socket *unix_hold(struct unix_socket *u) {
    __atomic_add_fetch(&u->references, 1, __ATOMIC_SEQ_CST);
    return u;
}

void unix_put(struct unix_socket *u);

/* unix.c: who has that name, with a reference; or the error. */
long unix_find(const struct sockaddr_storage *to, unsigned size, int type,
               struct unix_socket **found);
void unix_tell_name(const struct unix_socket *u, struct sockaddr_storage *name,
                    unsigned *size);
bool unix_is_crowded(const struct unix_socket *to, const struct unix_socket *from);
/* Both under the lock: whoever has found it crowded, and not waited there, is told; u is
 * not to be told any more. */
void unix_tell_crowd(struct unix_socket *to);
void unix_leave_crowd(struct unix_socket *u);

/* unixdata.c */
long unix_send(struct socket *socket, struct message *message);
long unix_receive(struct socket *socket, struct message *message);
void packet_free(struct packet *packet);

/* unixrights.c: reads what the message's control says; packet gets it. */
long unix_read_control(const struct message *message, struct packet *packet);
/* Write the packet's for the program, as far as there is room; told gets MSG_CTRUNC. Who
 * peeks leaves the rights there. */
void unix_write_credentials(struct message *message, const struct packet *packet);
void unix_write_rights(struct message *message, struct packet *packet, bool peeks);
/* Files are on the way from now on, or no more. */
void rights_send(struct rights *rights);
void rights_take(struct rights *rights);
/* Gives them up. */
void rights_free(struct rights *rights);
/* Sockets that nobody can reach, because they are only in queues of one another, go. One
 * reference to closed, if it is not NULL, does not count. */
void unix_collect(const struct file *closed);

#endif
