/* SPDX-License-Identifier: MIT */
#include "frontends.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "console/console.h"
#include "mm/heap.h"
#include "require.h"
#include "sched/clock.h"
#include "xen/suspend.h"

enum { NODES = 64, WATCHES = 16, RUNS = 1000, PATH = 300, VALUE = 300 };

static struct {
    char path[PATH], value[VALUE];
    bool is_there;
} nodes[NODES];
static struct store_watch *watches[WATCHES];
static bool due[WATCHES];
static uint64_t now;

long frontends_make_error, frontends_connect_error, frontends_look_error;
unsigned frontends_make_errors;
long frontends_store_error;
struct frontends_counts frontends_counts;

/* --- the store ---------------------------------------------------------------------- */

static bool is_below(const char *path, const char *top) {
    size_t n = strlen(top);

    return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

static void fire(const char *path) {
    for (unsigned i = 0; i < WATCHES; i++)
        if (watches[i] &&
            (is_below(path, watches[i]->path) || is_below(watches[i]->path, path)))
            due[i] = true;
}

static int find(const char *path) {
    for (int i = 0; i < NODES; i++)
        if (nodes[i].is_there && !strcmp(nodes[i].path, path))
            return i;
    return -1;
}

void frontends_set(const char *path, const char *value) {
    int i = find(path);

    fire(path);
    if (!value) {
        for (i = 0; i < NODES; i++)
            if (is_below(nodes[i].path, path))
                nodes[i].is_there = false;
        return;
    }
    for (int j = 0; i < 0; j++) {
        REQUIRE(j < NODES);
        if (!nodes[j].is_there)
            i = j;
    }
    REQUIRE(strlen(path) < PATH && strlen(value) < VALUE);
    strcpy(nodes[i].path, path);
    strcpy(nodes[i].value, value);
    nodes[i].is_there = true;
}

const char *frontends_get(const char *path) {
    int i = find(path);

    return i < 0 ? NULL : nodes[i].value;
}

/* A directory that nobody wrote is there if something is below it. */
static bool is_directory(const char *path) {
    for (int i = 0; i < NODES; i++)
        if (nodes[i].is_there && is_below(nodes[i].path, path))
            return true;
    return false;
}

long store_read(uint32_t transaction, const char *path, char *value, size_t size) {
    const char *found = frontends_get(path);

    (void)transaction;
    if (frontends_store_error)
        return frontends_store_error;
    if (!found && !is_directory(path))
        return -ENOENT;
    size_t n = found ? strlen(found) : 0;
    memcpy(value, found ? found : "", n < size ? n + 1 : size);
    return (long)n;
}

long store_write(uint32_t transaction, const char *path, const void *value, size_t size) {
    char text[VALUE];

    (void)transaction;
    REQUIRE(size < sizeof text);
    memcpy(text, value, size);
    text[size] = '\0';
    frontends_set(path, text);
    return 0;
}

long store_remove(uint32_t transaction, const char *path) {
    (void)transaction;
    if (!frontends_get(path) && !is_directory(path))
        return -ENOENT;
    frontends_set(path, NULL);
    return 0;
}

long store_list(uint32_t transaction, const char *path, struct store_names *names) {
    char all[NODES * PATH];
    size_t n = strlen(path), used = 0;

    (void)transaction;
    if (frontends_store_error)
        return frontends_store_error;
    if (!is_directory(path))
        return -ENOENT;
    for (int i = 0; i < NODES; i++) {
        char name[PATH];
        if (!nodes[i].is_there || !is_below(nodes[i].path, path) || !nodes[i].path[n])
            continue;
        strcpy(name, nodes[i].path + n + 1);
        if (strchr(name, '/'))
            *strchr(name, '/') = '\0';
        bool is_known = false;
        for (size_t at = 0; at < used; at += strlen(all + at) + 1)
            is_known |= !strcmp(all + at, name);
        if (!is_known)
            used += strlen(strcpy(all + used, name)) + 1;
    }
    names->take(names, 0, all, used);
    return (long)used;
}

long store_transact(long (*body)(uint32_t transaction, void *context), void *context) {
    return frontends_store_error ? frontends_store_error : body(1, context);
}

long store_watch_add(struct store_watch *watch, const char *path) {
    unsigned i = 0;

    if (frontends_store_error)
        return frontends_store_error;
    while (watches[i])
        REQUIRE(++i < WATCHES);
    watch->path = path;
    watches[i] = watch;
    due[i] = true;
    return 0;
}

void store_watch_remove(struct store_watch *watch) {
    unsigned i = 0;

    while (watches[i] != watch)
        REQUIRE(++i < WATCHES);
    watches[i] = NULL;
    due[i] = false;
}

void store_watch_wake(struct store_watch *watch) {
    for (unsigned i = 0; i < WATCHES; i++)
        due[i] |= watches[i] == watch;
}

void frontends_run(void) {
    unsigned runs = 0;

    for (unsigned i = 0; i < WATCHES; i++) {
        if (!watches[i] || !due[i])
            continue;
        REQUIRE(++runs < RUNS);
        due[i] = false;
        watches[i]->run(watches[i]);
        i = UINT32_MAX; /* from the beginning */
    }
}

/* --- the runtime -------------------------------------------------------------------- */

void *heap_alloc(size_t size) {
    return calloc(1, size);
}

void heap_free(void *record) {
    free(record);
}

void suspend_add(struct suspend_step *step) {
    (void)step;
}

void ready_init(struct ready *ready) {
    (void)ready;
}

void console_log(const char *line, size_t size) {
    (void)line, (void)size;
}

uint64_t xen_time_system(void) {
    return now;
}

void clock_sleep_until(uint64_t until) {
    now = until;
}

/* --- the kind ----------------------------------------------------------------------- */

struct device {
    struct frontend front; /* the first member */
    bool is_shared, is_connected, was_tried;
};

static struct device *of(struct frontend *f) {
    return (struct device *)f;
}

static struct frontend *add(const char *name) {
    struct device *d = strcmp(name, "none") ? calloc(1, sizeof *d) : NULL;

    frontends_counts.adds += !!d;
    return d ? &d->front : NULL;
}

static long make(struct frontend *f) {
    static const struct frontend_node nodes_of[] = {{"ring-ref", "8"}, {"port", ""}};
    struct device *d = of(f);

    REQUIRE(!d->is_connected && (!d->is_shared || d->was_tried));
    REQUIRE(f->other < DOMID_FIRST_RESERVED && *f->backend);
    frontends_counts.makes++;
    if (!d->is_shared)
        frontends_counts.shared++;
    d->is_shared = d->was_tried = true;
    if (frontends_make_errors && frontends_make_errors--)
        return frontends_make_error;
    d->was_tried = false;
    long error = frontend_publish(f, nodes_of, 2);
    return error == -ENOENT || error == -EIO ? 0 : error;
}

static long connect(struct frontend *f) {
    struct device *d = of(f);

    REQUIRE(d->is_shared && !d->is_connected);
    frontends_counts.connects++;
    if (frontends_connect_error)
        return frontends_connect_error;
    d->is_connected = true;
    frontends_counts.connected++;
    return 0;
}

static long look(struct frontend *f) {
    REQUIRE(of(f)->is_connected);
    frontends_counts.looks++;
    return frontends_look_error;
}

static void drop(struct device *d) {
    frontends_counts.shared -= d->is_shared;
    frontends_counts.connected -= d->is_connected;
    d->is_shared = d->is_connected = d->was_tried = false;
}

static void disconnect(struct frontend *f) {
    frontends_counts.disconnects++;
    drop(of(f));
}

static void fail(struct frontend *f) {
    frontends_counts.fails++;
    drop(of(f));
}

static void remove_device(struct frontend *f) {
    REQUIRE(!of(f)->is_shared && !of(f)->is_connected);
    frontends_counts.removes++;
    free(f);
}

struct frontend_ops frontends_ops = {.path = "device/test",
                                     .add = add,
                                     .make = make,
                                     .connect = connect,
                                     .look = look,
                                     .disconnect = disconnect,
                                     .fail = fail,
                                     .remove = remove_device};

struct frontend_class frontends_class = {.ops = &frontends_ops};

struct frontend *frontends_first(void) {
    struct list *head = &frontends_class.devices;

    return list_is_empty(head) ? NULL : LIST_RECORD(head->next, struct frontend, node);
}

void frontends_reset(void) {
    struct list *head = &frontends_class.devices;

    while (head->next && !list_is_empty(head)) {
        struct list *first = head->next;
        list_remove(first);
        free(LIST_RECORD(first, struct frontend, node));
    }
    memset(nodes, 0, sizeof nodes);
    memset(watches, 0, sizeof watches);
    memset(due, 0, sizeof due);
    frontends_counts = (struct frontends_counts){0};
    frontends_store_error = frontends_make_error = frontends_connect_error = 0;
    frontends_look_error = frontends_make_errors = 0;
    frontends_class.is_listed = false;
    frontends_class.unsettled = 0;
}
