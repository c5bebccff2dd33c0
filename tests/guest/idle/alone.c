/* SPDX-License-Identifier: MIT */
/*
 * A program of one thread that sleeps uses nothing. Its processor time is the hypervisor's
 * account of the vCPU, all of it, from the domain's start.
 */
// clock: instructions
// stdout-like: used 0\.0\d %
#include <stdio.h>
#include <time.h>

enum { SECONDS = 60, PARTS = 10000 };

static long read_clock(clockid_t clock) {
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(void) {
    struct timespec t = {SECONDS, 0};

    nanosleep(&t, NULL);
    long used = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    long parts = used * PARTS / read_clock(CLOCK_MONOTONIC);
    printf("used %ld.%02ld %%\n", parts / 100, parts % 100);
    return 0;
}
