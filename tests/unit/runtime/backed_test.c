/* SPDX-License-Identifier: MIT */
/*
 * The page cache of files on devices (fs/backed.h), with all that is below it on the fake
 * machine and a device that completes late, out of order, in parts and, if it is told to,
 * with errors. Threads read, write, map, make longer and shorter, sync and run out of
 * memory against a model of the file; in the end the device has what the model has.
 *
 * Threads are the build host's, of which one runs until it sleeps. Nobody is woken without
 * a cause: if all sleep a wake was lost.
 */
#include "fs/backed.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fs/backed_parts.h"
#include "fs/keeper.h"
#include "fs/mount.h"
#include "fs/vnode.h"
#include "init/shutdown.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/access.h"
#include "pv/trap.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "sched/hooks.h"
#include "sched/schedule.h"
#include "signal/fault.h"
#include "space_model.h"
#include "test.h"
#include "xen/time.h"

enum {
    USERS = 4,
    DEVICE = USERS,
    KEEPER,
    THREADS,
    PAGES = 300, /* the file has at most */
    MAPPED = 64, /* from page 0 on, shared */
    LONGEST = 5 * PAGE_SIZE,
    REQUESTS = 512,
    ANON = 275, /* more than there is but for what is dirty: see fill_memory */
};

static const unsigned long base = MODEL_HEAP_END;

static char disk[PAGES * PAGE_SIZE], model[PAGES * PAGE_SIZE];
static unsigned version[PAGES]; /* changes of the model */
static bool unsure[PAGES];      /* a write has failed: who knows what is there later */
static struct backed file;
static struct vnode *vnode;
static unsigned fail_one_in, failed_fills, failed_writes, fills, steps_left, running;
static uint64_t now = 1;
static void (*step)(void);

/* --- threads ------------------------------------------------------------------------- */

static struct thread actors[THREADS];
static uint64_t until[THREADS];
static bool ended[THREADS], stopping, keeper_runs;
static unsigned turn;
static pthread_mutex_t baton = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed[THREADS];

struct thread *thread_current(void) {
    return &actors[turn];
}

static bool is_ready(unsigned i) {
    return !ended[i] && actors[i].state == THREAD_READY && (i != KEEPER || keeper_runs);
}

static unsigned pick(void) {
    unsigned found = THREADS, seen = 0;

    for (unsigned i = 0; i < THREADS; i++)
        if (is_ready(i) && random_one_in(++seen))
            found = i;
    return found;
}

/* Time goes by only if nobody has anything else to do. */
static unsigned pick_late(void) {
    unsigned found = THREADS;

    for (unsigned i = 0; i < THREADS; i++)
        if (!ended[i] && until[i] && (found == THREADS || until[i] < until[found]))
            found = i;
    REQUIRE_SAYING(found < THREADS, "all threads sleep");
    now = until[found] > now ? until[found] : now;
    thread_wake(&actors[found], WAKE_TIMEOUT);
    return found;
}

static void pass(void) {
    unsigned self = turn;

    turn = pick();
    if (turn == THREADS)
        turn = pick_late();
    if (turn == self)
        return;
    pthread_cond_signal(&passed[turn]);
    while (turn != self && !ended[self])
        pthread_cond_wait(&passed[self], &baton);
}

void thread_prepare(bool interruptible) {
    REQUIRE(!interruptible);
    thread_current()->state = THREAD_SLEEPING;
}

enum wake thread_sleep(uint64_t limit) {
    unsigned self = turn;

    until[self] = limit;
    while (actors[self].state == THREAD_SLEEPING)
        pass();
    until[self] = 0;
    return actors[self].wake;
}

enum handled thread_finish(void) {
    return HANDLED_NONE;
}

bool thread_wake(struct thread *t, enum wake reason) {
    bool woken = t->state == THREAD_SLEEPING;

    t->state = THREAD_READY;
    t->wake = (uint8_t)reason;
    return woken;
}

void schedule_leave(struct frame *f) {
    (void)f;
    thread_sleep(0);
}

struct thread *thread_make_own(void (*run)(void), unsigned long stack_end) {
    (void)run, (void)stack_end;
    return &actors[KEEPER];
}

void schedule_add(struct thread *t) {
    REQUIRE(t == &actors[KEEPER]);
    keeper_runs = true;
}

static struct mutex *waits_for[THREADS];

static void wait_for_mutex(struct mutex *mutex) {
    if (mutex->word != 2)
        return;
    waits_for[turn] = mutex;
    thread_prepare(false);
    thread_sleep(0);
}

static void wake_for_mutex(struct mutex *mutex) {
    for (unsigned i = 0; i < THREADS; i++)
        if (waits_for[i] == mutex) {
            waits_for[i] = NULL;
            thread_wake(&actors[i], WAKE_EVENT);
        }
}

static const struct scheduler fake = {.mutex_wait = wait_for_mutex,
                                      .mutex_wake = wake_for_mutex};
const struct scheduler *scheduler = &fake;

void scheduler_start(void) {}

void events_on(void) {}

unsigned long space_make_own_stack(size_t size) {
    return size;
}

void space_free_own_stack(unsigned long start, size_t size) {
    (void)start, (void)size;
}

uint64_t xen_time_system(void) {
    return now;
}

uint64_t xen_time_wall_base(void) {
    return 0;
}

void mount_free(struct mount *mount) {
    REQUIRE_SAYING(false, "%p", (void *)mount);
}

void (*fault_wait)(struct frame *f);
void (*shutdown_prepare)(void);
bool (*access_retry)(void);

/* --- the program's memory ------------------------------------------------------------ */

static bool allows(unsigned long va, bool write) {
    pte_t pte = pt_get(va);

    return pte & PTE_PRESENT && (!write || pte & PTE_WRITE);
}

/* The signal, or 0: then it can be accessed until the thread sleeps. */
static int touch(unsigned long va, bool write) {
    struct frame f;
    int code;

    while (!allows(va, write)) {
        int signal = space_fault(va, write ? FAULT_WRITE : 0, &code);
        if (signal == SPACE_WAIT)
            fault_wait(&f);
        else if (signal)
            return signal;
    }
    return 0;
}

static bool is_own(unsigned long va) {
    return va - base < PAGES * PAGE_SIZE;
}

static long copy(void *to, const void *from, size_t size, unsigned long user, bool write) {
    while (size) {
        size_t n = is_own(user) ? MIN(size, PAGE_SIZE - user % PAGE_SIZE) : size;
        if (is_own(user) && touch(user, write))
            return -EFAULT;
        char *page = is_own(user) ? machine_frame(pt_frame(pt_get(user))) : NULL;
        char *at = page ? page + user % PAGE_SIZE : (char *)user;
        memcpy(write ? at : to, write ? from : at, n);
        user += n;
        size -= n;
        to = (char *)to + n;
        from = (const char *)from + n;
    }
    return 0;
}

long user_read(void *to, const void *from, size_t size) {
    return copy(to, from, size, (unsigned long)from, false);
}

long user_write(void *to, const void *from, size_t size) {
    return copy(to, from, size, (unsigned long)to, true);
}

long user_cas32(void *at, uint32_t old, uint32_t new, uint32_t *found) {
    REQUIRE(old == 0 && new == 0);
    return touch((unsigned long)at, true) ? -EFAULT : user_read(found, at, sizeof *found);
}

/* --- the device ---------------------------------------------------------------------- */

static struct request {
    unsigned long first;
    size_t count;
    bool write;
} requests[REQUESTS];
static unsigned pending;
static uint8_t in_flight[PAGES];

static void submit(unsigned long first, size_t count, bool write) {
    REQUIRE(count && first + count <= PAGES && pending < REQUESTS);
    for (unsigned long i = first; i < first + count; i++)
        REQUIRE_SAYING(!in_flight[i]++, "page %lu is in flight twice", i);
    requests[pending++] = (struct request){first, count, write};
    fills += !write;
    thread_wake(&actors[DEVICE], WAKE_EVENT);
    if (random_one_in(4)) /* it has to wait for something */
        pass();
}

static void fill(struct backed *b, unsigned long first, size_t count) {
    REQUIRE(b == &file);
    submit(first, count, false);
}

static void write_out(struct backed *b, unsigned long first, size_t count) {
    REQUIRE(b == &file);
    submit(first, count, true);
}

static const struct backed_ops device_ops = {.fill = fill, .write = write_out};

static void move_page(unsigned long index, bool write) {
    char *page = backed_in_flight(&file, index), *at = disk + index * PAGE_SIZE;
    uint64_t size = (uint64_t)vnode->size, start = index * PAGE_SIZE;
    size_t n = size > start ? MIN(size - start, PAGE_SIZE) : 0;

    REQUIRE(page);
    if (write) {
        memcpy(at, page, PAGE_SIZE);
        return;
    }
    for (size_t i = 0; i < PAGE_SIZE; i++)
        REQUIRE(!page[i]);
    memcpy(page, at, n);
}

/* Some of the pages of some request, from its beginning or its end. */
static void complete(void) {
    struct request *r = &requests[random_below(pending)];
    size_t n = random_one_in(2) ? r->count : random_between(1, r->count);
    unsigned long first = random_one_in(2) ? r->first : r->first + r->count - n;
    bool write = r->write, fails = fail_one_in && random_one_in(fail_one_in);

    if (first == r->first)
        r->first += n;
    r->count -= n;
    if (!r->count)
        *r = requests[--pending];
    for (unsigned long i = first; i < first + n; i++) {
        in_flight[i] = 0;
        if (!fails)
            move_page(i, write);
        else if (write)
            unsure[i] = true;
    }
    failed_writes += fails && write;
    failed_fills += fails && !write;
    (write ? backed_written : backed_filled)(&file, first, n, fails ? -EIO : 0);
}

/* --- what threads do ----------------------------------------------------------------- */

static char buffers[USERS][LONGEST];

static void verify(const char *is, int64_t at, size_t size, const unsigned *before) {
    for (size_t i = 0; i < size; i++) {
        unsigned long page = ((size_t)at + i) / PAGE_SIZE;
        if (before[page] == version[page] && !unsure[page])
            REQUIRE_SAYING(is[i] == model[(size_t)at + i], "byte %ld: %d, not %d",
                           (long)at + (long)i, is[i], model[(size_t)at + i]);
    }
}

static int64_t random_position(void) {
    return (int64_t)random_below(PAGES * PAGE_SIZE - LONGEST);
}

static size_t random_size(void) {
    return random_one_in(2) ? random_between(1, LONGEST) : random_between(1, 300);
}

static struct ahead aheads[USERS];
static int64_t places[USERS];

static void do_read(void) {
    unsigned before[PAGES];
    bool goes_on = !random_one_in(4);
    int64_t at = goes_on ? places[turn] : random_position();
    size_t size = random_size();
    struct transfer t = transfer_own(buffers[turn], size);
    char *buffer = buffers[turn];

    memcpy(before, version, sizeof before);
    t.ahead = random_one_in(8) ? NULL : &aheads[turn];
    unsigned self = turn, failures = failed_fills;
    mutex_take(&vnode->lock);
    int64_t length = vnode->size;
    long n = backed_read(&file, &t, at);
    bool changed = length != vnode->size;
    mutex_drop(&vnode->lock);
    REQUIRE(turn == self);
    if (n < 0) {
        REQUIRE_SAYING((n == -EIO && failed_fills > failures) || n == -ENOMEM, "%ld", n);
        return;
    }
    int64_t there = at < length ? MIN(length - at, (int64_t)size) : 0;
    REQUIRE(n <= (long)size && (n == there || changed || failed_fills > failures));
    verify(buffer, at, (size_t)n, before);
    places[self] = at + n < PAGES * (int64_t)PAGE_SIZE - LONGEST ? at + n : 0;
}

static void changed(int64_t at, size_t size) {
    for (unsigned long i = (size_t)at / PAGE_SIZE; i <= ((size_t)at + size - 1) / PAGE_SIZE;
         i++)
        version[i]++;
}

/* Page by page, so that the model changes when the file does. */
static void do_write(void) {
    char *buffer = buffers[turn];
    int64_t at = random_position();
    size_t size = random_size();

    if (random_one_in(3)) {
        at = (int64_t)ROUND_DOWN((size_t)at, PAGE_SIZE);
        size = PAGE_SIZE;
    }
    for (size_t i = 0; i < size; i++)
        buffer[i] = (char)random_next();
    mutex_take(&vnode->lock);
    for (size_t done = 0, n; done < size; done += n, at += (int64_t)n) {
        n = MIN(PAGE_SIZE - (size_t)at % PAGE_SIZE, size - done);
        struct transfer t = transfer_own(buffer + done, n);
        unsigned failures = failed_fills;
        long is = backed_write(&file, &t, at);
        if (is < 0) {
            REQUIRE_SAYING((is == -EIO && failed_fills > failures) || is == -ENOMEM, "%ld",
                           is);
            break;
        }
        REQUIRE(is == (long)n);
        memcpy(model + at, buffer + done, n);
        changed(at, n);
    }
    mutex_drop(&vnode->lock);
}

static void do_resize(void) {
    int64_t size = random_position();

    mutex_take(&vnode->lock);
    int64_t old = vnode->size;
    long error = backed_resize(&file, size);
    REQUIRE(!error || ((error == -EIO && failed_fills) || error == -ENOMEM));
    if (!error && size < old) {
        memset(model + size, 0, (size_t)(PAGES * (int64_t)PAGE_SIZE - size));
        memset(disk + size, 0, (size_t)(PAGES * (int64_t)PAGE_SIZE - size));
        changed(size, PAGES * PAGE_SIZE - (size_t)size);
    }
    mutex_drop(&vnode->lock);
}

/* The program reads or writes a mapping. */
static void do_touch(void) {
    unsigned long index = random_below(MAPPED);
    size_t at = index * PAGE_SIZE + random_below(PAGE_SIZE);
    bool write = random_one_in(2);
    unsigned failures = failed_fills;
    int signal = touch(base + at, write);
    bool beyond = index >= file.cache.limit;

    if (signal) {
        REQUIRE(signal == SIGBUS && (beyond || failed_fills > failures));
        return;
    }
    REQUIRE(!beyond);
    char *byte = (char *)machine_frame(pt_frame(pt_get(base + at))) + at % PAGE_SIZE;
    if (at >= (size_t)vnode->size) /* whatever was written there: it goes */
        return;
    REQUIRE(unsure[index] || *byte == model[at]);
    if (!write)
        return;
    REQUIRE(pagetree_marks(&file.cache.tree, index) & BACKED_DIRTY);
    *byte = model[at] = (char)random_next();
    changed((int64_t)at, 1);
}

/* A buffer that is a mapping of the file itself, perhaps of the same page. */
static void do_copy(void) {
    unsigned long from = random_below(MAPPED), to = random_below(MAPPED);
    size_t size = random_between(1, PAGE_SIZE);
    struct transfer t = transfer_buffer((void *)(base + from * PAGE_SIZE), size);

    mutex_take(&vnode->lock);
    if (random_one_in(2))
        backed_read(&file, &t, (int64_t)(to * PAGE_SIZE));
    else
        backed_write(&file, &t, (int64_t)(to * PAGE_SIZE));
    /* whatever it was, by now it is that */
    for (int k = 0; k < 2; k++) {
        unsigned long index = k ? from : to;
        unsigned marks;
        char *page = backed_look(&file, index, &marks);
        if (!page || marks & BACKED_FILLING)
            page = disk + index * PAGE_SIZE;
        for (size_t at = index * PAGE_SIZE, i = 0; i < PAGE_SIZE; i++)
            model[at + i] = at + i < (size_t)vnode->size ? page[i] : 0;
        changed((int64_t)(index * PAGE_SIZE), PAGE_SIZE);
    }
    mutex_drop(&vnode->lock);
}

static void do_sync(void) {
    uint32_t seen = vnode_seen(vnode);
    unsigned failures = failed_writes;
    bool untold = vnode->failures & 1 ? false : vnode->failures;
    unsigned long first = random_one_in(2) ? 0 : random_below(PAGES);
    long error = backed_sync(&file, first, random_one_in(2) ? CACHE_END : first + 20);

    REQUIRE(!error || (error == -EIO && failed_writes > failures));
    long told = vnode_failure(vnode, &seen);
    REQUIRE(!told || told == -EIO);
    REQUIRE(told || (!untold && !error) || vnode->failures & 1);
    REQUIRE(!vnode_failure(vnode, &seen) || failed_writes > failures);
}

static void do_advise(void) {
    backed_advise(&file, random_position(), random_position(),
                  random_one_in(2) ? POSIX_FADV_WILLNEED : POSIX_FADV_DONTNEED);
}

static void do_reclaim(void) {
    lock_take(&mm_lock);
    for (int i = 0; i < 3; i++)
        backing_make_room();
    lock_drop(&mm_lock);
}

static void do_populate(void) {
    unsigned long start = base + random_below(MAPPED - 8) * PAGE_SIZE;
    unsigned failures = failed_fills;

    if (fail_one_in) /* it would try again and again, as often as it is told to */
        return;
    long error =
        space_populate(start, 8 * PAGE_SIZE, random_one_in(2) ? SPACE_READ : SPACE_WRITE);
    REQUIRE(!error || error == -EFAULT || failed_fills > failures);
}

static void do_wait(void) {
    thread_prepare(false);
    thread_sleep(now + random_below(3 * KEEPER_AGE));
}

static void step_all(void) {
    static void (*const kinds[])(void) = {
        do_read,  do_read,   do_read,  do_read,    do_read,    do_write, do_write,
        do_write, do_touch,  do_touch, do_touch,   do_touch,   do_sync,  do_resize,
        do_copy,  do_advise, do_wait,  do_reclaim, do_populate};

    kinds[random_below(ARRAY_SIZE(kinds))]();
}

static void user(void) {
    while (steps_left) {
        steps_left--;
        step();
        if (random_one_in(3))
            pass();
    }
    if (--running)
        return;
    stopping = true;
    keeper_wake();
}

static void device(void) {
    while (!stopping || pending) {
        if (pending && random_one_in(2))
            complete();
        if (pending || !random_one_in(4)) {
            pass();
            continue;
        }
        thread_prepare(false); /* so that time can go by */
        thread_sleep(now + NS_PER_SEC);
    }
}

static void *host_thread(void *number) {
    unsigned self = (unsigned)(size_t)number;

    pthread_mutex_lock(&baton);
    while (turn != self)
        pthread_cond_wait(&passed[self], &baton);
    if (self == DEVICE)
        device();
    else if (self == KEEPER)
        while (!stopping)
            keeper_turn();
    else
        user();
    ended[self] = true;
    bool all = true;
    for (unsigned i = 0; i < THREADS; i++)
        all &= ended[i];
    if (!all)
        pass();
    pthread_mutex_unlock(&baton);
    return NULL;
}

static void run_threads(void (*body)(void), unsigned steps) {
    pthread_t hosts[THREADS];

    step = body;
    steps_left = steps;
    running = USERS;
    stopping = false;
    turn = THREADS;
    memset(ended, 0, sizeof ended);
    for (size_t i = 0; i < THREADS; i++)
        REQUIRE(!pthread_cond_init(&passed[i], NULL) &&
                !pthread_create(&hosts[i], NULL, host_thread, (void *)i));
    pthread_mutex_lock(&baton);
    turn = 0;
    pthread_cond_signal(&passed[0]);
    pthread_mutex_unlock(&baton);
    for (size_t i = 0; i < THREADS; i++)
        REQUIRE(!pthread_join(hosts[i], NULL));
    turn = 0;
}

/* --- runs ---------------------------------------------------------------------------- */

static const struct vnode_ops no_ops;

static size_t start(size_t frames, size_t pages) {
    struct machine_plan plan = {.frames = frames, .mapped_end = 200, .hole = frames};

    model_start(&plan);
    vnode = vnode_make(NULL, &no_ops, 0100600);
    REQUIRE(vnode);
    vnode->size = (int64_t)(pages * PAGE_SIZE);
    for (size_t i = 0; i < pages * PAGE_SIZE; i++)
        disk[i] = model[i] = (char)random_next();
    size_t before = page_count_free();
    REQUIRE(!backed_init(&file, vnode, &device_ops));
    return before;
}

static void map(void) {
    long at = space_map_object(base, MAPPED * PAGE_SIZE, PROT_READ | PROT_WRITE,
                               MAP_FIXED | MAP_SHARED, backed_object(&file), 0);

    REQUIRE(at == (long)base);
}

/* Without other threads: the device completes while this one sleeps. */
static void sync_once(void) {
    REQUIRE(!backed_sync(&file, 0, CACHE_END) || fail_one_in);
}

static void finish(size_t before) {
    fail_one_in = 0;
    run_threads(sync_once, 1);
    REQUIRE(!pending && !backed_unstable && !file.dirty && !file.busy);
    for (unsigned long i = 0; i < PAGES; i++)
        REQUIRE_SAYING(unsure[i] ||
                           !memcmp(disk + i * PAGE_SIZE, model + i * PAGE_SIZE, PAGE_SIZE),
                       "page %lu", i);
    space_unmap(base, MAPPED * PAGE_SIZE);
    REQUIRE(vnode->references == 1);
    backed_free(&file);
    REQUIRE(!backing_kept && !file.cache.pages && !file.cache.tree.root);
    backing_sweep();
    size_t free = page_count_free();
    REQUIRE_SAYING(free + 12 >= before, "%zu of %zu pages are free", free, before);
}

static void run_all(size_t frames) {
    size_t before = start(frames, random_between(1, PAGES - 10));

    map();
    run_threads(step_all, 5000);
    finish(before);
}

static void run_with_much_memory(void) {
    run_all(MACHINE_FRAMES);
}

static void run_with_little_memory(void) {
    run_all(random_between(300, 420));
}

static void run_with_errors(void) {
    fail_one_in = (unsigned)random_between(2, 12);
    run_all(random_one_in(2) ? MACHINE_FRAMES : 360);
    REQUIRE(failed_fills && failed_writes);
}

/* --- what a random run does not show ------------------------------------------------- */

static void read_page_7(void) {
    char byte;
    struct transfer t = transfer_own(&byte, 1);

    mutex_take(&vnode->lock);
    REQUIRE(backed_read(&file, &t, 7 * PAGE_SIZE) == 1 && byte == disk[7 * PAGE_SIZE]);
    mutex_drop(&vnode->lock);
    REQUIRE(!touch(base + 7 * PAGE_SIZE, false));
}

/* However many want a page, it is asked for once. */
static void run_same_page(void) {
    start(MACHINE_FRAMES, 100);
    map();
    run_threads(read_page_7, USERS);
    REQUIRE_SAYING(fills == 1, "%u requests", fills);
}

static void read_in_order(void) {
    static char all[200 * PAGE_SIZE];
    static struct ahead ahead;

    for (size_t at = 0; at < sizeof all; at += 1000) {
        struct transfer t = transfer_own(all + at, MIN(1000ul, sizeof all - at));
        t.ahead = &ahead;
        mutex_take(&vnode->lock);
        REQUIRE(backed_read(&file, &t, (int64_t)at) == (long)MIN(1000ul, sizeof all - at));
        mutex_drop(&vnode->lock);
    }
    REQUIRE(!memcmp(all, disk, sizeof all) && ahead.window == 32);
}

/* Windows of 4, 8, 16 and then 32 pages. */
static void run_read_ahead(void) {
    start(MACHINE_FRAMES, 200);
    run_threads(read_in_order, 1);
    REQUIRE_SAYING(fills >= 8 && fills <= 10, "%u requests", fills);
}

static void read_at_random(void) {
    static struct ahead ahead = {.mode = AHEAD_RANDOM};
    char byte;

    for (int i = 0; i < 50; i++) {
        struct transfer t = transfer_own(&byte, 1);
        t.ahead = &ahead;
        mutex_take(&vnode->lock);
        REQUIRE(backed_read(&file, &t, (int64_t)(i * PAGE_SIZE)) == 1);
        mutex_drop(&vnode->lock);
    }
}

static void run_random(void) {
    start(MACHINE_FRAMES, 200);
    run_threads(read_at_random, 1);
    REQUIRE(fills == 50 && backing_kept == 50);
}

static void write_and_wait(void) {
    char byte = 'x';
    struct transfer t = transfer_own(&byte, 1);

    mutex_take(&vnode->lock);
    REQUIRE(backed_write(&file, &t, 5) == 1 && file.dirty == 1);
    mutex_drop(&vnode->lock);
    REQUIRE(!touch(base + PAGE_SIZE, true));
    *((char *)machine_frame(pt_frame(pt_get(base + PAGE_SIZE))) + 9) = 'y';
    thread_prepare(false);
    thread_sleep(now + KEEPER_AGE - NS_PER_SEC);
    REQUIRE(file.dirty == 2 && disk[5] != 'x');
    thread_prepare(false);
    thread_sleep(now + 2 * KEEPER_AGE);
    REQUIRE(!file.dirty && disk[5] == 'x' && disk[PAGE_SIZE + 9] == 'y');
    REQUIRE(!allows(base + PAGE_SIZE, true) && allows(base + PAGE_SIZE, false));
}

/* What is dirty is written after a time, and mappings must ask again. */
static void run_age(void) {
    start(MACHINE_FRAMES, 20);
    for (size_t i = 0; i < 2 * PAGE_SIZE; i++)
        disk[i] = 0;
    map();
    run_threads(write_and_wait, 1);
}

static void fill_memory(void) {
    static char data[PAGES * PAGE_SIZE];
    struct transfer t = transfer_own(data, sizeof data);

    mutex_take(&vnode->lock);
    REQUIRE(backed_write(&file, &t, 0) == (long)sizeof data);
    mutex_drop(&vnode->lock);
    long at = space_map(0, ANON * PAGE_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
    REQUIRE(at > 0);
    REQUIRE(file.dirty);
    for (unsigned long i = 0; i < ANON; i++) /* the program's memory comes first */
        REQUIRE(!touch((unsigned long)at + i * PAGE_SIZE, true));
    REQUIRE(!space_unmap((unsigned long)at, ANON * PAGE_SIZE));
}

static void run_pressure(void) {
    start(340, 1);
    run_threads(fill_memory, 1);
    REQUIRE(backing_kept < PAGES);
}

static void fail_once(void) {
    uint32_t first = vnode_seen(vnode), second = vnode_seen(vnode);
    char byte = 'x';
    struct transfer t = transfer_own(&byte, 1);

    fail_one_in = 0;
    mutex_take(&vnode->lock);
    REQUIRE(backed_write(&file, &t, 5) == 1);
    mutex_drop(&vnode->lock);
    fail_one_in = 1;
    REQUIRE(backed_sync(&file, 0, CACHE_END) == -EIO);
    uint32_t third = vnode_seen(vnode);
    REQUIRE(vnode_failure(vnode, &first) == -EIO && !vnode_failure(vnode, &first));
    REQUIRE(vnode_failure(vnode, &second) == -EIO && !vnode_failure(vnode, &second));
    REQUIRE(vnode_failure(vnode, &third) == -EIO && !vnode_failure(vnode, &third));
    uint32_t fourth = vnode_seen(vnode);
    REQUIRE(!vnode_failure(vnode, &fourth));
    REQUIRE(touch(base + 30 * PAGE_SIZE, false) == SIGBUS);
    t = transfer_own(&byte, 1);
    mutex_take(&vnode->lock);
    REQUIRE(backed_read(&file, &t, 30 * PAGE_SIZE) == -EIO);
    fail_one_in = 0;
    REQUIRE(backed_read(&file, &t, 30 * PAGE_SIZE) == 1 && byte == disk[30 * PAGE_SIZE]);
    mutex_drop(&vnode->lock);
    REQUIRE(!touch(base + 30 * PAGE_SIZE, false));
}

static void run_failure(void) {
    start(MACHINE_FRAMES, 100);
    map();
    run_threads(fail_once, 1);
}

TEST(same_page) {
    CHECK(scenario_run("same page", run_same_page, 20, random_seed()));
}

TEST(read_ahead) {
    CHECK(scenario_run("read ahead", run_read_ahead, 5, random_seed()));
}

TEST(random_reads) {
    CHECK(scenario_run("random reads", run_random, 1, 0));
}

TEST(age) {
    CHECK(scenario_run("age", run_age, 5, random_seed()));
}

TEST(pressure) {
    CHECK(scenario_run("pressure", run_pressure, 5, random_seed()));
}

TEST(failure) {
    CHECK(scenario_run("failure", run_failure, 5, random_seed()));
}

TEST(much_memory) {
    CHECK(scenario_run("much memory", run_with_much_memory, 8, random_seed()));
}

TEST(little_memory) {
    CHECK(scenario_run("little memory", run_with_little_memory, 8, random_seed()));
}

TEST(errors) {
    CHECK(scenario_run("errors", run_with_errors, 8, random_seed()));
}
