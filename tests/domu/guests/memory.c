/* SPDX-License-Identifier: MIT */
/*
 * Tells whenever the domain's size changes, holds memory that it looks after, and uses most
 * of what there is when it has become large. SIGTERM ends it: status 1 if something was
 * wrong.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { MIB = 1 << 20, HELD = 8 * MIB / sizeof(unsigned), LARGE = 50 };

static unsigned *held;
static volatile sig_atomic_t is_over;

static void end(int number) {
    (void)number;
    is_over = 1;
}

static unsigned value(size_t i) {
    return (unsigned)i * 2654435761u;
}

static unsigned count_wrong(const unsigned *words, size_t count) {
    unsigned wrong = 0;

    for (size_t i = 0; i < count; i++)
        wrong += words[i] != value(i);
    return wrong;
}

static void fill(unsigned *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        words[i] = value(i);
}

static unsigned use_much(void) {
    size_t count = (LARGE - 12) * (MIB / sizeof(unsigned));
    unsigned *much = malloc(count * sizeof *much);

    if (!much)
        return 1;
    fill(much, count);
    unsigned wrong = count_wrong(much, count);
    free(much);
    puts("used much");
    return wrong;
}

static void *nothing(void *argument) {
    return argument;
}

int main(int argc, char **argv) {
    unsigned long size = 0, wrong = 0;
    struct sysinfo info;
    pthread_t thread;

    signal(SIGTERM, end);
    held = malloc(HELD * sizeof *held);
    if (!held || (argc > 1 && pthread_create(&thread, NULL, nothing, argv)))
        return 100;
    fill(held, HELD);
    while (!is_over) {
        sysinfo(&info);
        if (info.totalram * info.mem_unit / MIB != size) {
            size = info.totalram * info.mem_unit / MIB;
            printf("%lu MiB\n", size);
            if (size >= LARGE)
                wrong += use_much();
            fflush(stdout);
        }
        wrong += count_wrong(held, HELD);
        usleep(1000);
    }
    if (argc > 1)
        pthread_join(thread, NULL);
    return wrong != 0;
}
