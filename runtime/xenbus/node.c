/* SPDX-License-Identifier: MIT */
/* A node's token is two capital letters; one request of it reads and acknowledges. */
#include "xenbus/node.h"

#include "base/string.h"

static struct node *first;
static unsigned count;

static void note_event(const char *token) {
    for (struct node *node = first; node; node = node->next)
        if (!strcmp(token, node->token))
            node->is_wanted = true;
}

static void note_done(struct wire_request *r) {
    struct node *node = LIST_RECORD(r, struct node, request);

    node->has_come = r->head.type == XS_READ;
    node->value[r->result ? 0 : MIN(r->length, r->room)] = '\0';
    __atomic_store_n(&node->is_busy, false, __ATOMIC_RELEASE);
}

void node_send(struct wire_request *r, uint32_t type, const char *path, const char *value,
               size_t size) {
    r->head.type = type;
    r->parts[0] = (struct wire_part){path, strlen(path) + 1};
    r->parts[1] = (struct wire_part){value, size};
    wire_submit(r);
}

static void ask(struct node *node, uint32_t type) {
    node->is_busy = true;
    node_send(&node->request, type, node->path, NULL, 0);
}

void node_acknowledge(struct node *node) {
    ask(node, XS_WRITE);
}

void node_read_again(struct node *node) {
    __atomic_store_n(&node->is_wanted, true, __ATOMIC_SEQ_CST);
}

static void look(struct node *node) {
    if (node->has_come) {
        node->has_come = false;
        node->obey(node);
    }
    if (__atomic_load_n(&node->is_busy, __ATOMIC_ACQUIRE))
        return;
    if (__atomic_exchange_n(&node->is_wanted, false, __ATOMIC_SEQ_CST))
        ask(node, XS_READ);
}

void node_look_all(void) {
    for (struct node *node = first; node; node = node->next)
        look(node);
}

void node_add(struct node *node) {
    if (!first) /* who sets it later calls this */
        wire_watched = note_event;
    node->token[0] = (char)('A' + count / 26);
    node->token[1] = (char)('A' + count++ % 26);
    node->request.reply = node->value;
    node->request.room = sizeof node->value - 1;
    node->request.done = note_done;
    node->next = first;
    __atomic_store_n(&first, node, __ATOMIC_RELEASE);
}

void node_watch(struct node *node) {
    node_send(&node->watch, XS_WATCH, node->path, node->token, sizeof node->token);
}

void node_watch_all(void) {
    for (struct node *node = first; node; node = node->next)
        node_watch(node);
}
