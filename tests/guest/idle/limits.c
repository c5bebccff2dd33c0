/* SPDX-License-Identifier: MIT */
/*
 * A time limit that is not reached costs no interrupt, and a sleep one: two threads that
 * take turns 2000 times, always with a limit, and then sleep 50 times each, are interrupted
 * by a timer about 100 times.
 */
// clock: instructions
// options: --log debug
// vcpus: 1 2
// stdout: done
// stderr-like: vCPU 0 ran
// stderr-only: (?!.* vCPU ).*|.* vCPU \d ran .* %, and had (\d?\d|1[0-3]\d) timer interrupts
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { TURNS = 1000, SLEEPS = 50 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long turn;

static void wait_a_second_at_most(void) {
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec++;
    pthread_cond_timedwait(&changed, &mutex, &t);
}

static void *run(void *argument) {
    long me = (long)argument;

    pthread_mutex_lock(&mutex);
    for (int i = 0; i < TURNS; i++) {
        while (turn != me)
            wait_a_second_at_most();
        turn = !me;
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < SLEEPS; i++) {
        struct timespec t = {0, 3000000 + me * 1234567};
        nanosleep(&t, NULL);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[2];

    for (long i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, run, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    puts("done");
    return 0;
}
