/* SPDX-License-Identifier: MIT */
/*
 * One of our outputs: see outlet.h. O_NONBLOCK belongs to the open file description, which
 * stdout shares with the shell and whoever else has it: pipes and terminals are opened anew
 * through /proc to get a description of our own. A regular file must not be (its position
 * would be another), and need not be.
 */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void outlet_open(struct outlet *outlet, int fd) {
    struct stat st;
    char path[32];
    int own;

    *outlet = (struct outlet){.fd = fd, .kind = OUTLET_SHARED};
    if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode)) {
        outlet->kind = OUTLET_FILE;
    } else if (S_ISSOCK(st.st_mode)) {
        outlet->kind = OUTLET_SOCKET;
    } else {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (own >= 0) {
            outlet->fd = own;
            outlet->kind = OUTLET_OWN;
            outlet->own_fd = true;
        }
    }
}

/* One write that does not wait; the result is write()'s. */
static ssize_t write_some(struct outlet *outlet, const char *bytes, size_t length) {
    if (outlet->kind == OUTLET_SOCKET)
        return send(outlet->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    /* A pipe that polls writable takes PIPE_BUF bytes at once. */
    if (outlet->kind == OUTLET_SHARED && length > PIPE_BUF)
        length = PIPE_BUF;
    return write(outlet->fd, bytes, length);
}

void outlet_flush(struct outlet *outlet) {
    struct text *queue = &outlet->queue;

    while (outlet->sent < queue->length && !outlet->error) {
        ssize_t n =
            write_some(outlet, queue->data + outlet->sent, queue->length - outlet->sent);

        if (n > 0)
            outlet->sent += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            break;
        else if (n < 0 && errno != EINTR)
            outlet->error = errno;
        /* After one piece a shared pipe may be full: poll first. */
        if (outlet->kind == OUTLET_SHARED)
            break;
    }
    if (outlet->error)
        outlet->sent = queue->length;
    if (outlet->sent == queue->length || outlet->sent >= OUTLET_FULL) {
        text_drop(queue, outlet->sent);
        outlet->sent = 0;
    }
}

void outlet_add(struct outlet *outlet, const void *bytes, size_t length) {
    bool was_pending = outlet_pending(outlet);

    if (outlet->error)
        return;
    text_add(&outlet->queue, bytes, length);
    if (!was_pending && outlet->kind != OUTLET_SHARED)
        outlet_flush(outlet);
}

bool outlet_pending(const struct outlet *outlet) {
    return outlet->queue.length > outlet->sent;
}

bool outlet_full(const struct outlet *outlet) {
    return outlet->queue.length - outlet->sent > OUTLET_FULL;
}

void outlet_close(struct outlet *outlet) {
    text_free(&outlet->queue);
    if (outlet->own_fd)
        close(outlet->fd);
    outlet->own_fd = false;
}
