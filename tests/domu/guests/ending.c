/* SPDX-License-Identifier: MIT */
/*
 * Says "ready", then goes on in the way its first argument names until somebody ends it:
 * from outside, or by SIGTERM or SIGINT, of which it tells.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void note(int signal) {
    got = signal;
}

static void say_ready(void) {
    puts("ready");
    fflush(stdout);
}

static void spin(void) {
    for (;;)
        __asm__ volatile("pause");
}

static void *spin_apart(void *nothing) {
    spin();
    return nothing;
}

/* A handler; 5 if it was called once. */
static int handle(int signal) {
    sigset_t set, old;

    sigaction(signal, &(struct sigaction){.sa_handler = note}, NULL);
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, &old);
    say_ready();
    sigsuspend(&old);
    printf("handled %d\n", (int)got);
    return 5;
}

static int wait_for(int signal) {
    sigset_t set;
    int found = 0;

    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
    say_ready();
    sigwait(&set, &found);
    printf("waited for %d\n", found);
    return 6;
}

int main(int argc, char **argv) {
    const char *way = argc >= 2 ? argv[1] : "";
    pthread_t thread;
    char key;

    if (strcmp(way, "handle") == 0)
        return handle(SIGTERM);
    if (strcmp(way, "interrupt") == 0)
        return handle(SIGINT);
    if (strcmp(way, "wait") == 0)
        return wait_for(SIGTERM);
    if (strcmp(way, "thread") == 0)
        pthread_create(&thread, NULL, spin_apart, NULL);
    if (strcmp(way, "fifo") == 0)
        pthread_setschedparam(pthread_self(), SCHED_FIFO,
                              &(struct sched_param){.sched_priority = 99});
    if (strcmp(way, "ignore") == 0)
        signal(SIGTERM, SIG_IGN);
    if (strcmp(way, "refuse") == 0)
        signal(SIGTERM, note);
    say_ready();
    if (strcmp(way, "read") == 0)
        return read(0, &key, 1) == 1;
    if (strcmp(way, "sleep") == 0)
        return (int)sleep(1000);
    spin();
}
