/* SPDX-License-Identifier: MIT */
/*
 * <atman/xenstore.h>: tells what it reads, writes below its own data/, and waits for what
 * the control domain writes. Ends with 0 if all is as it should be. With an argument it
 * ends while its threads have requests under way.
 */
#include <atman/xenstore.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                 \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            printf("line %d: %s\n", __LINE__, #condition);                                 \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

enum {
    THREADS = 4,
    ROUNDS = 20,
    CHILDREN = 300,
    LARGE = 1500
}; /* more than the ring, less than the quota */

static void tell(const char *path) {
    char value[100];
    long n = atman_xenstore_read(0, path, value, sizeof value);

    REQUIRE(n >= 0 && n < (long)sizeof value && !value[n]);
    printf("%s=%s\n", path, value);
}

static void check_values(void) {
    static char large[LARGE], back[LARGE + 100];
    char small[4] = "xxx";

    memset(large, 'l', sizeof large);
    large[7] = '\0';
    REQUIRE(atman_xenstore_write(0, "data/large", large, sizeof large) == 0);
    REQUIRE(atman_xenstore_read(0, "data/large", back, sizeof back) == LARGE);
    REQUIRE(!memcmp(large, back, LARGE) && !back[LARGE]);
    REQUIRE(atman_xenstore_read(0, "data/large", small, 2) == LARGE);
    REQUIRE(!memcmp(small, "llx", 4));
    REQUIRE(atman_xenstore_write(0, "data/empty", "", 0) == 0);
    REQUIRE(atman_xenstore_read(0, "data/empty", small, 4) == 0 && !*small);
}

static void check_names(void) {
    char names[100];

    REQUIRE(atman_xenstore_write(0, "data/tree/one", "1", 1) == 0);
    REQUIRE(atman_xenstore_write(0, "data/tree/two/deep", "2", 1) == 0);
    long n = atman_xenstore_list(0, "data/tree", names, sizeof names);
    REQUIRE(n == sizeof "one" + sizeof "two");
    REQUIRE(!memcmp(names, "one\0two", 8) || !memcmp(names, "two\0one", 8));
    REQUIRE(atman_xenstore_remove(0, "data/tree") == 0);
    REQUIRE(atman_xenstore_read(0, "data/tree/two/deep", names, 1) == -ENOENT);
}

/* More names than a message holds, which the control domain has written; in their order. */
static void check_many_names(void) {
    static char names[CHILDREN * 40];
    char name[40], few[5000], *at = names;

    long n = atman_xenstore_list(0, "data/many", names, sizeof names);
    REQUIRE(n == (long)CHILDREN * 31);
    for (int i = 0; i < CHILDREN; i++, at += strlen(at) + 1) {
        snprintf(name, sizeof name, "%03d-a-name-that-is-rather-long", i);
        REQUIRE(!strcmp(at, name));
    }
    memset(few, 'x', sizeof few);
    REQUIRE(atman_xenstore_list(0, "data/many", few, 4500) == n);
    REQUIRE(!memcmp(few, names, 4500) && few[4500] == 'x');
    REQUIRE(atman_xenstore_list(0, "data/many", (char *)8ul, 4500) == -EFAULT);
}

static void check_errors(void) {
    char value[10];
    volatile unsigned long nowhere = 8;

    REQUIRE(atman_xenstore_read(0, "data/missing", value, 10) == -ENOENT);
    REQUIRE(atman_xenstore_read(0, "no//path", value, 10) == -EINVAL);
    REQUIRE(atman_xenstore_write(0, "/local/domain/0/name", "me", 2) == -EACCES);
    REQUIRE(atman_xenstore_write(0, "data/x", value, 5000) == -E2BIG);
    REQUIRE(atman_xenstore_read(0, (char *)nowhere, value, 10) == -EFAULT);
    REQUIRE(atman_xenstore_read(0, "name", (char *)nowhere, 10) == -EFAULT);
    REQUIRE(atman_xenstore_end(12345, 1) < 0);
    REQUIRE(atman_xenstore_wait(99, 0) == -EBADF);
    REQUIRE(atman_xenstore_unwatch(99) == -EBADF);
}

/* Adds one to a number, as if at once. */
static void add_one(void) {
    char text[20];
    unsigned t;
    int error;

    do {
        REQUIRE(atman_xenstore_begin(&t) == 0);
        REQUIRE(atman_xenstore_read(t, "data/sum", text, sizeof text) > 0);
        int n = snprintf(text, sizeof text, "%d", atoi(text) + 1);
        REQUIRE(atman_xenstore_write(t, "data/sum", text, (size_t)n) == 0);
        error = atman_xenstore_end(t, 1);
    } while (error == -EAGAIN);
    REQUIRE(error == 0);
}

/* Each has values of its own, and they share a sum. */
static void *work(void *number) {
    char path[40], value[40], back[40];

    for (int i = 0; i < ROUNDS; i++) {
        snprintf(path, sizeof path, "data/thread/%d", (int)(long)number);
        int n = snprintf(value, sizeof value, "%d of %d", i, (int)(long)number);
        REQUIRE(atman_xenstore_write(0, path, value, (size_t)n) == 0);
        REQUIRE(atman_xenstore_read(0, path, back, sizeof back) == n);
        REQUIRE(!strcmp(value, back));
        add_one();
    }
    return NULL;
}

static void check_threads(void) {
    pthread_t threads[THREADS];

    REQUIRE(atman_xenstore_write(0, "data/sum", "0", 1) == 0);
    for (long i = 0; i < THREADS; i++)
        REQUIRE(!pthread_create(&threads[i], NULL, work, (void *)i));
    for (int i = 0; i < THREADS; i++)
        REQUIRE(!pthread_join(threads[i], NULL));
    tell("data/sum");
}

static void check_abandoned(void) {
    char value[10];
    unsigned t;

    REQUIRE(atman_xenstore_begin(&t) == 0);
    REQUIRE(atman_xenstore_write(t, "data/not", "1", 1) == 0);
    REQUIRE(atman_xenstore_read(t, "data/not", value, 10) == 1);
    REQUIRE(atman_xenstore_read(0, "data/not", value, 10) == -ENOENT);
    REQUIRE(atman_xenstore_end(t, 0) == 0);
    REQUIRE(atman_xenstore_read(0, "data/not", value, 10) == -ENOENT);
}

static void *wait_for_end(void *watch) {
    REQUIRE(atman_xenstore_wait((int)(long)watch, -1) == -EBADF);
    return NULL;
}

static void check_unwatch(void) {
    int watch = atman_xenstore_watch("data/never");
    pthread_t thread;

    REQUIRE(watch > 0 && atman_xenstore_wait(watch, -1) == 0);
    REQUIRE(atman_xenstore_wait(watch, 50) == -ETIMEDOUT);
    REQUIRE(!pthread_create(&thread, NULL, wait_for_end, (void *)(long)watch));
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    REQUIRE(atman_xenstore_unwatch(watch) == 0);
    REQUIRE(!pthread_join(thread, NULL));
    REQUIRE(atman_xenstore_unwatch(watch) == -EBADF);
}

/* Until the control domain has written "go". */
static void wait_for_word(void) {
    int watch = atman_xenstore_watch("data/word");
    char word[10] = "";

    REQUIRE(watch > 0);
    puts("ready");
    fflush(stdout);
    while (strcmp(word, "go")) {
        REQUIRE(atman_xenstore_wait(watch, 20000) == 0);
        long n = atman_xenstore_read(0, "data/word", word, sizeof word);
        REQUIRE(n > 0 || n == -ENOENT);
    }
    REQUIRE(atman_xenstore_write(0, "data/heard", word, 2) == 0);
    REQUIRE(atman_xenstore_unwatch(watch) == 0);
}

static void *write_for_ever(void *number) {
    static const char value[LARGE] = "large";
    char path[40];

    snprintf(path, sizeof path, "data/busy/%d", (int)(long)number);
    for (;;)
        REQUIRE(atman_xenstore_write(0, path, value, sizeof value) == 0);
    return NULL;
}

/* What the runtime has half sent then must not spoil its last word, which is the status. */
static void end_meanwhile(const char *way) {
    pthread_t thread;

    for (long i = 0; i < THREADS; i++)
        REQUIRE(!pthread_create(&thread, NULL, write_for_ever, (void *)i));
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    if (strcmp(way, "abort") == 0)
        abort();
    exit(7);
}

int main(int argc, char **argv) {
    char value[10];

    if (argc > 1)
        end_meanwhile(argv[1]);

    if (atman_xenstore_read(0, "domid", value, sizeof value) == -ENODEV) {
        puts("no store");
        return 3;
    }
    tell("domid");
    tell("name");
    check_values();
    check_names();
    check_errors();
    check_threads();
    check_abandoned();
    check_unwatch();
    wait_for_word();
    check_many_names();
    return 0;
}
