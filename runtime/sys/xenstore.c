/* SPDX-License-Identifier: MIT */
/*
 * <atman/xenstore.h>: what programs may ask of xenstore. Not system calls, but the same
 * door: the program's memory is copied, since the store's event cannot wait for it.
 */
#include <atman/xenstore.h>
#include <errno.h>

#include "base/list.h"
#include "base/string.h"
#include "mm/heap.h"
#include "process/process.h"
#include "pv/access.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "sched/settle.h"
#include "sys/calls.h"
#include "xen/time.h"
#include "xenbus/request.h"
#include "xenbus/store.h"

enum { PATH_SIZE = XENSTORE_ABS_PATH_MAX + 1, VALUE_MOST = XENSTORE_PAYLOAD_MAX };

#define NS_PER_MS 1000000ull

static long copy_path(char *to, const char *path) {
    for (size_t i = 0; i < PATH_SIZE; i++) {
        if (user_read(to + i, path + i, 1))
            return -EFAULT;
        if (!to[i])
            return 0;
    }
    return -ENAMETOOLONG;
}

/* A copy of the path, in *copy, to be freed whatever the result. */
static long take_path(const char *path, char **copy) {
    *copy = NULL;
    if (!atman_is_guest || !wire_is_open())
        return -ENODEV;
    *copy = heap_alloc(PATH_SIZE);
    return *copy ? copy_path(*copy, path) : -ENOMEM;
}

/* What there is room for of a string of bytes, and a NUL behind it. */
static long give(char *to, size_t room, const char *bytes, size_t size) {
    size_t n = MIN(size, room);

    return user_write(to, bytes, n) || (n < room && user_write(to + n, "", 1)) ? -EFAULT
                                                                               : 0;
}

long atman_xenstore_read(uint32_t transaction, const char *path, void *value, size_t size) {
    char *buffer = NULL, *name;
    long result = take_path(path, &name);

    if (!result && !(buffer = heap_alloc(VALUE_MOST)))
        result = -ENOMEM;
    if (!result)
        result = store_read(transaction, name, buffer, VALUE_MOST);
    if (result >= 0 && give(value, size, buffer, MIN((size_t)result, (size_t)VALUE_MOST)))
        result = -EFAULT;
    heap_free(buffer);
    heap_free(name);
    return result;
}

struct listing {
    struct store_names names;
    char *to;
    size_t room;
    long error;
};

static void take_names(struct store_names *names, size_t before, const char *piece,
                       size_t size) {
    struct listing *l = (struct listing *)names;

    if (before > l->room || l->error)
        return;
    l->error = give(l->to + before, l->room - before, piece, size);
}

long atman_xenstore_list(uint32_t transaction, const char *path, char *names, size_t size) {
    struct listing listing = {{take_names}, names, size, 0};
    char *name;
    long result = take_path(path, &name);

    if (!result)
        result = store_list(transaction, name, &listing.names);
    heap_free(name);
    return result >= 0 && listing.error ? listing.error : result;
}

int atman_xenstore_write(uint32_t transaction, const char *path, const void *value,
                         size_t size) {
    char *buffer = NULL, *name;
    long result = take_path(path, &name);

    if (!result && size > VALUE_MOST)
        result = -E2BIG;
    if (!result && !(buffer = heap_alloc(size + !size)))
        result = -ENOMEM;
    if (!result)
        result = user_read(buffer, value, size);
    if (!result)
        result = store_write(transaction, name, buffer, size);
    heap_free(buffer);
    heap_free(name);
    return (int)result;
}

int atman_xenstore_remove(uint32_t transaction, const char *path) {
    char *name;
    long result = take_path(path, &name);

    if (!result)
        result = store_remove(transaction, name);
    heap_free(name);
    return (int)result;
}

int atman_xenstore_begin(uint32_t *transaction) {
    uint32_t begun;
    long result = atman_is_guest ? store_begin(&begun) : -ENODEV;

    if (!result && user_write(transaction, &begun, sizeof begun)) {
        store_end(begun, false);
        result = -EFAULT;
    }
    return (int)result;
}

int atman_xenstore_end(uint32_t transaction, int commit) {
    return atman_is_guest ? (int)store_end(transaction, commit) : -ENODEV;
}

/* One that a program has; there are few. */
struct watch_record {
    struct list node;
    int number;
    unsigned users; /* calls that wait, and the list while it is there */
    bool is_over;
    uint32_t told; /* events that a wait has returned for */
    struct store_watch watch;
    char *path;
};

static struct mutex mutex;
static struct list records = {&records, &records};
static int last_number;

/* Under the mutex. */
static struct watch_record *find(int number) {
    for (struct list *at = records.next; at != &records; at = at->next) {
        struct watch_record *r = LIST_RECORD(at, struct watch_record, node);
        if (r->number == number)
            return r;
    }
    return NULL;
}

static void free_record(struct watch_record *r) {
    if (r)
        heap_free(r->path);
    heap_free(r);
}

static void drop(struct watch_record *r) {
    mutex_take(&mutex);
    bool last = !--r->users;
    mutex_drop(&mutex);
    if (last)
        free_record(r);
}

static void keep(struct watch_record *r) {
    r->users = 1;
    mutex_take(&mutex);
    r->number = ++last_number;
    list_insert(&r->node, &records);
    mutex_drop(&mutex);
}

int atman_xenstore_watch(const char *path) {
    char *name;
    long result = take_path(path, &name);
    struct watch_record *r = result ? NULL : heap_alloc(sizeof *r);

    if (!r) {
        heap_free(name);
        return result ? (int)result : -ENOMEM;
    }
    r->path = name;
    ready_init(&r->watch.ready);
    result = store_watch_add(&r->watch, name);
    if (result) {
        free_record(r);
        return (int)result;
    }
    keep(r);
    return r->number;
}

static struct watch_record *use(int number) {
    mutex_take(&mutex);
    struct watch_record *r = find(number);
    if (r)
        r->users++;
    mutex_drop(&mutex);
    return r;
}

/* Of several that wait for one event, one is told of it. */
static bool has_news(struct watch_record *r, uint32_t *seen) {
    uint32_t told = __atomic_load_n(&r->told, __ATOMIC_SEQ_CST);

    *seen = ready_seen(&r->watch.ready);
    return *seen != told && __atomic_compare_exchange_n(&r->told, &told, *seen, false,
                                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static long wait(int number, uint64_t until) {
    struct watch_record *r = atman_is_guest ? use(number) : NULL;
    long result = r ? 0 : -EBADF;
    uint32_t seen;

    while (!result && !has_news(r, &seen))
        result = ready_sleep(&r->watch.ready, seen, until, false);
    if (r && __atomic_load_n(&r->is_over, __ATOMIC_SEQ_CST))
        result = -EBADF;
    if (r)
        drop(r);
    return result;
}

int atman_xenstore_wait(int number, int milliseconds) {
    uint64_t until = 0;
    long result;

    if (milliseconds >= 0)
        until = xen_time_system() + (uint64_t)milliseconds * NS_PER_MS;
    do {
        handlers_hold();
        result = wait(number, until);
    } while (handlers_settle(&result));
    return (int)result;
}

int atman_xenstore_unwatch(int number) {
    struct watch_record *r = NULL;

    if (!atman_is_guest)
        return -EBADF;
    mutex_take(&mutex);
    r = find(number);
    if (r)
        list_remove(&r->node);
    mutex_drop(&mutex);
    if (!r)
        return -EBADF;
    store_watch_remove(&r->watch);
    __atomic_store_n(&r->is_over, true, __ATOMIC_SEQ_CST);
    ready_notify(&r->watch.ready, 0);
    drop(r);
    return 0;
}
