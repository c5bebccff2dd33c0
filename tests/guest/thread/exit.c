/* SPDX-License-Identifier: MIT */
/*
 * How a program with threads ends: exit from any thread, main's return or its pthread_exit,
 * the last thread; others may compute, wait, hold locks or start still more threads.
 */
// native: -pthread
// vcpus: 1 2 4
// case: main returns
// args: return
// stdout: registered
// exit: 3
// case: exit from a thread
// args: exit
// stdout: registered
// exit: 4
// case: _exit from a thread
// args: _exit
// exit: 5
// case: the main thread leaves, and the last one ends the program
// args: leave
// stdout: last
// stdout: registered
// exit: 0
// case: the main thread leaves, and another calls exit
// args: leave-exit
// stdout: registered
// exit: 6
// case: several call exit at once
// args: several
// exit: 7
// case: abort in a thread
// args: abort
// exit: 134
// stderr-like: SIGABRT
// case: a bad access in a thread
// args: crash
// exit: 139
// stderr-like: SIGSEGV
#define _GNU_SOURCE
#include "thread/thread.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int busy;

static void say_registered(void) {
    puts("registered");
}

static void *compute(void *argument) {
    add(&busy, 1);
    for (volatile unsigned long n = 0;; n++)
        ;
    return argument;
}

static void *wait_for_ever(void *argument) {
    add(&busy, 1);
    pthread_mutex_lock(&mutex);
    return argument;
}

static void *nothing(void *argument) {
    return argument;
}

static void *start_more(void *argument) {
    add(&busy, 1);
    for (pthread_t thread;;)
        if (pthread_create(&thread, NULL, nothing, NULL) == 0)
            pthread_join(thread, NULL);
    return argument;
}

static void start_others(void) {
    pthread_mutex_lock(&mutex);
    start(compute, NULL);
    start(compute, NULL);
    start(wait_for_ever, NULL);
    start(wait_for_ever, NULL);
    start(start_more, NULL);
    await(&busy, 5);
}

static void *end(void *word) {
    if (!strcmp(word, "exit"))
        exit(4);
    if (!strcmp(word, "_exit"))
        _exit(5);
    if (!strcmp(word, "leave"))
        sleep_ms(10);
    if (!strcmp(word, "leave-exit"))
        exit(6);
    if (!strcmp(word, "several"))
        _exit(7);
    if (!strcmp(word, "abort"))
        abort();
    if (!strcmp(word, "crash"))
        *(volatile int *)8 = 1;
    puts("last");
    return NULL;
}

int main(int argc, char **argv) {
    char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "several") != 0 && strcmp(word, "abort") != 0 &&
        strcmp(word, "crash") != 0)
        atexit(say_registered);
    if (strcmp(word, "leave") != 0)
        start_others();
    if (!strcmp(word, "return"))
        return 3;
    for (int i = 0; i < (strcmp(word, "several") ? 1 : 5); i++)
        start(end, word);
    if (!strncmp(word, "leave", 5))
        pthread_exit(NULL);
    for (;;)
        pause();
}
