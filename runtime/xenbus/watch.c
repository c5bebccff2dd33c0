/* SPDX-License-Identifier: MIT */
/*
 * Watches. An event is noted by the handler of the store's port; what is to be run is run
 * by a thread of the runtime's own, there from the first watch with a run on.
 */
#include <errno.h>
#include <poll.h>

#include "base/format.h"
#include "base/string.h"
#include "sched/apart.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "sched/thread.h"
#include "xen/suspend.h"
#include "xenbus/request.h"
#include "xenbus/store.h"
#include "xenbus/wire.h"

enum { TOKEN = 9 }; /* bytes: eight hexadecimal digits */

static struct list watches = {&watches, &watches}, due = {&due, &due};
static uint32_t last_id;
static void (*watched_before)(const char *token);
static struct ready work = {.lock = LOCK_INIT(LOCK_READY)};
static struct mutex starting, running;
static struct thread *runner;

static void make_token(char *token, uint32_t id) {
    format(token, TOKEN, "%x", id);
}

/* Under the lock. */
static void note(struct store_watch *w) {
    if (w->run && !w->is_due) {
        w->is_due = true;
        list_insert(&w->due, &due);
        ready_notify(&work, POLLIN);
    }
    ready_notify(&w->ready, POLLIN);
}

/* Under the lock, in the handler. Late events of a watch that was removed find none. */
static void watched(const char *token) {
    char mine[TOKEN];

    watched_before(token);
    for (struct list *at = watches.next; at != &watches; at = at->next) {
        struct store_watch *w = LIST_RECORD(at, struct store_watch, node);
        make_token(mine, w->id);
        if (!strcmp(mine, token))
            note(w);
    }
}

void store_watch_wake(struct store_watch *w) {
    lock_take(&wire_lock);
    note(w);
    lock_drop(&wire_lock);
}

static struct store_watch *take_due(void) {
    struct store_watch *w = NULL;

    lock_take(&wire_lock);
    if (!list_is_empty(&due)) {
        w = LIST_RECORD(due.next, struct store_watch, due);
        list_remove(&w->due);
        w->is_due = false;
    }
    lock_drop(&wire_lock);
    return w;
}

static void run(void) {
    runner = thread_current();
    for (;;) {
        uint32_t seen = ready_seen(&work);
        mutex_take(&running);
        struct store_watch *w = take_due();
        if (w)
            w->run(w);
        mutex_drop(&running);
        if (!w)
            ready_sleep(&work, seen, 0, true);
    }
}

/*
 * The store has forgotten all watches: it is asked again, for one after the other. Its
 * first event of each comes then, as after any change.
 */
static char again_token[TOKEN];
static struct wire_request again = {.head.type = XS_WATCH};
static bool is_asking; /* again is in use */

static struct store_watch *find_lost(void) {
    for (struct list *at = watches.next; at != &watches; at = at->next) {
        struct store_watch *w = LIST_RECORD(at, struct store_watch, node);
        if (w->is_lost)
            return w;
    }
    return NULL;
}

/* Under the lock. A watch that is being removed is named no more, or before that is asked.
 */
static void ask_again(struct wire_request *r) {
    struct store_watch *w = find_lost();

    is_asking = w;
    if (!w)
        return;
    w->is_lost = false;
    make_token(again_token, w->id);
    r->parts[0] = request_text(w->path);
    r->parts[1] = request_text(again_token);
    r->done = ask_again;
    wire_append(r);
}

static void go_on(bool is_elsewhere) {
    if (!is_elsewhere)
        return;
    lock_take(&wire_lock);
    for (struct list *at = watches.next; at != &watches; at = at->next)
        LIST_RECORD(at, struct store_watch, node)->is_lost = true;
    if (!is_asking)
        ask_again(&again);
    lock_drop(&wire_lock);
    wire_pump();
}

static struct suspend_step suspend_step = {.order = SUSPEND_WATCHES, .go_on = go_on};

static long start(const struct store_watch *w) {
    static bool is_running;
    long error = 0;

    scheduler_start();
    mutex_take(&starting);
    if (!watched_before) {
        watched_before = wire_watched;
        wire_watched = watched;
    }
    suspend_add(&suspend_step);
    if (w->run && !is_running) {
        is_running = run_apart(run);
        error = is_running ? 0 : -ENOMEM;
    }
    mutex_drop(&starting);
    return error;
}

static void forget(struct store_watch *w) {
    lock_take(&wire_lock);
    list_remove(&w->node);
    if (w->is_due)
        list_remove(&w->due);
    w->is_due = false;
    lock_drop(&wire_lock);
}

static long tell(const struct store_watch *w, uint32_t type) {
    char token[TOKEN];

    make_token(token, w->id);
    return request(type, 0, request_text(w->path), request_text(token), NULL, 0);
}

long store_watch_add(struct store_watch *w, const char *path) {
    if (!wire_is_open())
        return -ENODEV;
    long error = start(w);
    if (error)
        return error;
    w->path = path;
    w->is_due = w->is_lost = false;
    lock_take(&wire_lock);
    w->id = ++last_id;
    list_insert(&w->node, &watches);
    lock_drop(&wire_lock);
    error = tell(w, XS_WATCH);
    if (error >= 0)
        return 0;
    forget(w);
    return error;
}

void store_watch_remove(struct store_watch *w) {
    bool waits = w->run && thread_current() != runner;

    lock_take(&wire_lock);
    w->is_lost = false;
    lock_drop(&wire_lock);
    tell(w, XS_UNWATCH);
    forget(w);
    if (waits) {
        mutex_take(&running);
        mutex_drop(&running);
    }
}
