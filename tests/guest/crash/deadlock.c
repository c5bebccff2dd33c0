/* SPDX-License-Identifier: MIT */
/* The only thread waits for what nobody can give: a report, not a hang. */
// flags: -pthread
// exit: 134
// timeout: 30
// case: a lock that it holds
// args: lock
// stderr-like: ^atman: fatal: .* \(SIGABRT\)$
// stderr-like: in wait_for_lock at .*crash/deadlock\.c:@{lock}$
// case: a condition
// args: condition
// stderr-like: ^atman: fatal: .* \(SIGABRT\)$
// stderr-like: in wait_for_condition at .*crash/deadlock\.c:@{condition}$
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

__attribute__((noinline)) static int wait_for_lock(void) {
    pthread_mutex_lock(&lock);
    return pthread_mutex_lock(&lock) + 1; /* here: lock */
}

__attribute__((noinline)) static int wait_for_condition(void) {
    pthread_mutex_lock(&lock);
    return pthread_cond_wait(&condition, &lock) + 1; /* here: condition */
}

int main(int argc, char **argv) {
    return argc > 1 && !strcmp(argv[1], "lock") ? wait_for_lock() : wait_for_condition();
}
