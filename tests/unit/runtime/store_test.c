/* SPDX-License-Identifier: MIT */
/*
 * xenbus/store.c and watch.c over a fake of request(): transactions are made again as often
 * as it takes and no oftener; what a watch runs is run once for what came since, in the
 * store's thread, and never after its removal.
 */
#include "xenbus/store.h"

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "mm/heap.h"
#include "require.h"
#include "sched/apart.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "test.h"
#include "xen/suspend.h"
#include "xenbus/number.h"
#include "xenbus/request.h"

/* --- the store --------------------------------------------------------------------------
 */

static uint32_t number = 7; /* the next transaction's */
static unsigned conflicts;  /* that its next ends meet */
static char said[200];      /* what it was asked, a letter each */
static char token[20];      /* of the last watch */
static long refusal;        /* of a watch */

void *heap_alloc(size_t size) {
    return calloc(1, size);
}

void heap_free(void *record) {
    free(record);
}

/* What is answered when it is asked for names: to each request the next one. */
static struct {
    const char *bytes;
    long size; /* or an error */
    size_t offset;
} answers[70];
static unsigned asked;

static long directory(uint32_t type, struct wire_part second, char *reply, size_t room) {
    REQUIRE(asked < sizeof answers / sizeof *answers);
    if (type == XS_DIRECTORY)
        REQUIRE(!second.size && !asked);
    else
        REQUIRE(asked && strtoul(second.data, NULL, 10) == answers[asked].offset);
    if (answers[asked].size > 0)
        memcpy(reply, answers[asked].bytes,
               (size_t)answers[asked].size < room ? (size_t)answers[asked].size : room);
    return answers[asked++].size;
}

long request(uint32_t type, uint32_t transaction, struct wire_part first,
             struct wire_part second, char *reply, size_t room) {
    const char *text = first.data;

    REQUIRE(text[first.size - 1] == '\0');
    if (type == XS_DIRECTORY || type == XS_DIRECTORY_PART)
        return directory(type, second, reply, room);
    REQUIRE(!reply && !room);
    if (type == XS_TRANSACTION_END) {
        strcat(said, strcmp(text, "T") ? "x" : ")");
        REQUIRE(transaction == 7);
        return *text == 'T' && conflicts && conflicts-- ? -EAGAIN : 3;
    }
    strcat(said, type == XS_WATCH ? "w" : type == XS_UNWATCH ? "u" : "r");
    if (type == XS_WATCH || type == XS_UNWATCH)
        strcpy(token, second.data);
    return type == XS_WATCH && refusal ? refusal : 3;
}

long request_begin(uint32_t *transaction) {
    strcat(said, "(");
    *transaction = number;
    return 2;
}

static struct wire_request *appended;

void wire_append(struct wire_request *r) {
    REQUIRE(!appended);
    appended = r;
}

void wire_pump(void) {}

static struct suspend_step *step;

void suspend_add(struct suspend_step *s) {
    step = s;
}

bool wire_is_open(void) {
    return true;
}

struct lock wire_lock;
static unsigned others;

static void note_other(const char *of) {
    others += *of == 'A';
}

void (*wire_watched)(const char *token) = note_other;

/* --- the runtime ------------------------------------------------------------------------
 */

static void (*runner)(void); /* the store's thread */
static jmp_buf sleeps;
static unsigned notices;

void scheduler_start(void) {}

bool run_apart(void (*run)(void)) {
    REQUIRE(!runner);
    runner = run;
    return true;
}

void mutex_take(struct mutex *mutex) {
    REQUIRE(!mutex->word++);
}

void mutex_drop(struct mutex *mutex) {
    REQUIRE(!--mutex->word);
}

void ready_notify(struct ready *ready, unsigned events) {
    REQUIRE(events);
    ready->count++;
    notices++;
}

/* What it waits for is for the test to do. */
long ready_sleep(struct ready *ready, uint32_t seen, uint64_t until, bool restarts) {
    REQUIRE(seen == ready->count && !until && restarts);
    longjmp(sleeps, 1);
}

static void let_it_run(void) {
    REQUIRE(runner);
    if (!setjmp(sleeps))
        runner();
}

/* --- transactions -----------------------------------------------------------------------
 */

static unsigned rounds;
static long outcome;

static long body(uint32_t transaction, void *context) {
    REQUIRE(transaction == 7 && context == said);
    rounds++;
    return outcome;
}

static long transact(unsigned with, long result) {
    *said = '\0';
    rounds = 0;
    conflicts = with;
    outcome = result;
    return store_transact(body, said);
}

TEST(transactions) {
    CHECK_EQ(transact(0, 5), 5);
    CHECK_TEXT(said, "()");
    CHECK_EQ(transact(3, 5), 5);
    CHECK_TEXT(said, "()()()()");
    CHECK_EQ(rounds, 4);
    CHECK_EQ(transact(0, -EPERM), -EPERM);
    CHECK_TEXT(said, "(x");
}

static char listed[100];

static void take_names(struct store_names *names, size_t before, const char *piece,
                       size_t size) {
    (void)names;
    REQUIRE(before + size <= sizeof listed);
    memcpy(listed + before, piece, size);
}

static long list_answers(void) {
    struct store_names names = {take_names};

    asked = 0;
    memset(listed, 'x', sizeof listed);
    return store_list(0, "a/path", &names);
}

#define ANSWER(number, text, at)                                                           \
    do {                                                                                   \
        answers[number].bytes = text;                                                      \
        answers[number].size = sizeof text - 1;                                            \
        answers[number].offset = at;                                                       \
    } while (0)

TEST(names) {
    ANSWER(0, "a\0bc\0", 0);
    REQUIRE(list_answers() == 5 && !memcmp(listed, "a\0bc\0x", 6));
    ANSWER(0, "", 0);
    REQUIRE(list_answers() == 0 && *listed == 'x');
    answers[0].size = -ENOENT;
    REQUIRE(list_answers() == -ENOENT);
}

TEST(names_in_parts) {
    answers[0].size = -E2BIG;
    ANSWER(1, "17\0one\0two\0", 0);
    ANSWER(2, "17\0three\0", 8);
    ANSWER(3, "17\0four\0\0", 14);
    REQUIRE(list_answers() == 19 && asked == 4);
    REQUIRE(!memcmp(listed, "one\0two\0three\0four\0x", 20));
    ANSWER(3, "17\0\0", 14);
    REQUIRE(list_answers() == 14 && listed[14] == 'x');
    answers[1].size = -ENOSYS;
    REQUIRE(list_answers() == -E2BIG);
}

TEST(names_that_change_meanwhile) {
    answers[0].size = -E2BIG;
    ANSWER(1, "17\0one\0two\0", 0);
    ANSWER(2, "18\0three\0", 8);
    ANSWER(3, "18\0zero\0", 0);
    ANSWER(4, "18\0four\0\0", 5);
    REQUIRE(list_answers() == 10 && !memcmp(listed, "zero\0four\0", 10));
    for (unsigned i = 1; i < sizeof answers / sizeof *answers; i += 2) {
        ANSWER(i, "1\0a\0", 0);
        if (i + 1 < sizeof answers / sizeof *answers)
            ANSWER(i + 1, "2\0a\0", 2);
    }
    REQUIRE(list_answers() == -EAGAIN);
}

TEST(names_that_make_no_sense) {
    static char large[PAGE_SIZE + 1];

    answers[0].size = -E2BIG;
    ANSWER(1, "", 0);
    REQUIRE(list_answers() == -EIO);
    ANSWER(1, "17\0", 0);
    REQUIRE(list_answers() == -EIO);
    ANSWER(1, "17\0one", 0);
    REQUIRE(list_answers() == -EIO);
    ANSWER(1, "123456789012345678901234\0one\0\0", 0);
    REQUIRE(list_answers() == -EIO);
    answers[1].bytes = large;
    answers[1].size = sizeof large;
    REQUIRE(list_answers() == -EIO);
}

TEST(numbers_that_are_none) {
    static const char *const wrong[] = {"",   "0",          "x",          "7x",
                                        "-7", "4294967296", "99999999999"};
    uint32_t transaction;

    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++)
        CHECK_EQ(store_number(wrong[i]), 0);
    CHECK_EQ(store_number("4294967295"), 4294967295u);
    number = 0;
    CHECK_EQ(store_begin(&transaction), -EIO);
    number = 7;
}

/* --- watches ----------------------------------------------------------------------------
 */

static unsigned runs;
static struct store_watch first, second;

static void run(struct store_watch *watch) {
    CHECK(watch == &first);
    runs++;
}

static void run_and_remove(struct store_watch *watch) {
    runs++;
    wire_watched(token);
    store_watch_remove(watch);
}

static void fire(const char *which) {
    notices = 0;
    wire_watched(which);
}

TEST(watches) {
    char one[20];

    first.run = run;
    CHECK_EQ(store_watch_add(&first, "a"), 0);
    strcpy(one, token);
    CHECK_EQ(store_watch_add(&second, "b"), 0); /* without a run */
    CHECK(strcmp(one, token) && strlen(token) <= WIRE_TOKEN);
    let_it_run();
    CHECK_EQ(runs, 0);

    fire(one);
    fire(one);
    CHECK_EQ(first.ready.count, 2);
    let_it_run();
    CHECK_EQ(runs, 1);
    let_it_run();
    CHECK_EQ(runs, 1);

    fire(token);
    CHECK_EQ(notices, 1);
    CHECK_EQ(second.ready.count, 1);
    fire("A"); /* somebody else's */
    fire("ffff");
    CHECK_EQ(notices, 0);
    let_it_run();
    CHECK_EQ(runs, 1);
    CHECK_EQ(others, 1);

    fire(one);
    store_watch_remove(&first);
    let_it_run();
    CHECK_EQ(runs, 1);
    fire(one);
    CHECK_EQ(notices, 0);
    store_watch_remove(&second);
}

TEST(a_run_removes_its_own_watch) {
    first.run = run_and_remove;
    runs = 0;
    CHECK_EQ(store_watch_add(&first, "c"), 0);
    fire(token);
    let_it_run();
    CHECK_EQ(runs, 1);
    let_it_run();
    CHECK_EQ(runs, 1);
}

TEST(a_watch_that_is_refused) {
    refusal = -EINVAL;
    CHECK_EQ(store_watch_add(&first, "d"), -EINVAL);
    fire(token);
    CHECK_EQ(notices, 0);
}

/* --- a store that has forgotten ---------------------------------------------------------
 */

/* The next watch that it is asked for, "" if there is none. */
static const char *asked_again(void) {
    static char path[8];
    struct wire_request *r = appended;

    if (!r)
        return "";
    REQUIRE(r->head.type == XS_WATCH);
    strcpy(path, r->parts[0].data);
    strcpy(token, r->parts[1].data);
    appended = NULL;
    r->done(r);
    return path;
}

TEST(a_domain_that_was_moved) {
    static struct store_watch watch[3];

    refusal = 0;
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(store_watch_add(&watch[i], (const char *[]){"e", "f", "g"}[i]), 0);
    step->go_on(false);
    CHECK(!appended);
    step->go_on(true);
    CHECK_TEXT(asked_again(), "e");
    fire(token);
    CHECK_EQ(watch[0].ready.count, 1);
    CHECK_TEXT(asked_again(), "f");
    CHECK_TEXT(asked_again(), "g");
    CHECK_TEXT(asked_again(), "");

    step->go_on(true);
    store_watch_remove(&watch[1]); /* before its turn */
    step->go_on(true);             /* before the first is answered */
    CHECK_TEXT(asked_again(), "e");
    CHECK_TEXT(asked_again(), "e");
    CHECK_TEXT(asked_again(), "g");
    CHECK_TEXT(asked_again(), "");
}
