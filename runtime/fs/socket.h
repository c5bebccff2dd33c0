/* SPDX-License-Identifier: MIT */
/*
 * Sockets: what all families have in common, and what each must do. A family is a line in
 * sys/socket.c's table and a struct socket_ops; its own record begins with a struct socket.
 */
#ifndef ATMAN_FS_SOCKET_H
#define ATMAN_FS_SOCKET_H

#include <sys/socket.h>

#include "fs/file.h"

struct socket;

/* A message that is sent or received, and what goes along with it. */
struct message {
    struct transfer data;
    struct sockaddr_storage address; /* to whom, or from whom */
    unsigned address_size;           /* 0: none was given, or is known */
    void *control;                   /* the program's */
    size_t control_size;             /* of which were written, after receiving */
    unsigned flags;                  /* MSG_*: the call's */
    unsigned told;                   /* MSG_*: what the receiver is told */
    bool waits;
};

struct socket_ops {
    long (*bind)(struct socket *socket, const struct sockaddr_storage *to, unsigned size);
    long (*connect)(struct socket *socket, const struct sockaddr_storage *to, unsigned size,
                    bool waits);
    long (*listen)(struct socket *socket, int backlog);
    /* -EAGAIN: there is none, now. */
    long (*accept)(struct socket *socket, struct socket **accepted);
    /* Its own address, or that of its peer: with its size. */
    long (*name)(struct socket *socket, bool peer, struct sockaddr_storage *name,
                 unsigned *size);
    /* Wait by themselves, with socket_wait. */
    long (*send)(struct socket *socket, struct message *message);
    long (*receive)(struct socket *socket, struct message *message);
    long (*shutdown)(struct socket *socket, int how);
    unsigned (*poll)(struct socket *socket);
    /* FIONREAD and TIOCOUTQ: a number; others. */
    long (*control)(struct socket *socket, unsigned request, unsigned long argument);
    /* Options of its own, and SO_PEERCRED; value is the runtime's, *size what there is
     * room for. */
    long (*set)(struct socket *socket, int level, int name, const void *value,
                unsigned size);
    long (*get)(struct socket *socket, int level, int name, void *value, unsigned *size);
    /* An option of SOL_SOCKET is another now; or NULL. */
    void (*changed)(struct socket *socket, int name);
    /* A descriptor of its file is closed, and its reference goes next; or NULL. */
    void (*closing)(struct socket *socket, struct file *file);
    void (*release)(struct socket *socket);
};

struct socket {
    const struct socket_ops *ops;
    struct ready ready;
    int family, type, protocol;
    int error;                          /* SO_ERROR; positive, told once; atomic */
    unsigned send_size, receive_size;   /* of buffers */
    uint64_t send_limit, receive_limit; /* SO_SNDTIMEO, SO_RCVTIMEO: ns, or 0 */
    struct linger linger;
    uint32_t options; /* bit n: SO_n, of those that are only kept */
    bool listens, passes_credentials;
    bool send_is_set, receive_is_set; /* the program has said how large the buffers are */
};

/* What all sockets are asked of interfaces (SIOCGIFCONF and the like): -ENOTTY. NULL: there
 * are no sockets yet. */
extern long (*socket_interfaces)(unsigned request, unsigned long argument);

/* Fills in what is common. */
void socket_init(struct socket *socket, const struct socket_ops *ops, int family, int type);

/* The socket's open file, with status flags. NULL: no memory, and the socket is released.
 */
struct file *socket_file(struct socket *socket, unsigned flags);

/* NULL: it is no socket. */
struct socket *socket_of(const struct file *file);

/* What was wrong (negative) since it was told last, or 0. */
long socket_take_error(struct socket *socket);

/*
 * Waits for ready, which may be another socket's; limit as send_limit, begun when the call
 * began: *until is 0 before the first wait of a call. -EAGAIN: the time is over.
 */
long socket_wait(struct ready *ready, uint32_t seen, uint64_t limit, uint64_t *until);

long socket_set_option(struct socket *socket, int level, int name, const void *value,
                       unsigned size);
long socket_get_option(struct socket *socket, int level, int name, void *value,
                       unsigned *size);

/* fs/unix.c */
long unix_make(int type, int protocol, struct socket **made);

/* Two that are connected with one another; unix.h's are. */
void unix_connect_pair(struct socket *a, struct socket *b);

#endif
