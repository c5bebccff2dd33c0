/* SPDX-License-Identifier: MIT */
/*
 * Traces of several threads on several vCPUs: each line is whole, and a call that waits is
 * resumed by its thread.
 */
// flags: -fatman-trace
// stdout: 4 threads, 80 calls
// case: one vCPU
// options: --trace=clone,futex,exit,exit_group
// stderr-like: ^atman: \[1\] \d+\.\d{6} clone\(CLONE_VM\|.*, 0x[0-9a-f]+(\) = 2 <\d+\.\d{6}>| <unfinished \.\.\.>)$
// stderr-like: ^atman: \[1\] \d+\.\d{6} exit_group\(0\) = \?$
// case: four vCPUs
// options: --vcpus 4 --trace=clone,close,exit_group --summary=close
// stderr-like: ^atman: \[1\] \d+\.\d{6} clone\(CLONE_VM\|.*, 0x[0-9a-f]+(\) = 2 <\d+\.\d{6}>| <unfinished \.\.\.>)$
// stderr-like: ^atman: \[1\] \d+\.\d{6} exit_group\(0\) = \?$
// stderr-like: ^atman: +\d+\.\d\d +\d+\.\d{6} +\d+ +80 +80 close$
// stderr-only: ^atman: (\[[1-5]\] \d+\.\d{6} (clone\(.*|exit_group\(0\) = \?|close\(100(\) = -1 EBADF <.*>| <unfinished \.\.\.>)|<\.\.\. (clone|close) resumed>.* <.*>)| *[%\d-].*)$
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 4, CALLS = 20 };

static void *run(void *calls) {
    for (int i = 0; i < CALLS; i++) {
        close(100);
        ++*(int *)calls;
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    int calls[THREADS] = {0}, sum = 0;

    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, &calls[i]))
            return 1;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += calls[i];
    }
    printf("%d threads, %d calls\n", THREADS, sum);
    return 0;
}
