/* SPDX-License-Identifier: MIT */
/*
 * A thread that computes, and with which none competes, is interrupted by no timer: in
 * eight seconds, the guest's timers make at most eight interrupts on any vCPU, though there
 * is a thread that sleeps all the while.
 */
// options: --log debug
// vcpus: 1 2 4
// stdout: computed
// stderr-like: vCPU 0 ran
// stderr-only: (?!.* vCPU ).*|.* vCPU \d ran \d+ us of \d+, .* %, and had [0-8] timer interrupts
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 8 };

static volatile int over;

static void *sleep_through(void *argument) {
    sleep(SECONDS);
    over = 1;
    return argument;
}

int main(void) {
    pthread_t sleeper;

    pthread_create(&sleeper, NULL, sleep_through, NULL);
    while (!over)
        ;
    pthread_join(sleeper, NULL);
    puts("computed");
    return 0;
}
