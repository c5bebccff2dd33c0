/* SPDX-License-Identifier: MIT */
/*
 * set_robust_list and get_robust_list: what a thread holds when it ends is marked, and one
 * who waits is woken; lists that are wrong or endless harm nobody.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

#include <stddef.h>
#include <sys/mman.h>

struct link {
    struct link *next;
};

struct head {
    struct link *first; /* the last one points back here */
    long offset;        /* from a link to its word */
    struct link *pending;
};

struct robust_lock {
    long before;
    volatile int word;
    long between;
    struct link link;
};

enum {
    OFFSET =
        (long)offsetof(struct robust_lock, word) - (long)offsetof(struct robust_lock, link)
};

enum { LOCKS = 5 };
static struct robust_lock locks[LOCKS];
static volatile int held, may_end;
static unsigned holder;

static long set_list(void *head, size_t size) {
    return syscall(SYS_set_robust_list, head, size);
}

static void test_calls(void) {
    struct head mine = {.first = (void *)&mine}, *got = NULL;
    struct head *before = NULL;
    size_t size = 0;

    CHECK_EQUAL(syscall(SYS_get_robust_list, 0, &before, &size), 0);
    CHECK_FAILS(set_list(&mine, sizeof mine - 1), EINVAL);
    CHECK_FAILS(set_list(&mine, 0), EINVAL);
    CHECK_FAILS(set_list(&mine, sizeof mine + 8), EINVAL);
    CHECK_EQUAL(set_list(&mine, sizeof mine), 0);
    CHECK_EQUAL(syscall(SYS_get_robust_list, 0, &got, &size), 0);
    CHECK(got == &mine && size == sizeof mine);
    got = NULL;
    CHECK_EQUAL(syscall(SYS_get_robust_list, gettid_now(), &got, &size), 0);
    CHECK(got == &mine);
    CHECK_FAILS(syscall(SYS_get_robust_list, 0x3ffffff0, &got, &size), ESRCH);
    CHECK_FAILS(syscall(SYS_get_robust_list, 0, NULL, &size), EFAULT);
    CHECK_FAILS(syscall(SYS_get_robust_list, 0, &got, (void *)8), EFAULT);
    CHECK_FAILS(syscall(SYS_get_robust_list, 0, (void *)-4096, &size), EFAULT);
    CHECK_EQUAL(set_list((void *)8, sizeof mine), 0); /* not looked at yet */
    CHECK_EQUAL(set_list(before, sizeof mine), 0);
}

/* Its list is on its own stack, as in the C library. Lock 3 is only about to be taken, 4 is
 * another's. */
static void *hold(void *argument) {
    static struct head head;
    int self = gettid_now();

    holder = (unsigned)self;
    for (int i = 0; i < LOCKS; i++) {
        locks[i].word = self;
        locks[i].link.next = &locks[i + 1].link;
    }
    locks[4].word = self + 1;
    locks[2].link.next = (void *)&head;
    head = (struct head){&locks[0].link, OFFSET, &locks[3].link};
    CHECK_EQUAL(set_list(&head, sizeof head), 0);
    store(&held, 1);
    CHECK(await(&may_end, 1));
    return argument;
}

/* Of another thread it can be asked; from one that has ended it is gone. */
static void test_others_list(void) {
    struct head *got = NULL;
    size_t size = 0;

    store(&held, 0);
    store(&may_end, 0);
    pthread_t thread = start(hold, NULL);
    CHECK(await(&held, 1));
    CHECK_EQUAL(syscall(SYS_get_robust_list, holder, &got, &size), 0);
    CHECK(got && size == sizeof *got && got->pending == &locks[3].link);
    store(&may_end, 1);
    finish(thread);
    for (int i = 0; i < 2000 && syscall(SYS_tkill, holder, 0) == 0; i++)
        sleep_ms(1);
    CHECK_FAILS(syscall(SYS_get_robust_list, holder, &got, &size), ESRCH);
    CHECK_FAILS(syscall(SYS_get_robust_list, -1, &got, &size), ESRCH);
}

static void test_owner_dies(void) {
    struct sleeper waiting[2], pending;
    struct sleeper example = {.word = &locks[1].word, .shared = 1};

    store(&held, 0);
    store(&may_end, 0);
    pthread_t thread = start(hold, NULL);
    CHECK(await(&held, 1));
    __atomic_fetch_or(&locks[1].word, (int)FUTEX_WAITERS, __ATOMIC_SEQ_CST);
    example.value = load(&locks[1].word);
    sleepers_start(waiting, 2, example);
    __atomic_fetch_or(&locks[3].word, (int)FUTEX_WAITERS, __ATOMIC_SEQ_CST);
    example.word = &locks[3].word;
    example.value = load(&locks[3].word);
    sleepers_start(&pending, 1, example);
    store(&may_end, 1);
    finish(thread);
    CHECK_EQUAL((unsigned)locks[0].word, FUTEX_OWNER_DIED);
    CHECK_EQUAL((unsigned)locks[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
    CHECK_EQUAL((unsigned)locks[2].word, FUTEX_OWNER_DIED);
    CHECK_EQUAL((unsigned)locks[3].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
    CHECK_EQUAL((unsigned)locks[4].word, holder + 1);
    finish(pending.thread);
    CHECK(await(&waiting[0].done, 1));
    sleep_ms(3);
    CHECK_EQUAL(sleepers_done(waiting, 2), 1);
    CHECK_EQUAL(futex(&locks[1].word, FUTEX_WAKE, 9, NULL, NULL, 0), 1);
    sleepers_finish(waiting, 2);
    CHECK(waiting[0].error == 0 && waiting[1].error == 0 && pending.error == 0);
}

/* Unlocking was begun: the word is free already, and the wake-up is still owed. */
static struct head interrupted_head;

static void *stop_while_unlocking(void *argument) {
    interrupted_head = (struct head){(void *)&interrupted_head, OFFSET, &locks[0].link};
    CHECK_EQUAL(set_list(&interrupted_head, sizeof interrupted_head), 0);
    store(&held, 1);
    CHECK(await(&may_end, 1));
    store(&locks[0].word, 0);
    return argument;
}

static void test_pending_unlock(void) {
    struct sleeper waiting;

    store(&held, 0);
    store(&may_end, 0);
    store(&locks[0].word, 77);
    pthread_t thread = start(stop_while_unlocking, NULL);
    CHECK(await(&held, 1));
    sleepers_start(&waiting, 1,
                   (struct sleeper){.word = &locks[0].word, .value = 77, .shared = 1});
    store(&may_end, 1);
    finish(thread);
    finish(waiting.thread);
    CHECK_EQUAL(waiting.error, 0);
    CHECK_EQUAL(locks[0].word, 0);
}

static void *end_with(void *head) {
    CHECK_EQUAL(set_list(head, sizeof(struct head)), 0);
    return NULL;
}

/* Each thread ends, and joining it works. */
static void test_wrong_lists(void) {
    char *page =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct head *near_end = (struct head *)(page + 4096 - 8);
    struct link loop = {&loop}, *unaligned = (struct link *)((char *)&locks[1].link + 1);
    struct link bad_link = {(void *)-4096}, gap = {(void *)(1ul << 50)};
    struct head heads[] = {
        {NULL, OFFSET, NULL},        {(void *)16, OFFSET, NULL},
        {(void *)-16, OFFSET, NULL}, {&loop, 1l << 46, &loop},
        {&loop, -1, NULL},           {unaligned, 0, unaligned},
        {&bad_link, 0, &bad_link},   {&gap, (long)(1ul << 63), NULL},
        {&loop, 8, (void *)3},
    };

    CHECK(page != MAP_FAILED);
    near_end->first = (void *)near_end;
    munmap(page + 4096, 4096);
    for (size_t i = 0; i < LENGTH(heads); i++)
        finish(start(end_with, &heads[i]));
    finish(start(end_with, near_end)); /* the rest of it is not there */
    finish(start(end_with, (void *)8));
    finish(start(end_with, (void *)-8));
    finish(start(end_with, NULL));
    munmap(page, 4096);
    CHECK(loop.next == &loop);
}

/* An endless list is left after 2,048 links, or at the latest some time. */
static void *end_in_a_circle(void *argument) {
    static struct head head;

    locks[0].word = locks[1].word = gettid_now();
    locks[0].link.next = &locks[1].link;
    locks[1].link.next = &locks[0].link;
    head = (struct head){&locks[0].link, OFFSET, NULL};
    CHECK_EQUAL(set_list(&head, sizeof head), 0);
    return argument;
}

static void test_circle(void) {
    finish(start(end_in_a_circle, NULL));
    CHECK_EQUAL((unsigned)locks[0].word, FUTEX_OWNER_DIED);
    CHECK_EQUAL((unsigned)locks[1].word, FUTEX_OWNER_DIED);
}

int main(void) {
    RUN(test_calls);
    RUN(test_others_list);
    RUN(test_owner_dies);
    RUN(test_pending_unlock);
    RUN(test_wrong_lists);
    RUN(test_circle);
    return checks_end();
}
