/* SPDX-License-Identifier: MIT */
/*
 * All but the functions of the header run in the store's thread, so the lists and devices
 * need no lock. An event is no more than a reason to look.
 */
#include "xenbus/frontend.h"

#include <errno.h>

#include "base/format.h"
#include "base/string.h"
#include "log/log.h"
#include "mm/heap.h"
#include "sched/clock.h"
#include "xen/suspend.h"

enum {
    TURNS = 16, /* moves for one event: a state that changes meanwhile is an event */
    TRIES = 50, /* when memory is short */
};

#define PAUSE_NS (NS_PER_SEC / 50)

static uint32_t resumes; /* atomic */

/* --- paths -------------------------------------------------------------------------- */

struct path {
    char text[FRONTEND_PATH + 32];
};

static struct path join(const char *directory, const char *name) {
    struct path path;

    format(path.text, sizeof path.text, "%s/%s", directory, name);
    return path;
}

bool frontend_read_own(const struct frontend *f, const char *name, char *text,
                       size_t size) {
    struct path path = join(f->path, name);
    long n = store_read(0, path.text, text, size);

    return n > 0 && n < (long)size && strlen(text) == (size_t)n;
}

long frontend_read(const struct frontend *f, const char *name, char *value, size_t size) {
    struct path path = join(f->backend, name);

    return *f->backend ? store_read(0, path.text, value, size) : -ENOENT;
}

/* --- what is written ---------------------------------------------------------------- */

struct publication {
    const struct frontend *f;
    const struct frontend_node *nodes;
    size_t count;
};

static long write_node(uint32_t transaction, const char *path, const char *value) {
    if (*value)
        return store_write(transaction, path, value, strlen(value));
    long error = store_remove(transaction, path);
    return error == -ENOENT ? 0 : error;
}

/* A write would make a directory again that the toolstack has removed. */
static long publish(uint32_t transaction, void *context) {
    const struct publication *p = context;
    char backend[1];
    struct path path = join(p->f->path, "backend");
    long error = store_read(transaction, path.text, backend, sizeof backend);

    for (size_t i = 0; i < p->count && error >= 0; i++) {
        path = join(p->f->path, p->nodes[i].name);
        error = write_node(transaction, path.text, p->nodes[i].value);
    }
    return error < 0 ? error : 0;
}

long frontend_publish(const struct frontend *f, const struct frontend_node *nodes,
                      size_t count) {
    struct publication p = {f, nodes, count};

    return store_transact(publish, &p);
}

static void write_state(const struct frontend *f, enum xenbus_state state) {
    struct frontend_node node = {.name = "state"};

    format(node.value, sizeof node.value, "%u", (unsigned)state);
    frontend_publish(f, &node, 1);
}

/* --- one device --------------------------------------------------------------------- */

/* False: the store does not say. */
static bool look(const struct frontend *f, struct device_view *view) {
    char text[2];
    long size = store_read(0, f->path, text, sizeof text);

    *view = (struct device_view){.is_there = size >= 0};
    if (size < 0)
        return size == -ENOENT;
    size = frontend_read(f, "online", text, sizeof text);
    view->is_online = size != 1 || text[0] != '0';
    size = frontend_read(f, "state", text, sizeof text);
    view->other = device_state(text, size);
    return size >= 0 || size == -ENOENT || size == -EACCES;
}

static long try(struct frontend *f, long (*action)(struct frontend *f)) {
    long error = action(f);

    for (unsigned i = 0; i < TRIES && error == -ENOMEM; i++) {
        clock_sleep_until(clock_monotonic() + PAUSE_NS);
        error = action(f);
    }
    return error;
}

static long carry_out(struct frontend *f, enum device_action action) {
    switch (action) {
    case DEVICE_MAKE:
        return try(f, f->ops->make);
    case DEVICE_CONNECT:
        return try(f, f->ops->connect);
    case DEVICE_LOOK:
        return f->ops->look(f);
    case DEVICE_DISCONNECT:
        f->ops->disconnect(f);
        return 0;
    case DEVICE_FAIL:
    case DEVICE_REMOVE:
        f->ops->fail(f);
        return 0;
    default:
        return 0;
    }
}

static void stop_watching(struct frontend *f) {
    if (*f->watched)
        store_watch_remove(&f->watch);
    *f->watched = '\0';
}

static void drop(struct frontend *f) {
    stop_watching(f);
    list_remove(&f->node);
    f->ops->remove(f);
}

/* The first of the two: it was told of something that cannot be. */
static enum device_event choose(struct frontend *f, enum device_event event) {
    uint32_t now = __atomic_load_n(&resumes, __ATOMIC_SEQ_CST);

    if (f->resumes != now) {
        f->resumes = now;
        __atomic_store_n(&f->is_misused, false, __ATOMIC_SEQ_CST);
        return DEVICE_RESUMED;
    }
    if (__atomic_exchange_n(&f->is_misused, false, __ATOMIC_SEQ_CST))
        return DEVICE_MISUSED;
    return event;
}

static void turn(struct frontend *f, enum device_event event) {
    struct device_view view;

    event = choose(f, event);
    for (unsigned i = 0; i < TURNS && look(f, &view); i++) {
        struct device_move move = device_next(f->phase, event, view);
        long error = carry_out(f, move.action);
        if (error)
            log_warn("%s: misused or of no use (%d)", f->path, (int)error);
        f->phase = move.phase;
        if (move.phase == DEVICE_GONE) {
            drop(f);
            return;
        }
        if (move.action == DEVICE_MAKE && f->ops->is_first)
            move.state = XenbusStateConnected;
        if (move.state != XenbusStateUnknown && !error)
            write_state(f, move.state);
        if (move.is_last && !error)
            return;
        event = error ? DEVICE_MISUSED : DEVICE_SEEN;
    }
}

/* --- all of a kind ------------------------------------------------------------------ */

static bool is_waited_for(const struct frontend *f) {
    return f->phase == DEVICE_NEW || f->phase == DEVICE_OFFERED;
}

static void count_unsettled(struct frontend_class *class) {
    uint32_t count = 0;

    for (struct list *at = class->devices.next; at != &class->devices; at = at->next)
        count += is_waited_for(LIST_RECORD(at, struct frontend, node));
    __atomic_store_n(&class->unsettled, count, __ATOMIC_SEQ_CST);
}

static void state_changed(struct store_watch *watch) {
    struct frontend *f = LIST_RECORD(watch, struct frontend, watch);
    struct frontend_class *class = f->class;

    turn(f, DEVICE_TOLD);
    count_unsettled(class);
}

static bool read_domain(const struct frontend *f, domid_t *domain) {
    char text[8];
    unsigned number = 0;

    if (!frontend_read_own(f, "backend-id", text, sizeof text))
        return false;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9')
            return false;
        number = number * 10 + (unsigned)(*at - '0');
    }
    *domain = (domid_t)number;
    return number < DOMID_FIRST_RESERVED;
}

/* Where the other end is; true if that is news. */
static bool find_backend(struct frontend *f) {
    char backend[FRONTEND_PATH];
    domid_t other;

    if (!frontend_read_own(f, "backend", backend, sizeof backend) ||
        !read_domain(f, &other) || (!strcmp(backend, f->backend) && other == f->other))
        return false;
    stop_watching(f);
    memcpy(f->backend, backend, sizeof backend);
    f->other = other;
    return true;
}

/* The watch's first event is what makes the device begin. */
static void follow(struct frontend *f) {
    bool is_first = !*f->backend;

    if (!find_backend(f))
        return;
    if (!is_first)
        turn(f, DEVICE_RESUMED);
    format(f->watched, sizeof f->watched, "%s/state", f->backend);
    ready_init(&f->watch.ready);
    f->watch.run = state_changed;
    if (store_watch_add(&f->watch, f->watched))
        *f->watched = '\0';
}

static struct frontend *find(const struct frontend_class *class, const char *name) {
    for (struct list *at = class->devices.next; at != &class->devices; at = at->next) {
        struct frontend *f = LIST_RECORD(at, struct frontend, node);
        if (!strcmp(f->name, name))
            return f;
    }
    return NULL;
}

static void add(struct frontend_class *class, const char *name) {
    struct frontend *f = strlen(name) < FRONTEND_NAME ? class->ops->add(name) : NULL;

    if (!f)
        return;
    f->ops = class->ops;
    f->class = class;
    f->resumes = __atomic_load_n(&resumes, __ATOMIC_SEQ_CST);
    memcpy(f->name, name, strlen(name) + 1);
    format(f->path, sizeof f->path, "%s/%s", class->ops->path, name);
    list_insert(&f->node, &class->devices);
}

struct listing {
    struct store_names names;
    struct frontend_class *class;
};

/* Of names that are forgotten again the device soon sees that it is no more. */
static void add_listed(struct store_names *names, size_t before, const char *piece,
                       size_t size) {
    struct frontend_class *class = ((struct listing *)names)->class;

    (void)before;
    for (size_t at = 0; at < size; at += strlen(piece + at) + 1)
        if (!find(class, piece + at))
            add(class, piece + at);
}

/* A device that is no more sees that itself. */
static void list_changed(struct store_watch *watch) {
    struct frontend_class *class = LIST_RECORD(watch, struct frontend_class, watch);
    struct listing listing = {{add_listed}, class};
    long n = store_list(0, class->ops->path, &listing.names);

    if (n < 0 && n != -ENOENT)
        return;
    for (struct list *at = class->devices.next, *next; at != &class->devices; at = next) {
        struct frontend *f = LIST_RECORD(at, struct frontend, node);
        next = at->next;
        follow(f);
        turn(f, DEVICE_SEEN);
    }
    count_unsettled(class);
    __atomic_store_n(&class->is_listed, true, __ATOMIC_SEQ_CST);
}

/* --- from outside ------------------------------------------------------------------- */

static struct frontend_class *classes[4];

static void go_on(bool is_elsewhere) {
    if (is_elsewhere)
        frontend_resume();
}

long frontend_start(struct frontend_class *class) {
    static struct suspend_step step = {.order = SUSPEND_DEVICES, .go_on = go_on};

    list_init(&class->devices);
    ready_init(&class->watch.ready);
    class->watch.run = list_changed;
    suspend_add(&step);
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++)
        if (!classes[i]) {
            classes[i] = class;
            break;
        }
    return store_watch_add(&class->watch, class->ops->path);
}

bool frontend_is_settled(const struct frontend_class *class) {
    return __atomic_load_n(&class->is_listed, __ATOMIC_SEQ_CST) &&
           !__atomic_load_n(&class->unsettled, __ATOMIC_SEQ_CST);
}

void frontend_misused(struct frontend *f) {
    __atomic_store_n(&f->is_misused, true, __ATOMIC_SEQ_CST);
    store_watch_wake(&f->class->watch);
}

void frontend_resume(void) {
    __atomic_add_fetch(&resumes, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < ARRAY_SIZE(classes) && classes[i]; i++)
        store_watch_wake(&classes[i]->watch);
}
