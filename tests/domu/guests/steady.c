/* SPDX-License-Identifier: MIT */
/*
 * Goes on, whatever the toolstack writes to its nodes: one thread uses xenstore, one the
 * first disk, and the main one answers each line that is typed. Errors are fine, what was
 * not written is not: "wrong" is never to be seen. A line that begins with "disk" is
 * answered when that has been read again. Ends with 7 at the line "end".
 */
#include <atman/xenstore.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_ulong rounds, errors, sectors;
static atomic_bool is_over;

static void *use_store(void *nothing) {
    char want[32], got[32];

    for (unsigned long i = 0; !is_over; i++) {
        int size = snprintf(want, sizeof want, "%lu", i);

        if (atman_xenstore_write(0, "data/steady", want, (size_t)size) < 0 ||
            atman_xenstore_read(0, "data/steady", got, sizeof got) < 0)
            errors++;
        else if (strcmp(want, got) != 0)
            printf("wrong: %s, not %s\n", got, want);
        rounds++;
    }
    return nothing;
}

static void *use_disk(void *nothing) {
    char sector[512];

    while (!is_over) {
        int disk = open("/dev/xvda", O_RDONLY);

        if (disk < 0 || read(disk, sector, sizeof sector) != sizeof sector)
            usleep(10000);
        else
            sectors++;
        if (disk >= 0)
            close(disk);
    }
    return nothing;
}

int main(void) {
    void *(*const uses[2])(void *) = {use_store, use_disk};
    pthread_t threads[2];
    char line[64];

    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, uses[i], NULL) != 0)
            return 1;
    while (!sectors)
        usleep(1000);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && strcmp(line, "end\n") != 0) {
        unsigned long before = rounds, read_before = sectors;

        while (rounds == before)
            usleep(1000);
        while (!strncmp(line, "disk", 4) && sectors == read_before)
            usleep(1000);
        printf("here: %s", line);
        fflush(stdout);
    }
    is_over = true;
    pthread_join(threads[0], NULL);
    /* The other may wait for a backend that does not come back. */
    printf("rounds %d, errors %lu, sectors %lu\n", rounds > 0, errors, sectors);
    return 7;
}
