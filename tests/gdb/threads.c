/* SPDX-License-Identifier: MIT */
/* A thread that waits, one that never does, and main, which stops for gdb to look. */
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile long counter;

static void *wait_for_mutex(void *argument) {
    volatile long wanted = (long)argument;

    pthread_mutex_lock(&mutex);
    counter += wanted;
    return NULL;
}

static void *spin(void *argument) {
    volatile long step = (long)argument;

    for (;;)
        counter += step;
    return NULL;
}

void look_around(void) __attribute__((noinline));

void look_around(void) {
    counter++;
}

int main(void) {
    pthread_t threads[2];

    pthread_mutex_lock(&mutex);
    pthread_create(&threads[0], NULL, wait_for_mutex, (void *)4711L);
    pthread_create(&threads[1], NULL, spin, (void *)42L);
    usleep(50000);
    look_around();
    sleep(1000);
    return 0;
}
